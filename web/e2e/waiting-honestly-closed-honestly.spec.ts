import { expect, story } from "./support/story.ts";

story(
  "a message is left while nobody is there, and answered while the page is still open",
  async ({ coordinator, someone }) => {
    const sara = await coordinator("Sara");
    await sara.press("desk.menu");
    await sara.press("desk.menu.signout");
    await expect(sara.sees("desk.out.h1")).toBeVisible();

    // The answer of /status may be some seconds old; the page asks once, and every five minutes.
    const she = await someone();
    await expect(async () => {
      await she.page.reload();
      await expect(she.sees("start.closed.msg")).toBeVisible({ timeout: 2000 });
    }).toPass();
    await she.begin();
    await she.answer("who.h1", "who.ask");
    await expect(she.page.getByRole("heading", { level: 1 })).toHaveText(she.says("chan.h1"));
    await expect(she.page.getByRole("button", { name: she.says("chan.chat"), exact: true })).toHaveCount(0);
    await she.press("chan.msg");
    await expect(she.sees("send.code")).toBeVisible();
    await she.open("kan någon ringa mig nästa vecka");
    await expect(she.sees("wait.msg")).toBeVisible();
    await expect(she.delivery("kan någon ringa mig nästa vecka")).toHaveText(she.says("chat.sent"));
    await expect(she.page.getByRole("button", { name: she.says("chat.call"), exact: true })).toBeVisible();

    await sara.unlock();
    await sara.open();
    await sara.claim();
    await sara.write("Hej. Jag läste det nyss.");
    await expect(she.sees("chat.join", { alias: "Sara" })).toBeVisible();
    await expect(she.thread).toHaveText(["kan någon ringa mig nästa vecka", "Hej. Jag läste det nyss."]);
    await expect(she.sees("wait.msg")).toHaveCount(0);

    // Whoever signs out in mid-conversation finds it again.
    await sara.press("desk.menu");
    await expect(sara.sees("desk.menu.signout.own")).toBeVisible();
    await sara.press("desk.menu.signout");
    await she.write("tack, jag väntar");
    await expect(she.delivery("tack, jag väntar")).toHaveText(she.says("chat.sent"));
    await sara.unlock();
    await sara.open();
    await expect(sara.thread.last()).toHaveText("tack, jag väntar");
    await expect(she.delivery("tack, jag väntar")).toHaveText(she.says("chat.received"));
  },
);

story("while no device has keys, the page says so and gives the telephone instead", async ({ someone }) => {
  const he = await someone();
  await expect(he.sees("start.closed.all")).toBeVisible();
  await he.begin();
  await he.answer("who.h1", "who.ask");
  await expect(he.page.getByRole("heading", { level: 1 })).toHaveText(he.says("chan.h1"));
  for (const way of ["chan.chat", "chan.msg"])
    await expect(he.page.getByRole("button", { name: he.says(way), exact: true })).toHaveCount(0);
  await he.press("chan.call");
  await expect(he.page.getByRole("link", { name: "116 111" })).toHaveAttribute("href", "tel:116111");
  expect(he.watch.requests.filter((request) => request.includes("ws:"))).toEqual([]);
});

story("whoever waits long is told so, and never a time that nobody knows", async ({ coordinator, someone }) => {
  await coordinator("Sara");
  const he = await someone();
  await he.page.clock.install();
  // A page that runs while its clock is taken may read the year 1970, and rightly call that wrong.
  await he.page.reload();
  await he.ask("är någon där");
  await expect(he.sees("wait.sent")).toBeVisible();
  await expect(he.sees("wait.unknown")).toBeVisible();
  await he.page.clock.fastForward("02:05");
  await expect(he.sees("wait.soon")).toBeVisible();
  await he.page.clock.fastForward("08:10");
  await expect(he.sees("wait.late")).toBeVisible();
  await he.press("chat.call");
  await expect(he.page.getByRole("link", { name: "112" }).first()).toBeVisible();
  await he.press("common.back");
  await expect(he.sees("wait.late")).toBeVisible();
});
