import { expectEveryKeyEnds, kindsOfKeys } from "./support/kept.ts";
import { expect, story } from "./support/story.ts";

story("a visitor ends and everything is gone", async ({ coordinator, someone, redis }) => {
  const idle = ["u:kp:", "u:on:"];
  const sara = await coordinator("Sara");
  expect(await kindsOfKeys(redis)).toEqual(idle);
  const he = await someone();
  await he.begin();
  await he.answer("who.h1", "who.self");
  await he.answer("dng.h1", "dng.now");
  await expect(he.page.getByRole("heading", { level: 1 })).toHaveText(he.says("dng.now.h1"));
  await he.press("dng.now.go");
  // Answers alone leave nothing anywhere.
  expect(await kindsOfKeys(redis)).toEqual(idle);

  await he.open("de står utanför porten");
  await expect(he.delivery("de står utanför porten")).toHaveText(he.says("chat.sent"));
  expect(await kindsOfKeys(redis)).toEqual(
    expect.arrayContaining([...idle, "u:{}:due", "u:{}:e:", "u:{}:m:", "u:{}:w:"].sort()),
  );
  await expectEveryKeyEnds(redis);

  await sara.open();
  await expect(sara.conversation).toContainText(sara.says("desk.claim.danger"));
  await sara.claim();
  await sara.write("Ring 112. Jag kan inte skicka hjälp, för jag vet inte var du är.");
  await expect(he.thread.last()).toHaveText("Ring 112. Jag kan inte skicka hjälp, för jag vet inte var du är.");
  await expectEveryKeyEnds(redis);

  // Asked first: one tap too many must not end it.
  await he.press("chat.end");
  await expect(he.sees("chat.end.h1")).toBeVisible();
  await he.press("chat.end.stay");
  await expect(he.composer).toBeVisible();
  await he.end();
  await expect(he.sees("chat.done")).toBeVisible();
  await expect(he.composer).toHaveCount(0);
  await expect(sara.conversation).toContainText(sara.says("desk.ended.visitor"));
  await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));

  // Only the mark that a mailbox of this name has ended is left, and the mark has an end itself.
  await expect.poll(() => kindsOfKeys(redis)).toEqual([...idle, "u:{}:t:"]);
  for (const { name, values } of await redis.everything()) {
    if (/:t:/.test(name.toString("latin1")))
      expect(Buffer.concat(values).length, "the mark says next to nothing").toBeLessThanOrEqual(16);
  }
  await expectEveryKeyEnds(redis);

  // Leaving empties the page before another is asked for.
  await he.leave();
  expect(await he.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  await sara.press("desk.clear");
  await expect(sara.page.getByText("porten")).toHaveCount(0);
});

story(
  "whoever closes the page without ending leaves nothing readable, and everything ends by itself",
  async ({ coordinator, someone, redis }) => {
    const sara = await coordinator("Sara");
    const he = await someone();
    await he.ask("måste gå nu");
    await sara.open();
    await sara.claim();
    await sara.write("Kom tillbaka när du vill.");
    await expect(he.thread.last()).toHaveText("Kom tillbaka när du vill.");
    await he.page.close();
    await expectEveryKeyEnds(redis);
    const day = 24 * 60 * 60 * 1000;
    for (const { name, ttl } of await redis.everything()) {
      if (/:[mew]:/.test(name.toString("latin1"))) expect(ttl).toBeLessThanOrEqual(day);
    }
    await sara.end();
    await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));
    expect(await kindsOfKeys(redis)).toEqual(["u:kp:", "u:on:", "u:{}:t:"]);
  },
);
