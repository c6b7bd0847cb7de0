import { kindsOfKeys } from "./support/kept.ts";
import { leave, neutralTitle } from "./support/neutral.ts";
import { enter, keeps } from "./support/phrase.ts";
import { type Coordinator, expect, story, type Visitor } from "./support/story.ts";

/** A conversation in which one has answered and the other is in the middle of a sentence. */
async function midSentence(sara: Coordinator, he: Visitor): Promise<void> {
  await he.ask("de vet inte att jag skriver");
  await sara.open();
  await sara.claim();
  await sara.write("Bra att du skriver. Är du ensam nu?");
  await expect(he.thread.last()).toHaveText("Bra att du skriver. Är du ensam nu?");
  await he.draft("nej vänta det kommer nå");
}

story("someone takes the phone in mid-sentence @phone", async ({ coordinator, redis, server, someone }) => {
  const sara = await coordinator("Sara");
  const he = await someone();
  // As from a link on the kommun's page.
  await he.page.goto(leave);
  await he.page.goto(server.visitor);
  await midSentence(sara, he);

  // The very task of the tap empties the page; nothing has been asked of the network yet.
  const left = await he.page.evaluate(() => {
    const fields = [...document.querySelectorAll("textarea")];
    document.querySelector<HTMLElement>("header .leave")!.click();
    return {
      page: document.body.innerText,
      elements: document.body.querySelectorAll("*").length,
      fields: fields.map(({ value }) => value),
    };
  });
  expect(left).toEqual({ page: he.says("exit.overlay"), elements: 1, fields: [""] });
  await expect(he.page).toHaveTitle(neutralTitle);
  expect(he.page.url()).toBe(leave);

  // Back leads to where they came from, past us.
  await he.page.goBack();
  await expect(he.page).toHaveTitle(neutralTitle);
  await he.page.goForward();
  await expect(he.page).toHaveTitle(neutralTitle);

  // Nobody can go on with it, and the server has forgotten it.
  await expect(sara.conversation).toContainText(sara.says("desk.ended.left"));
  await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));
  await expect(sara.composer).toHaveCount(0);
  await expect
    .poll(async () => (await kindsOfKeys(redis)).filter((kind) => kind.startsWith("u:{}")))
    .toEqual(["u:{}:t:"]);

  // Whoever opens the address again meets the first page.
  await he.page.goto(server.visitor);
  await expect(he.sees("start.h1")).toBeVisible();
  expect(await he.watch.traces(he.page)).toEqual([]);
});

story(
  "someone takes the phone of whoever has a phrase: staff may go on, and no phone shows it",
  async ({ coordinator, server, someone }) => {
    const sara = await coordinator("Sara");
    const he = await someone();
    await he.ask("de vet inte att jag skriver");
    const words = await keeps(he);
    await sara.open();
    await sara.claim();
    await expect(he.sees("chat.join", { alias: "Sara" })).toBeVisible();
    await he.leave();
    await expect(sara.sees("desk.visitor.left")).toBeVisible();
    await sara.write("Jag är kvar när du kan.");
    await he.page.goto(server.visitor);
    await expect(he.sees("start.h1")).toBeVisible();
    await expect(he.page.locator("body")).not.toContainText("Jag är kvar");
    expect(await he.watch.traces(he.page)).toEqual([]);

    await enter(he, words.join(" "));
    await he.press("code.go");
    await expect(he.thread).toHaveText(["de vet inte att jag skriver", "Jag är kvar när du kan."]);
    await expect(sara.sees("desk.visitor.left")).toHaveCount(0);
  },
);

story("a slow network does not hold up the way out", async ({ someone }) => {
  const he = await someone();
  await he.begin();
  let held = 0;
  await he.page.route("**/lamna", () => void (held += 1));
  await he.page.getByRole("link", { name: he.says("exit.button"), exact: true }).click({ noWaitAfter: true });
  await expect(he.page).toHaveTitle(neutralTitle);
  expect(held, "the door was tried").toBe(1);
});

story("what the browser kept for «back» shows the empty first page", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const he = await someone();
  await midSentence(sara, he);
  const words = /de vet inte|Bra att du|nej vänta/;

  // Browsers differ in which pages they keep whole. What a page hears when it is put away and taken out again is the
  // same in all.
  const away = await he.page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    return document.body.childElementCount;
  });
  expect(away, "nothing is kept of the page").toBe(0);
  await he.page.evaluate(() => void dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await expect(he.sees("start.h1")).toBeVisible();
  await expect(he.page.locator("body")).not.toContainText(words);

  // And by the button itself.
  await he.page.goto(leave);
  await he.page.goBack();
  await expect(he.sees("start.h1")).toBeVisible();
  await expect(he.page.locator("body")).not.toContainText(words);
});

story(
  "leaving clears this origin alone: the console in the same browser keeps its device",
  async ({ coordinator, server }) => {
    const sara = await coordinator("Sara");
    const page = await sara.page.context().newPage();
    await page.goto(server.visitor);
    await page.evaluate(() => localStorage.setItem("left", "behind"));
    // The door itself, as without JavaScript.
    await page.goto(`${server.visitor}/lamna`);
    expect(page.url()).toBe(leave);
    await page.goto(server.visitor);
    expect(await page.evaluate(() => localStorage.length), "what anything had stored here is gone").toBe(0);
    await sara.reload();
    await expect(sara.phase("online")).toBeVisible();
  },
);
