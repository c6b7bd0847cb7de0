/**
 * The lists that a code of words is drawn from. A word is its number: how it is spelled, and in which language, plays
 * no part in the keys. A list comes with the sentences of its language (web/internal/bundle), so that it is loaded as
 * they are, whatever is answered.
 */
import type { Texts } from "../i18n/index.ts";
import { fold } from "./fold.ts";

export interface List {
  /** As they are shown. */
  readonly words: readonly string[];
  /** As they are compared, in the same order. */
  readonly folded: readonly string[];
}

/** Of a code. */
export const wordCount = 7;

const made = new WeakMap<Texts, List>();

/** The list of a language; undefined where it has none, and digits are all that is offered. */
export function listOf(texts: Texts): List | undefined {
  if (!texts.has("words")) return undefined;
  let list = made.get(texts);
  if (!list) {
    const words = uncode(texts.t("words"));
    list = { words, folded: words.map(fold) };
    made.set(texts, list);
  }
  return list;
}

/** Each word begins with a digit: so many letters are those of the word before. */
export function uncode(text: string): readonly string[] {
  let word = "";
  return [...text.matchAll(/(\d)(\D+)/g)].map(([, same, rest]) => (word = word.slice(0, Number(same)) + rest));
}
