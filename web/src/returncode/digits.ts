/** The code of those who do not read Latin letters: 24 digits, the last of which checks the others. */

/** Digits that carry the secret; one more checks them. */
export const secretDigits = 23;

/** H. M. Damm's quasigroup of order 10: every wrong digit and every swap of two neighbours changes the result. */
const damm = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

/** The digit to write after these, so that `checks` holds. */
export function checkDigit(digits: string): string {
  let state = "0";
  for (const digit of digits) state = damm[Number(state)]?.[Number(digit)] ?? "0";
  return state;
}

export function checks(digits: string): boolean {
  return checkDigit(digits) === "0";
}

/** In groups of four, one a line, as they are shown. */
export function grouped(digits: string): readonly string[] {
  return digits.match(/.{1,4}/g) ?? [];
}

/** The decimal digits of a text, of any script, as 0 to 9. */
export function digitsIn(text: string): string {
  return [...text]
    .filter((char) => /\p{Nd}/u.test(char))
    .map(digitValue)
    .join("");
}

/** Unicode keeps the decimal digits of each script together, from zero to nine. */
function digitValue(digit: string): number {
  const at = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(Math.max(0, at - before - 1)))) before++;
  return before % 10;
}
