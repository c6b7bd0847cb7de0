import { expectEveryKeyEnds, expectNothingKept, kindsOfKeys } from "./support/kept.ts";
import { enter, keeps, wordsOf } from "./support/phrase.ts";
import { expect, story } from "./support/story.ts";

story("comes back the next day from a library computer", async ({ coordinator, someone, redis, server }) => {
  const [sara, omar] = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
  const he = await someone();
  await he.begin();
  await he.answer("who.h1", "who.ask");
  await he.answer("chan.h1", "chan.msg");
  await he.open("jag kan inte skriva mer i dag");
  await expect(he.delivery("jag kan inte skriva mer i dag")).toHaveText(he.says("chat.sent"));
  await expect(he.sees("page.nocode")).toBeVisible();
  const words = await keeps(he);
  await expect(he.sees("code.stands")).toBeVisible();
  // A blob lies at the relay, and nothing that tells whose it is.
  expect(await kindsOfKeys(redis)).toContain("u:{}:b:");
  await he.page.context().close();

  // Hours later somebody has time. The answer waits.
  await sara.open();
  await sara.claim();
  await sara.write("Jag är här i morgon också. Skriv när du kan.");
  await expectEveryKeyEnds(redis);

  const library = await someone("sv", { viewport: { width: 1280, height: 800 } });
  await enter(library, words.join(" "));
  await library.press("code.go");
  await expect(library.thread).toHaveText([
    "jag kan inte skriva mer i dag",
    "Jag är här i morgon också. Skriv när du kan.",
  ]);
  await expect(library.sees("code.stands")).toBeVisible();
  await expect(library.sees("code.ask")).toHaveCount(0);
  await library.write("nu är jag här igen");
  await expect(sara.thread.last()).toHaveText("nu är jag här igen");
  await expect(library.delivery("nu är jag här igen")).toHaveText(library.says("chat.received"));
  await sara.write("Bra!");
  await expect(library.thread.last()).toHaveText("Bra!");
  // Said once, from whichever device: now the coordinator may speak of the code.
  await expect(library.sees("chat.told")).toHaveCount(1);
  await expect(sara.sees("desk.event.code")).toHaveCount(1);
  await sara.reply("gosafe");
  await expect(library.thread.last()).toHaveText(library.says("pb.gosafe"));

  // Omar could read what came before the claim and, at most, while nobody was there; not what is said now.
  await expect(omar.page.getByText("nu är jag här igen")).toHaveCount(0);

  await library.end();
  await expect(library.sees("chat.done")).toBeVisible();
  expect((await kindsOfKeys(redis)).filter((kind) => kind === "u:{}:b:" || kind === "u:{}:m:")).toEqual([]);
  await expectNothingKept(redis, server, [
    ...he.written,
    ...library.written,
    ...sara.written,
    words.join(" "),
    ...words.filter((word) => word.length > 5),
  ]);
  expect(await wordsOf(library)).toEqual([]);

  // The code opens nothing any more.
  const late = await someone();
  await enter(late, words.join(" "));
  await late.press("code.go");
  await expect(late.sees("code.bad")).toBeVisible();
});
