/** The lists that a phrase of words is drawn from. A word is its number: how it is spelled, and in which language, plays no part in the keys. */
import { coded } from "./lists.gen.ts";
import { fold } from "./fold.ts";

export interface List {
  readonly tag: string;
  /** As they are shown. */
  readonly words: readonly string[];
  /** As they are compared, in the same order. */
  readonly folded: readonly string[];
}

/** Of a phrase. */
export const wordCount = 7;

export const lists: readonly List[] = Object.entries(coded).map(([tag, text]) => {
  const words = uncode(text);
  return { tag, words, folded: words.map(fold) };
});

/** The list of a language; undefined where it has none, and digits are all that is offered. */
export function listOf(tag: string): List | undefined {
  return lists.find((list) => list.tag === tag);
}

/** Each word begins with a digit: so many letters are those of the word before. */
export function uncode(text: string): readonly string[] {
  let word = "";
  return [...text.matchAll(/(\d)(\D+)/g)].map(([, same, rest]) => (word = word.slice(0, Number(same)) + rest));
}
