import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fold, oneSlip } from "../../src/phrase/fold.ts";
import { coded } from "../../src/phrase/lists.gen.ts";
import { lists, uncode } from "../../src/phrase/words.ts";

const folder = new URL("../../src/phrase/", import.meta.url);
const plain = (tag: string): string[] => readFileSync(new URL(`lists/${tag}.txt`, folder), "utf8").trimEnd().split("\n");

/** Each word as the number of letters that it shares with the one before, and the rest. */
function code(words: readonly string[]): string {
  let before = "";
  return words.map((word) => {
    let same = 0;
    while (word[same] === before[same] && same < 9) same++;
    before = word;
    return `${same}${word.slice(same)}`;
  }).join("");
}

// `UPDATE=1 npx vitest run test/phrase/lists.test.ts` writes the file that the page carries.
test("what the page carries is what lists/ says", () => {
  const tags = ["sv", "en"];
  const text = `/** Made from lists/ by test/phrase/lists.test.ts; words.ts reads it. */\nexport const coded: Readonly<Record<string, string>> = {\n${tags.map((tag) => `  ${tag}: "${code(plain(tag))}",\n`).join("")}};\n`;
  const file = new URL("lists.gen.ts", folder);
  if (process.env["UPDATE"]) writeFileSync(file, text);
  expect(readFileSync(file, "utf8")).toBe(text);
  for (const tag of tags) expect(uncode(coded[tag] ?? "")).toEqual(plain(tag));
  expect(lists.map(({ tag }) => tag)).toEqual(tags);
});

describe.each(["sv", "en"])("the list %s", (tag) => {
  const words = plain(tag);
  const folded = words.map(fold);

  test("has 2,048 words of 3 to 8 small letters, in order", () => {
    expect(words).toHaveLength(2048);
    const letters = tag === "sv" ? /^[a-zåäöé]{3,8}$/ : /^[a-z]{3,8}$/;
    expect(words.filter((word) => !letters.test(word))).toEqual([]);
    expect([...folded].sort()).toEqual(folded);
  });

  test("tells every word by its first four letters, and none is the beginning of another", () => {
    expect(new Set(folded.map((word) => word.slice(0, 4))).size).toBe(2048);
    expect(folded.filter((word, i) => folded.some((other, j) => i !== j && other.startsWith(word)))).toEqual([]);
  });

  test("has no two words that one slip makes the same", () => {
    const pairs: string[] = [];
    for (let i = 0; i < folded.length; i++) for (let j = 0; j < i; j++) if (oneSlip(folded[i]!, folded[j]!)) pairs.push(`${words[i]} ${words[j]}`);
    expect(pairs).toEqual([]);
  });

  test("has none of the words that would draw somebody's eye", () => {
    // Beginnings of what must not lie on a kitchen table; the lists were read word by word besides.
    const no = tag === "sv"
      ? /^(polis|snut|golar|tjall|avhopp|vapen|kniv|pisto|skott|skjut|mord|död|hot|våld|hasch|knark|sprit|snaps|kyrk|mosk|präst|bibel|religi|sex|sperm|gäng|fäng|häkt|rån|inbrott|social|brott)/
      : /^(polic|cop|snitch|gun|knife|weapon|shot|kill|murder|dead|death|drug|weed|church|mosque|priest|bible|religi|sex|gang|jail|prison|thief|crime|social w|rape|bomb)/;
    const allowed = tag === "en" ? ["copier", "copy"] : ["hotdogs", "hotell"];
    expect(words.filter((word) => no.test(word) && !allowed.includes(word))).toEqual([]);
  });
});
