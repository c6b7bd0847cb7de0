import { type Fox, expect, foxStory } from "./support/firefox.ts";
import { expectNothingKept, kindsOfKeys } from "./support/kept.ts";
import { enter, keeps } from "./support/phrase.ts";
import { found } from "./support/profile.ts";

const wordsIn = (fox: Fox): Promise<string[]> =>
  fox.page.$$eval("ol.note li", (items) => items.map((item) => (item as HTMLElement).innerText));

/** Takes seven words, writes two of them again as the page asks, and waits until they are kept. */
async function keepsIn(fox: Fox): Promise<readonly string[]> {
  await fox.press("code.words");
  await fox.page.waitForSelector("ol.note li");
  const words = await wordsIn(fox);
  await fox.press("code.written");
  await fox.sees("code.check");
  for (const field of await fox.page.$$(".field")) {
    const place = Number(/\d+/.exec(await field.$eval("label", (label) => label.innerText))?.[0]);
    await (await field.$("input"))!.type(words[place - 1] ?? "");
  }
  await fox.press("common.next");
  await fox.sees("code.stands");
  return words;
}

async function entersIn(fox: Fox, typed: string): Promise<void> {
  await fox.press("start.hascode");
  await fox.sees("code.enter");
  await fox.page.waitForSelector("textarea", { visible: true });
  await fox.page.$eval("textarea", (field) => (field.focus(), field.select()));
  await fox.page.keyboard.type(typed);
  await fox.press("code.go");
}

foxStory(
  "Firefox: comes back the next day from a library computer",
  async ({ coordinator, foxProfile, openFirefox, redis, server, someone }) => {
    const sara = await coordinator("Sara");
    const he = await someone();
    await he.begin();
    await he.answer("who.h1", "who.ask");
    await he.answer("chan.h1", "chan.msg");
    await he.open("jag kan inte skriva mer i dag");
    const words = await keeps(he);
    await he.page.context().close();
    await sara.open();
    await sara.claim();
    await sara.write("Jag är här i morgon också.");

    const library = await openFirefox();
    await library.page.goto(server.visitor);
    await entersIn(library, words.join(" "));
    await expect.poll(library.seen, { timeout: 30_000 }).toContain("Jag är här i morgon också.");
    expect(await library.seen()).toContain("jag kan inte skriva mer i dag");
    await library.write("nu är jag här igen");
    await expect(sara.thread.last()).toHaveText("nu är jag här igen");
    await library.leave();
    await library.quit();
    // A library's browser is everybody's: nothing of it is in the profile, the words of the code included.
    const secrets = [
      "jag kan inte skriva mer i dag",
      "Jag är här i morgon också.",
      "nu är jag här igen",
      words.join(" "),
    ];
    expect(found(foxProfile, secrets)).toEqual([]);
    await expectNothingKept(redis, server, secrets);
    expect(await kindsOfKeys(redis), "the code still opens it elsewhere").toContain("u:{}:b:");
  },
);

foxStory("Firefox: types the phrase with two slips", async ({ coordinator, openFirefox, server, someone }) => {
  await coordinator("Sara");
  const she = await someone();
  await she.ask("det gäller min bror");
  const words = await keeps(she);
  await she.page.context().close();

  const later = await openFirefox();
  await later.page.goto(server.visitor);
  const slipped = words.map((word, i) =>
    i === 1 ? `${word}x` : i === 4 ? `${word.slice(0, -2)}${word.at(-1)}${word.at(-2)}` : word.toUpperCase(),
  );
  await entersIn(later, slipped.join(" "));
  for (const i of [1, 4]) {
    if (slipped[i] === words[i]) continue;
    const pick = await later.page.waitForSelector(
      `::-p-xpath(//*[contains(@class,"picks")]//button[normalize-space()=${JSON.stringify(words[i])}])`,
    );
    await pick!.click();
  }
  await later.press("code.go");
  await expect.poll(later.seen, { timeout: 30_000 }).toContain("det gäller min bror");
  await later.sees("code.stands");
});

foxStory("Firefox: somebody else finds the phrase", async ({ coordinator, openFirefox, redis, server, someone }) => {
  const sara = await coordinator("Sara");
  const she = await openFirefox();
  await she.page.goto(server.visitor);
  await she.ask("ingen får veta att jag skriver");
  const words = await keepsIn(she);
  await sara.open();
  await sara.claim();
  await sara.write("Hej. Du är inte ensam.");
  await expect.poll(she.seen).toContain("Du är inte ensam.");

  const finder = await someone();
  await enter(finder, words.join(" "));
  await finder.press("code.go");
  await expect(finder.thread).toHaveText(["ingen får veta att jag skriver", "Hej. Du är inte ensam."]);
  await she.sees("trouble.elsewhere");
  expect(await she.seen(), "nothing of it is left where it was open").not.toMatch(/ingen får veta|inte ensam/);
  expect(await she.page.$$eval("textarea", (fields) => fields.length)).toBe(0);

  await she.press("chat.clear");
  await entersIn(she, words.join(" "));
  await expect.poll(she.seen, { timeout: 30_000 }).toContain("Du är inte ensam.");
  await expect(finder.sees("trouble.elsewhere")).toBeVisible();
  await she.press("chat.end");
  await she.press("chat.end.now");
  await she.sees("chat.done");
  expect((await kindsOfKeys(redis)).filter((kind) => /[bm]:$/.test(kind))).toEqual([]);
});

foxStory("Firefox: the coordinator has gone home", async ({ coordinator, openFirefox, server }) => {
  const [sara, omar] = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
  const he = await openFirefox();
  await he.page.goto(server.visitor);
  await he.ask("jag har inte berättat för någon");
  const words = await keepsIn(he);
  await sara.open();
  await sara.claim();
  await sara.write("Jag är här till klockan fem.");
  await expect.poll(he.seen).toContain("till klockan fem.");
  await he.leave();
  await sara.press("desk.menu");
  await sara.press("desk.menu.signout");
  await expect(sara.sees("desk.out.h1")).toBeVisible();

  await he.page.goto(server.visitor);
  await entersIn(he, words.join(" "));
  await he.sees("chat.gone", { alias: "Sara" });
  await expect(omar.page.getByText("Jag är här till klockan fem.")).toHaveCount(0);
  await he.press("chat.invite");
  await omar.open();
  await expect(omar.conversation).toContainText("Jag är här till klockan fem.");
  await omar.claim();
  await omar.write("Jag heter Omar.");
  await expect.poll(he.seen, { timeout: 30_000 }).toContain("Jag heter Omar.");
  await sara.unlock();
  await expect(sara.page.getByText("Jag heter Omar.")).toHaveCount(0);
});
