import { expect, type Locator, type Page } from "@playwright/test";
import { unlock } from "./lock.ts";
import type { Browser } from "./test.ts";
import { type Lang, text } from "./texts.ts";
import type { Watch } from "./watch.ts";

/** Somebody who answers, at their desk. */
export interface Coordinator {
  readonly alias: string;
  readonly page: Page;
  readonly watch: Watch;
  /** Everything that was written on this page. */
  readonly written: readonly string[];
  /** A sentence in the language that the coordinator reads now. */
  says(key: string, slots?: Readonly<Record<string, string | number>>): string;
  /** The element that holds a sentence. */
  sees(key: string, slots?: Readonly<Record<string, string | number>>): Locator;
  reads(lang: Lang): Promise<void>;
  /** The words at the top that say whether this device is signed in, `online` and so on. */
  phase(name: string): Locator;
  press(key: string): Promise<void>;
  /** The conversations in the list, from the top. */
  readonly rows: Locator;
  /** The conversation that is open. */
  readonly conversation: Locator;
  /** Opens the uppermost conversation, once there is one. */
  open(): Promise<void>;
  /** Takes the conversation that is open, and waits until it is theirs. */
  claim(): Promise<void>;
  readonly composer: Locator;
  write(words: string): Promise<void>;
  /** Everything that the two have written, top to bottom. */
  readonly thread: Locator;
  delivery(words: string): Locator;
  /** Opens the phrasebook, finds a reply by these words, and sends the first with Enter alone. */
  reply(search: string): Promise<void>;
  end(): Promise<void>;
  unlock(): Promise<void>;
  /** Reloads the page, and unlocks it. */
  reload(): Promise<void>;
}

export function newCoordinator({ page, watch }: Browser, alias: string): Coordinator {
  let lang: Lang = "sv";
  const written: string[] = [];
  const says: Coordinator["says"] = (key, slots) => text(lang, key, slots);
  const button = (key: string): Locator => page.getByRole("button", { name: says(key), exact: true });
  const rows = page.locator("[data-list]").getByRole("listitem").getByRole("button");
  const log = page.getByRole("log");
  const composer = page.getByRole("textbox");

  return {
    alias,
    page,
    watch,
    written,
    says,
    sees: (key, slots) => page.getByText(says(key, slots), { exact: true }),
    async reads(next) {
      await button("desk.menu").click();
      await button("desk.place.settings").click();
      await page.getByRole("radio", { name: next === "sv" ? "Svenska" : "English", exact: true }).check();
      lang = next;
      await button("desk.close").click();
    },
    phase: (name) =>
      page
        .getByRole("banner")
        .getByRole("status")
        .filter({ hasText: says(`desk.phase.${name}`) }),
    press: (key) => button(key).click(),
    rows,
    conversation: page.locator("section.conversation"),
    async open() {
      await rows.first().click();
      await expect(log).toBeVisible();
    },
    async claim() {
      await button("desk.claim.go").click();
      await expect(composer).toBeVisible();
    },
    composer,
    async write(words) {
      written.push(words);
      await composer.fill(words);
      await button("desk.composer.send").click();
    },
    thread: log.locator("p.bubble"),
    delivery: (words) => log.locator(".line", { has: page.getByText(words, { exact: true }) }).locator(".delivery"),
    async reply(search) {
      await page.keyboard.press("F4");
      await page.keyboard.type(search);
      await page.keyboard.press("Enter");
      await expect(button("desk.phrases.send")).toBeFocused();
      await page.keyboard.press("Enter");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    },
    async end() {
      await button("desk.end").click();
      await button("desk.end.now").click();
    },
    unlock: () => unlock(page, lang),
    async reload() {
      await page.reload();
      await unlock(page, lang);
    },
  };
}
