import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDigit, checks, digitsIn } from "../../src/returncode/digits.ts";
import { digitCount, readEntry, replaced } from "../../src/returncode/entry.ts";
import { fold, oneSlip } from "../../src/returncode/fold.ts";
import { makeDigits, makeWords } from "../../src/returncode/make.ts";
import { en, lists, sv } from "./lists.ts";

/** All that are known, this one first. */
const first = (list: (typeof lists)[number]) => [list, ...lists.filter((other) => other !== list)];
const codes = fc.record({
  list: fc.constantFrom(...lists),
  words: fc.array(fc.nat(2047), { minLength: 7, maxLength: 7 }),
});
const secrets = fc.array(fc.nat(9), { minLength: 23, maxLength: 23 }).map((digits) => digits.join(""));

describe("words", () => {
  test("case, marks, separators and unique beginnings make no difference", () => {
    fc.assert(
      fc.property(
        codes,
        fc.constantFrom(" ", "\n", ", ", " - ", " . "),
        fc.array(fc.nat(3), { minLength: 7, maxLength: 7 }),
        ({ list, words }, between, how) => {
          const typed = words
            .map((index, i) => {
              const word = list.words[index]!;
              return [word, word.toUpperCase(), fold(word), word.slice(0, Math.max(4, word.length - 2))][how[i]!]!;
            })
            .join(between);
          // Where a beginning could be a word of the other language too, the page's language decides; so it is asked in
          // its own.
          const entry = readEntry(typed, first(list));
          expect(entry).toMatchObject({ kind: "words", code: { words } });
        },
      ),
    );
  });

  test("one slip is found, and the word that was meant is offered", () => {
    const letters = "abcdefghijklmnopqrstuvwxyz";
    fc.assert(
      fc.property(
        fc.constantFrom(...lists),
        fc.nat(2047),
        fc.nat(3),
        fc.nat(),
        fc.nat(25),
        (list, index, kind, where, letter) => {
          const word = list.folded[index]!;
          const at = where % word.length;
          const slipped = [
            word.slice(0, at) + word.slice(at + 1),
            word.slice(0, at) + letters[letter] + word.slice(at),
            word.slice(0, at) + letters[letter] + word.slice(at + 1),
            word.slice(0, at) + (word[at + 1] ?? "") + word[at] + word.slice(at + 2),
          ][kind]!;
          fc.pre(slipped.length >= 3 && slipped !== word);
          expect(oneSlip(word, slipped) || oneSlip(slipped, word)).toBe(true);
          const entry = readEntry(slipped, first(list));
          const read = entry.kind === "words" ? entry.words[0]! : undefined;
          // A slip may be a word itself, or its beginning, and then it is taken for it. The person sees which.
          if (read!.index === undefined && read!.near.length < 4)
            expect([...read!.near, ...lists.flatMap((l) => (l === list ? [] : l.words))]).toContain(list.words[index]);
        },
      ),
      { numRuns: 800 },
    );
  });

  test("words of the other language are understood, and a tapped suggestion takes the place of the slip", () => {
    const code = ["kettle", "planet", "window", "oatmeal", "giraffe", "umbrella", "yoghurt"].map((w) =>
      en.words.includes(w) ? w : "walnut",
    );
    const typed = code.join(" ");
    expect(readEntry(typed, first(sv))).toMatchObject({ code: { words: code.map((w) => en.words.indexOf(w)) } });
    const slip = typed.replace("umbrella", "umbrela");
    const entry = readEntry(slip, first(sv));
    if (entry.kind !== "words") throw new Error("not words");
    expect(entry.code).toBeUndefined();
    expect(entry.words[5]?.near).toEqual(["umbrella"]);
    expect(readEntry(replaced(slip, entry.words[5]!, "umbrella"), first(sv))).toMatchObject({
      code: { words: code.map((w) => en.words.indexOf(w)) },
    });
  });

  test("what comes near nothing is said to, and too few or too many words are no code", () => {
    const some = sv.words.slice(100, 107);
    expect(readEntry(`${some.slice(1).join(" ")} qqqq`, first(sv))).toMatchObject({
      words: [...Array.from({ length: 6 }, () => ({ near: [] })), { near: [], typed: "qqqq" }],
    });
    for (const words of [some.slice(1), [...some, some[0]!]])
      expect((readEntry(words.join(" "), first(sv)) as { code?: unknown }).code).toBeUndefined();
    expect(readEntry(" -- ", first(sv))).toEqual({ kind: "empty" });
  });
});

