import { expect, test } from "vitest";
import { nextLook } from "../../src/conversation/directory/rosterwatch.ts";

test.each<[string, bigint, bigint, number, number | undefined]>([
  ["what is known already is not looked for", 3n, 3n, 0, undefined],
  ["nor what is older", 3n, 2n, 0, undefined],
  ["the first look comes at a time of its own", 3n, 4n, 0, 500],
  ["the second after the longest of those", 3n, 4n, 1, 2000],
  ["each one after it waits twice as long", 3n, 4n, 4, 16_000],
  ["a relay that only speaks of newer rosters is left alone", 3n, 4n, 6, undefined],
])("%s", (_, known, told, looks, ms) => expect(nextLook({ known, told, looks }, 2000, 0.25)).toBe(ms));
