import { kindsOfKeys } from "./support/kept.ts";
import { enter, keeps } from "./support/phrase.ts";
import { expect, story } from "./support/story.ts";

story("finds somebody else's phrase", async ({ coordinator, someone, redis }) => {
  const sara = await coordinator("Sara");
  const she = await someone();
  await she.ask("ingen får veta att jag skriver");
  const words = await keeps(she);
  await sara.open();
  await sara.claim();
  await sara.write("Hej. Du är inte ensam.");
  await expect(she.thread.last()).toHaveText("Hej. Du är inte ensam.");

  // All of the words in another order are worth nothing, and are answered like a code that never was.
  const finder = await someone();
  await enter(finder, [...words].reverse().join(" "));
  await finder.press("code.go");
  await expect(finder.sees("code.bad")).toBeVisible();
  // This server began with an empty store: what was kept before it is lost, and the answer says so, whatever was typed.
  const born = Number(await redis.command("GET", "u:born"));
  await expect(finder.sees("code.emptied", { date: new Date(born * 1000).toISOString().slice(0, 10) })).toBeVisible();
  expect(await finder.page.locator("body").innerText()).not.toContain("Sara");

  // Whoever has all of it reads, as the page has said; and the one whose it is sees that at once.
  await finder.page.getByRole("textbox").fill(words.join(" "));
  await finder.press("code.go");
  await expect(finder.thread).toHaveText(["ingen får veta att jag skriver", "Hej. Du är inte ensam."]);
  await expect(she.sees("trouble.elsewhere")).toBeVisible();
  // Nothing of it is left where it was open: not on the screen, and not to be sent from there.
  await expect(she.page.getByText("ingen får veta att jag skriver")).toHaveCount(0);
  await expect(she.page.getByText("Du är inte ensam")).toHaveCount(0);
  await expect(she.page.getByRole("textbox")).toHaveCount(0);

  // She takes it back with the same words, changes them, and the finder has nothing.
  await she.press("chat.clear");
  await enter(she, words.join(" "));
  await she.press("code.go");
  await expect(she.thread).toHaveText(["ingen får veta att jag skriver", "Hej. Du är inte ensam."]);
  await expect(finder.sees("trouble.elsewhere")).toBeVisible();
  await expect(finder.page.getByText("Du är inte ensam")).toHaveCount(0);
  await she.press("code.change");
  const changed = await keeps(she);
  expect(changed).not.toEqual(words);
  expect((await redis.everything()).filter(({ name }) => /^u:\{\d\d\}:b:/.test(name.toString("latin1")))).toHaveLength(
    1,
  );
  await finder.press("chat.clear");
  await enter(finder, words.join(" "));
  await finder.press("code.go");
  await expect(finder.sees("code.bad")).toBeVisible();

  await she.write("nu är det bara jag");
  await expect(sara.thread.last()).toHaveText("nu är det bara jag");
  await she.end();
  await expect(she.sees("chat.done")).toBeVisible();
  expect((await kindsOfKeys(redis)).filter((kind) => /[bm]:$/.test(kind))).toEqual([]);
});
