/** The return phrase: made, typed in, and turned into keys. */
export { type Entry, type Word, digitCount, readEntry, replaced } from "./entry.ts";
export { type Phrase, keysOf } from "./keys.ts";
export { type Made, makeDigits, makeWords } from "./make.ts";
export { type List, listOf, wordCount } from "./words.ts";
