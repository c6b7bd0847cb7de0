import { scryptAsync } from "@noble/hashes/scrypt.js";
import { utf8 } from "../../wire/bytes.ts";

/**
 * Passphrases that unlock a device. Whoever has the files of a stolen computer can guess as fast as their machines
 * allow, and nobody counts: the length of the phrase and the cost of a guess are all that stands in the way.
 */

/** As binary logarithm of scrypt's N, with r = 8: 17 takes 128 MiB and some tenths of a second. */
export const usualCost = 17;
const minCost = 17;
const maxCost = 20;

/** Least number of characters that do not follow from those before them. */
export const leastStrength = 16;

/**
 * A cost below the floor is refused wherever it comes from, so that no stored value and no caller can make guessing
 * cheap.
 */
export function allowedCost(cost: unknown): cost is number {
  return Number.isInteger(cost) && (cost as number) >= minCost && (cost as number) <= maxCost;
}

/** 32 bytes of it; `cost` must be allowed. */
export async function stretch(passphrase: string, salt: Uint8Array, cost: number): Promise<Uint8Array> {
  if (!allowedCost(cost)) throw new RangeError("not an allowed cost");
  const bytes = utf8(plain(passphrase));
  try {
    return await scryptAsync(bytes, salt, { N: 2 ** cost, r: 8, p: 1, dkLen: 32 });
  } finally {
    bytes.fill(0);
  }
}

/**
 * Whether it may be used. What the page itself shows, such as an alias, counts for nothing in it, and neither does what
 * only repeats or counts on. It is no measure of words that belong together: the page's sentence asks for some that do
 * not.
 */
export function isStrong(passphrase: string, shown: readonly string[]): boolean {
  let text = plain(passphrase).toLowerCase();
  for (const word of shown.map((one) => plain(one).toLowerCase()).filter((one) => one.length > 2))
    text = text.replaceAll(word, " ");
  const letters = [...text];
  const pairs = new Set<string>();
  let strength = 0;
  letters.forEach((letter, i) => {
    const before = letters[i - 1] ?? "";
    const pair = before + letter;
    const step = before === "" ? 2 : Math.abs(letter.codePointAt(0)! - before.codePointAt(0)!);
    if (step > 1 && !pairs.has(pair)) strength++;
    pairs.add(pair);
  });
  return strength >= leastStrength;
}

/** Typed on another keyboard, or with a blank more, it is the same. */
function plain(passphrase: string): string {
  return passphrase.normalize("NFKC").replace(/\s+/gu, " ").trim();
}

const consonants = "bdfghjklmnprstvx";
const vowels = "aiou";

/** Ten syllables that can be said and remembered: 60 bits of chance. */
export function suggestPassphrase(): string {
  for (;;) {
    const syllables = [...crypto.getRandomValues(new Uint8Array(10))].map(
      (chance) => consonants[chance & 15]! + vowels[(chance >> 4) & 3]!,
    );
    const made = syllables.join("").match(/.{4}/g)!.join(" ");
    // Few repeat themselves so often that it would be refused.
    if (isStrong(made, [])) return made;
  }
}
