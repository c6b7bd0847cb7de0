import { expectEveryKeyEnds, kindsOfKeys } from "./support/kept.ts";
import { expect, story } from "./support/story.ts";

story("a young man writes and is answered", async ({ coordinator, someone, redis }) => {
  const sara = await coordinator("Sara");
  const he = await someone();
  await expect(he.sees("start.now")).toBeVisible();

  await he.begin();
  await he.answer("who.h1", "who.self");
  await he.answer("dng.h1", "dng.soon");
  await expect(he.page.getByRole("link", { name: "112" }).first()).toBeVisible();
  await he.read("dng.soon.p");
  await he.answer("scr.h1", "scr.maybe");
  await he.read("scr.tips");
  await he.answer("age.h1", "age.1517");
  await he.read("minor.h1");
  await he.answer("place.h1");
  await he.answer("need.h1", "need.home", "need.talk");
  await he.answer("chan.h1", "chan.chat");
  await expect(he.sees("send.readers", { n: 1 })).toBeVisible();
  await expect(he.sees("send.none")).toBeVisible();
  expect(he.watch.requests.filter((request) => request.includes("ws:"))).toEqual([]);

  await he.open("jag kan inte bo kvar, de kommer hem till oss");
  await expect(he.delivery("jag kan inte bo kvar, de kommer hem till oss")).toHaveText(he.says("chat.sent"));
  await expect(he.sees("wait.sent")).toBeVisible();
  await expectEveryKeyEnds(redis);

  // Before she opens it she sees how urgent it is, and why.
  const row = sara.rows.first();
  await expect(row).toContainText(sara.says("desk.priority.1"));
  await expect(row).toContainText(sara.says("desk.a.who.self"));
  await expect(row).toContainText(sara.says("dng.soon"));
  await expect(row).toContainText(sara.says("age.1517"));
  await expect(row).toContainText(sara.says("need.home"));
  await expect(row).toContainText("Svenska");
  await expect(row).toContainText(sara.says("desk.wait.now"));
  await expect(row).not.toContainText("bo kvar");

  await sara.open();
  await expect(sara.thread).toHaveText(["jag kan inte bo kvar, de kommer hem till oss"]);
  await expect(sara.conversation).toContainText(
    sara.says("desk.summary.why", {
      priority: sara.says("desk.priority.1"),
      reasons: ["soon", "minor", "home"].map((reason) => sara.says(`desk.reason.${reason}`)).join(", "),
    }),
  );
  await sara.claim();
  await expect(he.sees("chat.join", { alias: "Sara" })).toBeVisible();
  await expect(he.delivery("jag kan inte bo kvar, de kommer hem till oss")).toHaveText(he.says("chat.received"));

  const said = ["jag kan inte bo kvar, de kommer hem till oss"];
  for (const [question, answer] of [
    ["Hej. Bra att du skriver. Kan du skriva utan att någon ser?", "ja, är på toaletten i skolan"],
    ["Har du någonstans att sova i natt?", "kanske hos en kompis 😔"],
    ["Vi kan ordna något. Vill du det?", "ja <b>snälla</b> & fort"],
  ] as const) {
    await sara.write(question);
    await expect(he.thread.last()).toHaveText(question);
    await expect(sara.delivery(question)).toHaveText(sara.says("desk.delivery.received"));
    await he.write(answer);
    await expect(sara.thread.last()).toHaveText(answer);
    await expect(he.delivery(answer)).toHaveText(he.says("chat.received"));
    said.push(question, answer);
  }
  await expect(sara.thread).toHaveText(said);
  await expectEveryKeyEnds(redis);

  await sara.end();
  await expect(sara.conversation).toContainText(`${sara.says("desk.ended.staff")} ${sara.says("desk.ended.deleted")}`);
  await expect(he.sees("chat.left")).toBeVisible();
  await expect(he.sees("chat.done")).toBeVisible();

  // Gone at the server but for the mark that it ended; his text is his, until he takes it away.
  expect(await kindsOfKeys(redis)).toEqual(["u:kp:", "u:on:", "u:{}:t:"]);
  await expectEveryKeyEnds(redis);
  await expect(he.thread.filter({ hasText: "kompis" })).toBeVisible();
  await expect(he.sees("chat.kept")).toBeVisible();
  await he.press("chat.clear");
  await expect(he.page.getByRole("heading", { level: 1 })).toHaveText(he.says("start.h1"));
  await expect(he.page.getByText("kompis")).toHaveCount(0);
  await sara.press("desk.clear");
  await expect(sara.sees("desk.list.empty")).toBeVisible();
  await expect(sara.page.getByText("kompis")).toHaveCount(0);
});
