import type { Page } from "@playwright/test";
import { type Lang, text } from "./texts.ts";

/** What every coordinator of the tests locks their keys with. */
export const passphrase = "fyra lugna ord ur en atlas";

/** From the form of a browser that is no device yet, filled in, to keys that are locked. */
export async function lockKeys(page: Page, lang: Lang = "sv"): Promise<void> {
  await page.getByRole("button", { name: text(lang, "desk.new.go"), exact: true }).click();
  await page.getByRole("textbox", { name: text(lang, "desk.lock.passphrase") }).fill(passphrase);
  await page.getByRole("button", { name: text(lang, "desk.lock.passphrase.go"), exact: true }).click();
}

export async function unlock(page: Page, lang: Lang = "sv"): Promise<void> {
  await page.getByRole("textbox", { name: text(lang, "desk.lock.passphrase") }).fill(passphrase);
  await page.getByRole("button", { name: text(lang, "desk.lock.open"), exact: true }).click();
}