describe("digits", () => {
  const scripts = [0x30, 0x660, 0x6f0, 0x966, 0xff10, 0x1d7d8];
  test("any script, grouping and separator", () => {
    fc.assert(
      fc.property(
        secrets,
        fc.constantFrom(...scripts),
        fc.integer({ min: 1, max: 24 }),
        fc.constantFrom(" ", "-", "\n", ".", "\u2009", "/"),
        (secret, zero, group, between) => {
          const whole = secret + checkDigit(secret);
          const typed = [...whole]
            .map((digit) => String.fromCodePoint(zero + Number(digit)))
            .join("")
            .replace(/./gsu, (char, at: number) => (at > 0 && at % group === 0 ? between + char : char));
          expect(readEntry(typed, first(sv))).toEqual({
            kind: "digits",
            count: 24,
            wrong: false,
            mixed: false,
            code: { digits: secret },
          });
        },
      ),
    );
  });

  test("letters among digits are told, and never guessed at", () => {
    expect(readEntry(`0000 0000 0000 0000 0000 0000 ett`, first(sv))).toEqual({
      kind: "digits",
      count: 24,
      wrong: false,
      mixed: true,
    });
  });

  test("every decimal digit that Unicode has is read", () => {
    for (let at = 0; at <= 0x10ffff; at++) {
      if (at >= 0xd800 && at <= 0xdfff) continue;
      const char = String.fromCodePoint(at);
      if (/\p{Nd}/u.test(char)) expect(digitsIn(char), at.toString(16)).toMatch(/^[0-9]$/);
    }
    expect(digitsIn("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९")).toBe("0123456789".repeat(3));
  });

  test("every wrong digit and every swap of neighbours is told here, without the network", () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const whole = secret + checkDigit(secret);
        expect(checks(whole)).toBe(true);
        for (let i = 0; i < digitCount; i++) {
          for (let by = 1; by < 10; by++)
            expect(checks(whole.slice(0, i) + ((Number(whole[i]) + by) % 10) + whole.slice(i + 1))).toBe(false);
          const swapped = whole.slice(0, i) + (whole[i + 1] ?? "") + whole[i] + whole.slice(i + 2);
          if (swapped !== whole)
            expect(readEntry(swapped, first(sv))).toEqual({ kind: "digits", count: 24, wrong: true, mixed: false });
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("whatever is typed", () => {
  test("nothing throws, and every word stands where it is said to", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.string({ maxLength: 200 })),
        fc.constantFrom(first(sv), first(en), [sv], []),
        (typed, known) => {
          const entry = readEntry(typed, known);
          if (entry.kind === "digits") expect(entry.code === undefined || entry.count === 24).toBe(true);
          if (entry.kind !== "words") return;
          for (const word of entry.words) {
            expect(typed.slice(word.from, word.to)).toBe(word.typed);
            expect(replaced(typed, word, word.typed)).toBe(typed);
            expect(word.near.length).toBeLessThanOrEqual(4);
          }
        },
      ),
      { numRuns: 600 },
    );
  });
});

describe("made codes", () => {
  test("are read back, in every language of the page", () => {
    for (const list of lists) {
      for (let i = 0; i < 40; i++) {
        const { code, parts } = makeWords(list, lists);
        expect(parts).toHaveLength(7);
        for (const known of [first(sv), first(en)]) expect(readEntry(parts.join("\n"), known)).toMatchObject({ code });
      }
    }
    for (let i = 0; i < 200; i++) {
      const { code, parts } = makeDigits();
      expect(parts.map((part) => part.length)).toEqual([4, 4, 4, 4, 4, 4]);
      expect(readEntry(parts.join(" "), first(sv))).toMatchObject({ code });
    }
  });

  test("are drawn evenly", () => {
    const words = new Map<number, number>();
    const digits = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const { code } = makeWords(sv, lists);
      if ("words" in code) for (const index of code.words) words.set(index >> 7, (words.get(index >> 7) ?? 0) + 1);
    }
    for (let i = 0; i < 1000; i++) {
      const { code } = makeDigits();
      if ("digits" in code) for (const digit of code.digits) digits.set(digit, (digits.get(digit) ?? 0) + 1);
    }
    // 21,000 words in 16 parts of the list, 23,000 digits: six standard deviations either way.
    expect(words.size).toBe(16);
    for (const count of words.values()) expect(Math.abs(count - 21_000 / 16)).toBeLessThan(220);
    expect(digits.size).toBe(10);
    for (const count of digits.values()) expect(Math.abs(count - 2300)).toBeLessThan(275);
  });
});
