/** The lists as web/src/returncode/lists holds them, and as the page is given them. */
import { readFileSync } from "node:fs";
import { newTexts } from "../../src/i18n/index.ts";
import { type List, listOf } from "../../src/returncode/words.ts";

export const tags = ["sv", "en"] as const;

export function plain(tag: string): readonly string[] {
  return readFileSync(new URL(`../../src/returncode/lists/${tag}.txt`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
}

/** Each word as the number of letters that it shares with the one before, and the rest. */
export function coded(tag: string): string {
  let before = "";
  return plain(tag)
    .map((word) => {
      let same = 0;
      while (word[same] === before[same] && same < 9) same++;
      before = word;
      return `${same}${word.slice(same)}`;
    })
    .join("");
}

export const [sv, en] = tags.map((tag) => listOf(newTexts({ words: coded(tag) }, tag))) as [List, List];
export const lists: readonly List[] = [sv, en];
