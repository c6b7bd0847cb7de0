/** Letters that Unicode does not take apart, and that a keyboard of another language offers instead. */
const alike: Readonly<Record<string, string>> = { æ: "a", ø: "o", ı: "i", ß: "ss" };

/** A word as it is compared: lower case, without marks, so that å and ä are a, and ö is o. */
export function fold(word: string): string {
  return word
    .normalize("NFD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[æøıß]/g, (letter) => alike[letter] ?? letter);
}

/**
 * Whether one slip of the hand leads from one word to the other: a letter wrong, missing, too many, or two beside each
 * other swapped.
 */
export function oneSlip(a: string, b: string): boolean {
  if (a.length > b.length) return oneSlip(b, a);
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  const rest = (word: string, skip: number): string => word.slice(from + skip);
  if (b.length - a.length === 1) return rest(a, 0) === rest(b, 1);
  if (a.length !== b.length || a === b) return false;
  return rest(a, 1) === rest(b, 1) || (a[from] === b[from + 1] && a[from + 1] === b[from] && rest(a, 2) === rest(b, 2));
}
