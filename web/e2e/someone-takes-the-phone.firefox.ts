import { expect, foxStory } from "./support/firefox.ts";
import { kindsOfKeys } from "./support/kept.ts";
import { leave, neutralTitle } from "./support/neutral.ts";
import { found, rows } from "./support/profile.ts";

interface Visit {
  readonly url: string;
  readonly title: string;
}

/** What the list of the history shows. */
const shown =
  "select p.url as url, p.title as title from moz_historyvisits v join moz_places p on p.id = v.place_id where p.hidden = 0 order by v.id";

foxStory("Firefox: someone takes the phone in mid-sentence", async ({ coordinator, openFirefox, redis, server }) => {
  const sara = await coordinator("Sara");
  const he = await openFirefox();
  // As from a link on the kommun's page.
  await he.page.goto(leave);
  await he.page.goto(server.visitor);
  await he.ask("de vet inte att jag skriver");
  await sara.open();
  await sara.claim();
  await sara.write("Bra att du skriver. Är du ensam nu?");
  await expect.poll(he.seen).toContain("Är du ensam nu?");
  await he.draft("nej vänta det kommer nå");

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
  await expect.poll(he.where).toEqual({ url: leave, title: neutralTitle });
  await expect(sara.conversation).toContainText(sara.says("desk.ended.left"));
  await expect
    .poll(async () => (await kindsOfKeys(redis)).filter((kind) => kind.startsWith("u:{}")))
    .toEqual(["u:{}:t:"]);

  for (const by of [-1, 1] as const) {
    await he.move(by);
    await expect.poll(he.where).toEqual({ url: leave, title: neutralTitle });
  }
  // By itself: the driver waits for ever for pages after it went back.
  await he.page.evaluate((to) => void setTimeout(() => location.assign(to)), server.visitor);
  await he.sees("start.h1");
  const kept = await he.page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    document.cookie,
    (await indexedDB.databases()).length,
    (await caches.keys()).length,
  ]);
  expect(kept).toEqual([0, 0, "", 0, 0]);
});

foxStory(
  "Firefox: «back» to a page that was put away shows the empty first page",
  async ({ coordinator, openFirefox, server }) => {
    const sara = await coordinator("Sara");
    const he = await openFirefox();
    await he.page.goto(server.visitor);
    await he.ask("jag måste bort");
    await sara.open();
    await sara.claim();
    await he.draft("vet inte om");
    await he.page.goto(leave);
    await he.move(-1);
    await he.sees("start.h1");
    expect(await he.seen()).not.toMatch(/jag måste bort|vet inte om/);
    expect(await he.page.$$eval("textarea", (fields) => fields.length)).toBe(0);
  },
);

foxStory("Firefox: a hidden tab is blank, and comes back as it was", async ({ coordinator, openFirefox, server }) => {
  await coordinator("Sara");
  const he = await openFirefox();
  await he.page.goto(server.visitor);
  await he.ask("syns det här");
  await he.draft("halvskri");
  const other = await he.browser.newPage();
  await expect.poll(he.seen, "not even a button's name").toBe("");
  await other.close();
  await he.page.bringToFront();
  await expect.poll(he.seen).toBe(`${he.says("exit.button")}\n${he.says("chat.show")}`);
  await he.press("chat.show");
  await expect.poll(he.seen).toContain("syns det här");
  await he.page.keyboard.type("vet");
  expect(await he.page.$eval("textarea", (field) => field.value)).toBe("halvskrivet");
});

foxStory("Firefox: leaving clears this origin alone", async ({ openFirefox, server }) => {
  const he = await openFirefox();
  const store = (text: string): Promise<void> => he.page.evaluate((value) => localStorage.setItem("kept", value), text);
  const stored = (): Promise<string | null> => he.page.evaluate(() => localStorage.getItem("kept"));
  await he.page.goto(server.console);
  await store("of the console");
  await he.page.goto(server.visitor);
  await he.sees("start.h1");
  await store("left behind");
  await he.page.goto(`${server.visitor}/lamna`);
  expect(await he.where()).toMatchObject({ url: leave });
  await he.page.goto(server.visitor);
  expect(await stored()).toBeNull();
  await he.page.goto(server.console);
  expect(await stored()).toBe("of the console");
});

foxStory(
  "Firefox: forced to show the history, and the files of the profile",
  async ({ coordinator, foxProfile, openFirefox, server }) => {
    const sara = await coordinator("Sara");
    const he = await openFirefox();
    await he.page.goto(server.visitor);
    for (const key of ["start.go", "info.ok", "who.self", "dng.soon", "common.next", "common.no", "age.1820"])
      await he.press(key);
    await he.press("place.here");
    await he.ticks("need.home");
    await he.ticks("need.debt");
    for (const key of ["common.next", "chan.chat"]) await he.press(key);
    await he.write("jag vill bort från gänget i Norra Backa");
    await he.sees("chat.sent");
    await sara.open();
    await sara.claim();
    await sara.write("Vi kan träffas på en plats som du väljer.");
    await expect.poll(he.seen).toContain("en plats som du väljer");
    await he.draft("hon heter något på");
    const secrets = [
      "jag vill bort från gänget i Norra Backa",
      "Vi kan träffas på en plats som du väljer.",
      "hon heter något på",
      ...["who.self", "dng.soon", "age.1820", "place.here", "need.home", "need.debt", "start.h1", "need.h1"].map(
        (key) => he.says(key),
      ),
    ];
    await he.remembered();
    expect(found(foxProfile, secrets), "while the page is open").toEqual([]);
    expect(
      found(foxProfile, [server.visitor]).join(),
      "the search is not blind: the open tab is written down",
    ).toContain("sessionstore-backups");

    await he.leave();
    await he.quit();
    expect(found(foxProfile, secrets), "after leaving").toEqual([]);
    const visits = rows<Visit>(foxProfile, "places.sqlite", shown);
    expect(
      visits.filter(({ url }) => url.startsWith(server.visitor)),
      "the one visit",
    ).toEqual([{ url: `${server.visitor}/`, title: "Kontakt" }]);
    expect(visits.map(({ url }) => url)).toContain(leave);
    expect(found(foxProfile, [`${server.visitor}/assets`]), "nothing of the page itself is kept").toEqual([]);
    expect(rows(foxProfile, "cookies.sqlite", "select host from moz_cookies")).toEqual([]);

    // The same browser, opened again, restores nothing of it.
    const later = await openFirefox();
    await later.page.goto(server.visitor);
    await later.sees("start.h1");
    await later.press("start.hascode");
    expect(await later.page.$$eval("textarea", (fields) => fields.map(({ value }) => value))).toEqual([""]);
    // A code that is being typed is not written down either.
    await later.draft("fisk lampa moln korg");
    await later.remembered();
    expect(found(foxProfile, ["fisk lampa moln korg"])).toEqual([]);
  },
);
