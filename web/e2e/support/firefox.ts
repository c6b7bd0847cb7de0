/**
 * A visitor in Debian's Firefox, driven over WebDriver BiDi: another engine, which differs in just what the way out
 * stands on. Playwright drives only a Firefox of its own making, so that this one is driven by Puppeteer, in the same
 * runner.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { leave, neutralHost } from "./neutral.ts";
import { found } from "./profile.ts";
import { kommun } from "./team.ts";
import { expect, story } from "./story.ts";
import { text } from "./texts.ts";

export { expect };

export interface Fox {
  readonly page: Page;
  readonly browser: Browser;
  says(key: string, slots?: Readonly<Record<string, string | number>>): string;
  /** Everything that can be read on the page. */
  seen(): Promise<string>;
  /** Waits until the page says this sentence. */
  sees(key: string, slots?: Readonly<Record<string, string | number>>): Promise<void>;
  /** Waits for a button with this name, and clicks it with the mouse. */
  press(key: string, slots?: Readonly<Record<string, string | number>>): Promise<void>;
  ticks(key: string): Promise<void>;
  /** Types into the field that is there, key by key. */
  draft(words: string): Promise<void>;
  write(words: string): Promise<void>;
  /** The shortest way from the first screen to a conversation. */
  ask(words: string): Promise<void>;
  leave(): Promise<void>;
  /** Where the tab is now, and its title. */
  where(): Promise<{ readonly url: string; readonly title: string }>;
  /** Goes back or forth in the tab's history, and waits until it has come to rest. */
  move(by: -1 | 1): Promise<void>;
  /** Waits until the browser has written down what its open tabs hold now, to restore them after a crash. */
  remembered(): Promise<void>;
  /** Quits as a person does, so that everything is written down. */
  quit(): Promise<void>;
}

interface Foxes {
  /** Folder of the Firefox profile; it outlives the browser. */
  readonly foxProfile: string;
  /** With the port of a tunnel: through it. */
  readonly openFirefox: (tunnel?: number) => Promise<Fox>;
}

export const foxStory = story.extend<Foxes>({
  foxProfile: async ({ folder }, use) => {
    const profile = join(folder, "firefox");
    mkdirSync(profile);
    await use(profile);
  },
  openFirefox: async ({ foxProfile }, use) => {
    const opened: Browser[] = [];
    await use(async (tunnel) => {
      const browser = await puppeteer.launch({
        browser: "firefox",
        executablePath: process.env["UTVAG_FIREFOX"] ?? "/usr/bin/firefox-esr",
        protocol: "webDriverBiDi",
        userDataDir: foxProfile,
        headless: true,
        acceptInsecureCerts: true,
        defaultViewport: { width: 360, height: 640 },
        extraPrefsFirefox: {
          "network.dns.localDomains": neutralHost,
          // What a person's browser does, and drivers turn off: it remembers pages, forms and tabs.
          "places.history.enabled": true,
          "browser.formfill.enable": true,
          "browser.sessionstore.interval": 200,
          "browser.sessionstore.resume_from_crash": true,
          "browser.sessionhistory.max_total_viewers": 8,
          ...(tunnel !== undefined && {
            "network.proxy.type": 1,
            "network.proxy.socks": "127.0.0.1",
            "network.proxy.socks_port": tunnel,
            "network.proxy.allow_hijacking_localhost": true,
          }),
        },
      });
      opened.push(browser);
      return newFox(browser, (await browser.pages())[0]!, foxProfile);
    });
    await Promise.all(opened.map((browser) => browser.close().catch(() => undefined)));
  },
});

function newFox(browser: Browser, page: Page, profile: string): Fox {
  let marks = 0;
  const says: Fox["says"] = (key, slots) => text("sv", key, { kommun: kommun.name, hours: 24, days: 7, ...slots });
  const seen = (): Promise<string> => page.evaluate(() => document.body?.innerText ?? "").catch(() => "");
  const named = async (kind: string, name: string) => {
    const found = await page.waitForSelector(`::-p-xpath(//${kind}[normalize-space()=${JSON.stringify(name)}])`, {
      visible: true,
      timeout: 15_000,
    });
    if (!found) throw new Error(`no ${kind} «${name}»`);
    return found;
  };
  const where: Fox["where"] = () =>
    page.evaluate(() => ({ url: location.href, title: document.title })).catch(() => ({ url: "", title: "" }));
  const fox: Fox = {
    page,
    browser,
    says,
    seen,
    where,
    sees: (key, slots) => expect.poll(seen, { timeout: 30_000 }).toContain(says(key, slots)),
    async press(key, slots) {
      await (await named("button", says(key, slots))).click();
    },
    async ticks(key) {
      await (await named("label", says(key))).click();
    },
    async draft(words) {
      const field = await page.waitForSelector("textarea", { visible: true });
      await field!.type(words);
    },
    async write(words) {
      await fox.draft(words);
      await fox.press("chat.send");
    },
    async ask(words) {
      for (const key of ["start.go", "info.ok", "who.ask", "chan.chat"]) await fox.press(key);
      await fox.write(words);
      await fox.sees("chat.sent");
    },
    async leave() {
      await (await named("a", says("exit.button"))).click();
      await expect.poll(where).toMatchObject({ url: leave });
    },
    async move(by) {
      const before = await page.evaluate((step) => (setTimeout(() => history.go(step)), performance.timeOrigin), by);
      // Where there is nothing to go to, nothing happens.
      await expect
        .poll(() => page.evaluate(() => performance.timeOrigin).catch(() => 0), { timeout: 3000 })
        .not.toBe(before)
        .catch(() => undefined);
    },
    async remembered() {
      // What the tab keeps for itself is written down with all that is to be restored, and after what it was before.
      const mark = `marked ${++marks} times`;
      await page.evaluate((text) => sessionStorage.setItem("mark", text), mark);
      await expect.poll(() => found(profile, [mark]), { timeout: 30_000 }).not.toEqual([]);
      await page.evaluate(() => sessionStorage.removeItem("mark"));
    },
    quit: () => browser.close(),
  };
  return fox;
}
