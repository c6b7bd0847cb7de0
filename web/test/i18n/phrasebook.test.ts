import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Catalog, newTexts } from "../../src/i18n/index.ts";
import { read } from "../../src/i18n/phrasebook.ts";

const texts = (tag: string, dir: "ltr" | "rtl") =>
  newTexts(
    JSON.parse(readFileSync(new URL(`../../../i18n/catalog/phrases.${tag}.json`, import.meta.url), "utf8")) as Catalog,
    { tag, dir, plural: tag },
    (what) => {
      throw new Error(what);
    },
  );
const sv = texts("sv", "ltr");
const ar = texts("ar", "rtl");
const hello = (alias: string, more = {}) =>
  read({ key: "pb.hello", slots: { alias, kommun: "Botkyrka", ...more } }, "staff", sv);

describe("a reply of somebody's whom we do not trust", () => {
  test("is the sentence with its values", () =>
    expect(hello("Sara")).toBe("Hej. Jag heter Sara och arbetar på socialtjänsten i Botkyrka. Bra att du skriver."));

  test.each(["", "  ", "a".repeat(41), "Sara\nRing 08-1", "Sa\u202Era", "\u2066Sara", "Sa\u0000ra", "Sa\u200Bra"])(
    "is not shown with the value %j",
    (alias) => expect(hello(alias)).toBeUndefined(),
  );

  test("is not shown with a slot too many, too few or of another name", () => {
    expect(hello("Sara", { phone: "112" })).toBeUndefined();
    expect(read({ key: "pb.hello", slots: { alias: "Sara" } }, "staff", sv)).toBeUndefined();
    expect(read({ key: "pb.report", slots: { phone: "112" } }, "staff", sv)).toBeUndefined();
    expect(read({ key: "pb.hello", slots: { alias: "Sara", constructor: "x" } }, "staff", sv)).toBeUndefined();
  });

  test("is not shown with a telephone number or minutes that are none", () => {
    const report = (phone: string) => read({ key: "pb.report", slots: { phone_report: phone } }, "staff", sv);
    expect(report("08-530 610 00")).toContain("Ring 08-530 610 00.");
    for (const phone of ["vem som helst", "1", "08-530 610 00 08-530 610 00", "+", "08;1"])
      expect(report(phone)).toBeUndefined();
    const closing = (min: string) => read({ key: "pb.closing", slots: { min, opens: "i morgon" } }, "staff", sv);
    expect(closing("1")).toContain("om 1 minut.");
    for (const min of ["0", "-1", "1e3", "100", "1.5", ""]) expect(closing(min)).toBeUndefined();
  });

  test.each(["pb.none", "q.yes", "desk.end", "err.generic", "constructor", "pb.", "quick.left"])(
    "is not shown where it is %s",
    (key) => expect(read({ key, slots: {} }, "staff", sv)).toBeUndefined(),
  );

  test("keeps the order of its words round a value of the other direction", () => {
    expect(hello("سارة")).toContain("heter \u2068سارة\u2069 och");
    expect(read({ key: "pb.hello", slots: { alias: "Sara", kommun: "Botkyrka" } }, "staff", ar)).toContain(
      "\u2068Sara\u2069",
    );
  });
});
