import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { leave, neutralTitle } from "./support/neutral.ts";
import { enter, keeps } from "./support/phrase.ts";
import { found, foundTogether, namings, rows } from "./support/profile.ts";
import { expect, newVisitor, story, type Visitor } from "./support/story.ts";
import { watch } from "./support/watch.ts";

/** A browser with a profile of its own on the disk, as a person's is. */
const phone = story.extend<{ readonly profile: string; readonly openPhone: () => Promise<BrowserContext> }>({
  profile: async ({ folder }, use) => {
    const profile = join(folder, "profile");
    mkdirSync(profile);
    await use(profile);
  },
  openPhone: async ({ launchOptions, contextOptions, profile }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await chromium.launchPersistentContext(profile, {
        ...launchOptions,
        ...contextOptions,
        ignoreHTTPSErrors: true,
        locale: "sv-SE",
        viewport: { width: 360, height: 640 },
        // As people's browsers do: what is kept for «back» is part of what could stay.
        ignoreDefaultArgs: ["--disable-back-forward-cache"],
      });
      opened.push(context);
      return context;
    });
    await Promise.all(opened.map((context) => context.close()));
  },
});

/** The visits that the browser shows in its history: the end of each chain of redirects. */
const shown =
  "select u.url as url, u.title as title from visits v join urls u on u.id = v.url where v.transition & 0x20000000 order by v.id";

/**
 * Where Chromium notes that a page was open: history, icon, the tab to restore, that its program ran, and counts of its
 * own.
 */
const stays =
  /^(Default\/(History|Favicons|Preferences|Network Persistent State|Sessions\/.*|Code Cache\/js\/.*)|segmentation_platform\/ukm_db)(-journal|-wal)?$/;

/** A whole conversation, with most questions answered. Returns everything that must not be found. */
async function talk(he: Visitor, answer: () => Promise<readonly string[]>): Promise<readonly string[]> {
  await he.begin();
  for (const [question, ...answers] of [
    ["who.h1", "who.self"],
    ["dng.h1", "dng.soon"],
  ] as const)
    await he.answer(question, ...answers);
  await he.read("dng.soon.p");
  for (const [question, ...answers] of [
    ["scr.h1", "common.no"],
    ["age.h1", "age.1820"],
    ["place.h1", "place.here"],
    ["need.h1", "need.home", "need.debt"],
    ["chan.h1", "chan.chat"],
  ] as const)
    await he.answer(question, ...answers);
  await he.open("jag vill bort från gänget i Norra Backa");
  await he.write("de hotar min lillasyster");
  const answers = await answer();
  await expect(he.thread.last()).toHaveText(answers.at(-1)!);
  await he.draft("hon heter något på");
  const chosen = ["who.self", "dng.soon", "age.1820", "place.here", "need.home", "need.debt"].map((key) =>
    he.says(key),
  );
  return [...he.written, ...answers, ...chosen, he.says("start.h1"), he.says("need.h1")];
}

phone(
  "after a whole conversation no file of the browser holds a word of it",
  async ({ coordinator, openPhone, profile, server }) => {
    const sara = await coordinator("Sara");
    const context = await openPhone();
    const page = context.pages()[0]!;
    await page.goto(server.visitor);
    const he = newVisitor({ context, page, watch: watch(context) });
    const secrets = await talk(he, async () => {
      await sara.open();
      await sara.claim();
      await sara.write("Vi kan träffas på en plats som du väljer.");
      return sara.written;
    });
    // Asked to outlive a reload, the conversation lies in the tab, sealed.
    await page.getByRole("checkbox", { name: he.says("page.stay"), exact: true }).check();
    await expect.poll(() => page.evaluate(() => sessionStorage.length)).toBeGreaterThan(0);
    // The browser is closed as it stands, with the page open, and writes down what it will restore.
    await context.close();
    expect(found(profile, secrets)).toEqual([]);
    expect(rows(profile, "Default/History", shown)).toEqual([{ url: `${server.visitor}/`, title: "Kontakt" }]);
    expect(rows(profile, "Default/Web Data", "select * from autofill")).toEqual([]);

    // The search finds what a page leaves that keeps something: the same sentences, in what the browser stores and in
    // what it restores.
    const careless = await openPhone();
    const other: Page = careless.pages()[0]!;
    await other.goto(`${server.visitor}/`);
    await other.evaluate((text) => {
      sessionStorage.setItem("a", text[0]!);
      localStorage.setItem("b", text[1]!);
      history.replaceState({ c: text[2] }, "", "/#c");
      document.title = text[3]!;
    }, secrets);
    await careless.close();
    const kept = found(profile, secrets).map((place) => place.replace(/^.*?: /, ""));
    for (const secret of secrets.slice(0, 4)) expect(kept, "the search is not blind").toContain(secret);
  },
);

