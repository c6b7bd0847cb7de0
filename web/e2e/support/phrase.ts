/** A return phrase, as somebody meets it: shown once, copied by hand, typed in elsewhere. */
import { expect } from "@playwright/test";
import type { Visitor } from "./visitor.ts";

/** The words or groups of digits that the page shows now. */
export function wordsOf({ page }: Visitor): Promise<string[]> {
  return page.locator("ol.note li").allInnerTexts();
}

/** Takes a phrase, writes two parts of it again as the page asks, and waits until it is kept. */
export async function keeps(
  who: Visitor,
  kind: "code.words" | "code.digits" = "code.words",
): Promise<readonly string[]> {
  await who.press(kind);
  await expect(who.page.locator("ol.note")).toBeVisible();
  const parts = await wordsOf(who);
  await who.press("code.written");
  await expect(who.page.locator("ol.note")).toHaveCount(0);
  for (const field of await who.page.locator(".field").all()) {
    const place = Number(/\d+/.exec(await field.locator("label").innerText())?.[0]);
    await field.getByRole("textbox").fill(parts[place - 1] ?? "");
  }
  await who.press("common.next");
  await expect(who.sees("code.stands")).toBeVisible();
  return parts;
}

/** From the first screen to the phrase, typed in. */
export async function enter(who: Visitor, typed: string): Promise<void> {
  await who.press("start.hascode");
  await expect(who.page.getByRole("heading", { level: 1 })).toHaveText(who.says("code.enter"));
  await who.page.getByRole("textbox").fill(typed);
}
