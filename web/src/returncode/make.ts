/** Makes codes. All chance comes from the browser's own generator, and every code is as likely as any other. */
import { checkDigit, digitsIn, grouped, secretDigits } from "./digits.ts";
import { readWord } from "./entry.ts";
import type { ReturnCode } from "./keys.ts";
import { type List, wordCount } from "./words.ts";

export interface Made {
  readonly code: ReturnCode;
  /** As it is shown and written down: a word or a group of digits each. */
  readonly parts: readonly string[];
  /** Whether this is that part of it, written again. */
  isPart(place: number, written: string): boolean;
}

/** `others`: lists in which it must not be readable as well. */
export function makeWords(list: List, others: readonly List[]): Made {
  for (;;) {
    // 2,048 is a power of two: eleven bits of chance are a word, and none is likelier than another.
    const words = [...crypto.getRandomValues(new Uint16Array(wordCount))].map((chance) => chance % list.words.length);
    const parts = words.map((index) => list.words[index] ?? "");
    // One in many thousands could be read in another language too, where the same words have other numbers.
    if (!others.some((other) => other !== list && parts.every((word) => readWord(word, other).index !== undefined))) {
      return {
        code: { words },
        parts,
        isPart: (place, written) => readWord(written.trim(), list).index === words[place],
      };
    }
  }
}

export function makeDigits(): Made {
  let digits = "";
  while (digits.length < secretDigits) {
    const [chance = 255] = crypto.getRandomValues(new Uint8Array(1));
    // 250 is the highest multiple of ten in a byte; what is above would favour low digits.
    if (chance < 250) digits += chance % 10;
  }
  const parts = grouped(digits + checkDigit(digits));
  return { code: { digits }, parts, isPart: (place, written) => digitsIn(written) === parts[place] };
}