phone(
  "forced to show the history: one visit, and nothing else of us anywhere",
  async ({ coordinator, openPhone, profile, server }) => {
    const sara = await coordinator("Sara");
    const context = await openPhone();
    const page = context.pages()[0]!;
    await page.goto(server.visitor);
    const he = newVisitor({ context, page, watch: watch(context) });
    // It is said before anything is written, and here it is held to: the visit may show, and that alone.
    await he.press("start.go");
    await expect(he.sees("info.exit")).toBeVisible();
    expect(he.says("info.exit")).toMatch(/besöket kan synas i historiken/);
    await page.reload();
    const secrets = await talk(he, async () => {
      await sara.open();
      await sara.claim();
      await sara.write("Är du ensam nu?");
      return sara.written;
    });
    await he.leave();
    await expect(sara.composer).toHaveCount(0);

    // «Back», as far as it goes.
    for (let i = 0; i < 3; i++) {
      await page.goBack({ timeout: 2000 }).catch(() => undefined);
      expect(page.url()).not.toContain(server.visitor);
    }
    // What the browser itself shows.
    await page.goto("chrome://history/");
    await expect(page.getByText(neutralTitle).first()).toBeVisible();
    expect(await page.getByText(he.says("start.h1")).count()).toBe(0);
    await context.close();

    const visits = rows<{ url: string }>(profile, "Default/History", shown).map(({ url }) => url);
    expect(
      visits.filter((url) => url.startsWith(server.visitor) && url !== `${server.visitor}/`),
      "nothing but the one address",
    ).toEqual([]);
    expect(visits).toContain(leave);
    // The door stands in the file of the history, as a redirect, which no browser shows.
    const known = rows<{ url: string }>(profile, "Default/History", "select url from urls order by url").map(
      ({ url }) => url,
    );
    expect(known).toContain(`${server.visitor}/`);
    expect(
      known.filter(
        (url) => url.startsWith(server.visitor) && ![`${server.visitor}/`, `${server.visitor}/lamna`].includes(url),
      ),
    ).toEqual([]);
    expect(found(profile, secrets)).toEqual([]);
    // What no page can remove, and what the threat model says: which files name the host, and the page's own files by
    // name, the same for everyone.
    const { files, assets } = namings(profile, server.visitor);
    expect(files.filter((file) => !stays.test(file))).toEqual([]);
    expect(assets.filter((asset) => !/^\/assets\/(icon|main|part)-\w+\.(js|png)$/.test(asset))).toEqual([]);
    for (const table of ["autofill", "credit_cards"])
      expect(rows(profile, "Default/Web Data", `select * from ${table}`)).toEqual([]);
    expect(rows(profile, "Default/Cookies", "select * from cookies")).toEqual([]);

    const later = await openPhone();
    const again = later.pages()[0]!;
    await again.goto(server.visitor);
    await expect(again.getByRole("heading", { level: 1 })).toHaveText(he.says("start.h1"));
    expect(await watch(later).traces(again)).toEqual([]);
  },
);

phone(
  "neither a phrase that was shown nor one that was typed stays anywhere",
  async ({ coordinator, openPhone, profile, server }) => {
    await coordinator("Sara");
    const context = await openPhone();
    const page = context.pages()[0]!;
    const he = newVisitor({ context, page, watch: watch(context) });
    await page.goto(server.visitor);
    await he.ask("jag måste kunna komma tillbaka");
    const words = await keeps(he);
    const typed = words.join(" ");
    await he.leave();
    await page.goto(server.visitor);
    await enter(he, typed);
    await he.press("code.go");
    await expect(he.thread.last()).toHaveText("jag måste kunna komma tillbaka");
    await page.getByRole("checkbox", { name: he.says("page.stay"), exact: true }).check();
    await expect.poll(() => page.evaluate(() => sessionStorage.length)).toBeGreaterThan(0);
    await he.leave();
    // And once more, closed in the middle of typing.
    await page.goto(server.visitor);
    expect(await he.watch.traces(page), "what was to outlive a reload does not outlive leaving").toEqual([]);
    await enter(he, typed);
    await context.close();
    const secrets = [typed, words.join("\n"), words.join(","), words.join('","'), ...he.written];
    expect(found(profile, secrets)).toEqual([]);
    expect(foundTogether(profile, words)).toEqual([]);
    expect(rows(profile, "Default/Web Data", "select * from autofill")).toEqual([]);

    const careless = await openPhone();
    await careless.pages()[0]!.goto(`${server.visitor}/`);
    await careless.pages()[0]!.evaluate((list) => localStorage.setItem("list", list), JSON.stringify(words));
    await careless.close();
    expect(foundTogether(profile, words), "the search is not blind").not.toEqual([]);
  },
);
