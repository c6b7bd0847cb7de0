/**
 * Reads what somebody typed of a return code. It forgives case, marks, separators, beginnings of words and digits of
 * any script, and offers words for one slip; which one was meant is for the person to say. Nothing here asks the
 * network: only the whole code can be tried there.
 */
import { checks, digitsIn, secretDigits } from "./digits.ts";
import { fold, oneSlip } from "./fold.ts";
import type { ReturnCode } from "./keys.ts";
import { type List, wordCount } from "./words.ts";

export interface Word {
  /** Where it stands in what was typed. */
  readonly from: number;
  readonly to: number;
  readonly typed: string;
  /** The word that is meant, where there is no doubt. */
  readonly index?: number;
  /** The words that may be meant, where there is. Empty: none comes near. */
  readonly near: readonly string[];
}

export type Entry =
  | { readonly kind: "empty" }
  /**
   * `wrong`: the last digit does not fit the others. `mixed`: letters stand among them. `code` once it is whole and
   * right.
   */
  | {
      readonly kind: "digits";
      readonly count: number;
      readonly wrong: boolean;
      readonly mixed: boolean;
      readonly code?: ReturnCode;
    }
  | { readonly kind: "words"; readonly words: readonly Word[]; readonly code?: ReturnCode };

export const digitCount = secretDigits + 1;

/** `lists`: those that are known here; where two make equal sense of it, the one that stands first is meant. */
export function readEntry(typed: string, lists: readonly List[]): Entry {
  const tokens = [...typed.matchAll(/[\p{L}\p{M}]+/gu)];
  const digits = digitsIn(typed);
  if (digits !== "") {
    const whole = digits.length === digitCount;
    const mixed = tokens.length > 0;
    const wrong = whole && !checks(digits);
    return {
      kind: "digits",
      count: digits.length,
      wrong,
      mixed,
      ...(whole && !wrong && !mixed && { code: { digits: digits.slice(0, secretDigits) } }),
    };
  }
  if (tokens.length === 0) return { kind: "empty" };
  // No code mixes languages, so that the one in which most of it makes sense is the one that is meant.
  const readings = lists.map((list) => tokens.map((token) => readToken(token, list)));
  const words = readings.reduce(
    (best, next) => (sense(next) > sense(best) ? next : best),
    tokens.map((token) => placed(token)),
  );
  const indices = words.flatMap(({ index }) => index ?? []);
  return {
    kind: "words",
    words,
    ...(words.length === wordCount && indices.length === wordCount && { code: { words: indices } }),
  };
}

/** What is typed with the word put in the place of what stands there. */
export function replaced(typed: string, { from, to }: Word, by: string): string {
  return typed.slice(0, from) + by + typed.slice(to);
}

export function readWord(typed: string, list: List): Pick<Word, "index" | "near"> {
  const word = fold(typed);
  const exact = list.folded.indexOf(word);
  if (exact >= 0) return { index: exact, near: [] };
  const [begun, ...more] = list.folded.flatMap((other, index) => (other.startsWith(word) ? index : []));
  if (begun !== undefined && more.length === 0) return { index: begun, near: [] };
  if (word.length < 3) return { near: [] };
  const near = list.folded.flatMap((other, index) =>
    oneSlip(word, other) || slippedBeginning(word, other) ? (list.words[index] ?? "") : [],
  );
  return { near: near.slice(0, most) };
}

/** More than these to choose from would be a list to search. */
const most = 4;

/** The first four letters tell a word from every other: what comes after may be wrong. */
function slippedBeginning(word: string, other: string): boolean {
  return word.length >= 4 && other.startsWith(word.slice(0, 4));
}

function readToken(token: RegExpMatchArray, list: List): Word {
  return { ...placed(token), ...readWord(token[0], list) };
}

function placed(token: RegExpMatchArray): Word {
  const from = token.index ?? 0;
  return { from, to: from + token[0].length, typed: token[0], near: [] };
}

function sense(words: readonly Word[]): number {
  return words.reduce((sum, { index, near }) => sum + (index !== undefined ? 3 : near.length > 0 ? 1 : 0), 0);
}
