import { describe, expect, test } from "vitest";
import { newTexts } from "../../src/i18n/index.ts";
import { fold, oneSlip } from "../../src/returncode/fold.ts";
import { listOf } from "../../src/returncode/words.ts";
import { lists, plain, tags } from "./lists.ts";

test("the page reads what lists/ says, and knows where a language has none", () => {
  expect(lists.map(({ words }) => words)).toEqual(tags.map(plain));
  expect(listOf(newTexts({}, "ar"))).toBeUndefined();
});

describe.each(tags)("the list %s", (tag) => {
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
    for (let i = 0; i < folded.length; i++)
      for (let j = 0; j < i; j++) if (oneSlip(folded[i]!, folded[j]!)) pairs.push(`${words[i]} ${words[j]}`);
    expect(pairs).toEqual([]);
  });

  test("has none of the words that would draw somebody's eye", () => {
    // Beginnings of what must not lie on a kitchen table; the lists were read word by word besides.
    const no =
      tag === "sv"
        ? /^(polis|snut|golar|tjall|avhopp|vapen|kniv|pisto|skott|skjut|mord|död|hot|våld|hasch|knark|sprit|snaps|kyrk|mosk|präst|bibel|religi|sex|sperm|gäng|fäng|häkt|rån|inbrott|social|brott)/
        : /^(polic|cop|snitch|gun|knife|weapon|shot|kill|murder|dead|death|drug|weed|church|mosque|priest|bible|religi|sex|gang|jail|prison|thief|crime|social w|rape|bomb)/;
    const allowed = tag === "en" ? ["copier", "copy"] : ["hotdogs", "hotell"];
    expect(words.filter((word) => no.test(word) && !allowed.includes(word))).toEqual([]);
  });
});
