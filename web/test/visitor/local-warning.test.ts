import { expect, test } from "vitest";
import { hints } from "../../src/visitor/local-warning.ts";
import type { Hint } from "../../src/visitor/local-warning.ts";

const telling: readonly (readonly [string, Hint])[] = [
  ["jag är 19991231-1234", "pnr"],
  ["9912311234", "pnr"],
  ["0701234567, jag menar 991231-1234", "pnr"],
  ["0701234567 eller 070-345 67 89", "phone"],
  ["född 991231 1234 i Alby", "pnr"],
  ["19991291+1234", "pnr"],
  ["991231–1234", "pnr"],
  ["ring 070-123 45 67", "phone"],
  ["0701234567", "digits"],
  ["+46 70 123 45 67", "phone"],
  ["(0046)701234567", "phone"],
  ["08 530 610 00", "phone"],
  ["kalle@exempel.se", "mail"],
  ["skriv till a.b+c@post.exempel.com tack", "mail"],
  ["Storgatan 5", "address"],
  ["bor på albyvägen 12b", "address"],
  ["vi ses på Hallundatorget", "address"],
  ["145 68 Norsborg", "address"],
  ["12 Station Road", "address"],
  ["Jag heter Kalle", "name"],
  ["mitt namn är Åsa", "name"],
  ["My name is Sam", "name"],
  ["han heter ÖRJAN", "name"],
  ["I'm called Sam", "name"],
  ["min bror heter\nAli", "name"],
  ["lägg till mig @kalle_99", "name"],
  ["Jag he\u00adter Kalle", "name"],
];

test.each(telling)("%s", (text, hint) => expect(hints(text)).toContain(hint));

test.each([
  "",
  "jag vill ut",
  "kan ni hjälpa mig?",
  "jag är 17 år",
  "klockan 17:30 den 22 november",
  "det hände 2026-11-22",
  "jag är skyldig dem 150000 kr",
  "ring 112",
  "Bris 116 111",
  "114 14",
  "vad heter du?",
  "jag heter inte som ni tror",
  "hur kom jag på den vägen",
  "vi var 12 på gatan",
  "I called the police",
  "what is your name?",
  "de vill ha 50 000 i veckan",
  "jag går i nian",
  "2 nätter på vandrarhem",
])("says nothing about: %s", (text) => expect(hints(text)).toEqual([]));

test("names each thing once, whatever the length", () => {
  expect(hints("Jag heter Kalle. Han heter Ali. Storgatan 5, Storgatan 7. 073-455 66 77")).toEqual([
    "phone",
    "address",
    "name",
  ]);
  // Ten figures can be either, and are asked about once.
  expect(hints("0701234567")).toEqual(["digits"]);
  expect(hints("991231-1234 och 073-455 66 77")).toEqual(["pnr", "phone"]);
  const started = performance.now();
  hints("070 ".repeat(1000) + "a".repeat(4000) + "@".repeat(4000) + "heter ".repeat(700));
  expect(performance.now() - started).toBeLessThan(500);
});
