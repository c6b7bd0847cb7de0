import { expect, story } from "./support/story.ts";

story("a mother asks for her son, in English, on a small phone", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const she = await someone("en", { viewport: { width: 360, height: 640 }, hasTouch: true });
  const fits = async (): Promise<void> =>
    expect(
      await she.page.evaluate(() => document.documentElement.scrollWidth),
      "nothing is wider than the phone",
    ).toBeLessThanOrEqual(360);
  await expect(she.page.getByRole("heading", { level: 1 })).toHaveText(she.says("start.h1"));
  await fits();

  await she.begin();
  await she.answer("who.h1", "who.rel");
  await fits();
  await she.answer("dng.h1", "common.dontknow");
  await she.answer("scr.h1", "common.no");
  await she.answer("rel.h1", "rel.child");
  await she.answer("rel.age.h1", "common.no");
  // She had thought of her other son: back, and another answer.
  await expect(she.page.getByRole("heading", { level: 1 })).toHaveText(she.says("rel.aware.h1"));
  await she.press("common.back");
  await she.answer("rel.age.h1", "common.yes");
  await she.answer("rel.aware.h1", "common.no");
  await she.answer("place.h1", "place.here");
  await fits();
  await she.answer("rel.want.h1", "rel.want.talk", "rel.want.safe");
  await she.read("rel.h2");
  await she.answer("chan.h1", "chan.chat");
  await expect(she.page.getByRole("definition").filter({ hasText: she.says("rel.child") })).toBeVisible();
  await fits();

  // A name is noticed before it is sent, and only here.
  const field = she.page.getByLabel(she.says("send.text"));
  await field.fill("My son is called Farid and he does not come home");
  await she.press("chat.send");
  await expect(she.sees("warn.h1")).toBeVisible();
  await expect(she.sees("warn.name")).toBeVisible();
  await fits();
  await she.press("warn.change");
  await expect(field).toHaveValue("My son is called Farid and he does not come home");
  expect(she.watch.requests.filter((request) => request.includes("ws:"))).toEqual([]);
  await she.open("My son does not come home, and I found money");
  await expect(she.sees("wait.sent")).toBeVisible();
  await fits();

  await expect(sara.rows.first()).toContainText(sara.says("desk.a.who.rel"));
  await expect(sara.rows.first()).toContainText(sara.says("desk.a.rel.child"));
  await expect(sara.rows.first()).toContainText(sara.says("desk.reason.minor"));
  await expect(sara.rows.first()).toContainText("English");
  await sara.open();
  await expect(sara.thread).toHaveText(["My son does not come home, and I found money"]);
  await sara.claim();
  await expect(she.sees("chat.join", { alias: "Sara" })).toBeVisible();

  // A ready reply comes in the language that she reads; before it goes, both are seen.
  await sara.press("desk.phrases.button");
  await sara.page.getByRole("searchbox").fill("ditt FEL");
  await sara.page
    .getByRole("dialog")
    .getByRole("button", { name: sara.says("pb.notyourfault") })
    .click();
  await expect(sara.page.getByRole("dialog").locator(".bubble")).toHaveText([
    she.says("pb.notyourfault"),
    sara.says("pb.notyourfault"),
  ]);
  await sara.press("desk.phrases.send");
  await expect(she.thread.last()).toHaveText(she.says("pb.notyourfault"));
  await she.write("Thank you. How do I talk to him?");
  await expect(sara.thread.last()).toHaveText("Thank you. How do I talk to him?");
  await expect(she.delivery("Thank you. How do I talk to him?")).toHaveText(she.says("chat.received"));
  await fits();

  // She reads about secrecy in the middle of it, and comes back to where she was.
  await she.draft("and my");
  await she.press("start.limits");
  await expect(she.page.getByRole("heading", { level: 1 })).toHaveText(she.says("lim.h1"));
  await she.press("common.back");
  await expect(she.composer).toHaveValue("and my");
  await expect(she.thread.last()).toHaveText("Thank you. How do I talk to him?");

  await she.end();
  await expect(she.sees("chat.done")).toBeVisible();
  await expect(sara.conversation).toContainText(
    `${sara.says("desk.ended.visitor")} ${sara.says("desk.ended.deleted")}`,
  );
  await fits();
});
