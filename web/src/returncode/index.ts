/** The return code: made, typed in, and turned into keys. */
export { type Entry, type Word, digitCount, readEntry, replaced } from "./entry.ts";
export { type ReturnCode, keysOf } from "./keys.ts";
export { type Made, makeDigits, makeWords } from "./make.ts";
export { listOf, wordCount } from "./words.ts";
