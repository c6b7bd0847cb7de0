import { describe, expect, test } from "vitest";
import { append, blank, book, phrases, search } from "../../src/console/phrases.ts";
import { hindrance, longest } from "../../src/console/composer.tsx";
import { catalogOf, config, tongueOf } from "./support.ts";

const sv = tongueOf("sv");
const en = tongueOf("en");
const everything = { ...config, claims: ["return_code", "second_reader", "handover"] };

describe("the phrasebook", () => {
  test("places every reply of the catalog, once", () => {
    const placed = book.flatMap(({ keys }) => keys);
    expect([...placed].sort()).toEqual(Object.keys(catalogOf("phrases.sv")).filter((key) => key.startsWith("pb.")).sort());
    expect(placed).toHaveLength(36);
    expect(phrases(everything, sv, sv, sv, "Sara")).toHaveLength(36);
  });

  test("names each moment in both languages", () => {
    for (const { moment } of book) for (const tongue of [sv, en]) expect(tongue.say(`desk.phrases.${moment}`)).not.toBe("");
  });

  test("is in the visitor's language, with one that the coordinator reads beside it", () => {
    const of = (visitor: typeof sv, own: typeof sv) => phrases(config, visitor, own, sv, "Sara").find((one) => one.key === "pb.noname");
    expect(of(en, sv)?.text).toMatch(/^You do not have to say who you are/);
    expect(of(en, sv)?.beside).toMatch(/^Du behöver inte säga vem du är/);
    expect(of(en, en)?.beside).toMatch(/^Du behöver inte säga vem du är/);
    expect(of(sv, en)?.beside).toMatch(/^You do not have to say who you are/);
    expect(of(sv, sv)?.beside).toBe("");
  });

  test("fills what it knows and leaves a visible blank for the rest", () => {
    const text = (key: string, numbers = config.numbers) => phrases({ ...everything, numbers }, sv, sv, sv, "Sara").find((one) => one.key === key)?.text;
    expect(text("pb.hello")).toBe("Hej. Jag heter Sara och arbetar på socialtjänsten i Botkyrka. Bra att du skriver.");
    expect(text("pb.callus")).toContain("08-000 00 00, vardagar 8–16");
    expect(text("pb.callus", [])).toContain(blank);
    expect(text("pb.handover")).toContain(blank);
    for (const one of phrases(everything, sv, en, sv, "Sara")) expect(`${one.text} ${one.beside}`).not.toMatch(/[{}]/);
  });

  test("holds back what would not be true: no code, no second reader, no number that is not verified", () => {
    const keys = (numbers = config.numbers) => phrases({ ...config, numbers }, sv, sv, sv, "Sara").map((one) => one.key);
    for (const key of ["pb.gosafe", "pb.closing", "pb.second", "pb.handover"]) expect(keys()).not.toContain(key);
    expect(keys()).toContain("pb.bris");
    expect(keys([])).not.toContain("pb.bris");
    expect(keys([])).toContain("pb.danger");
  });

  test("is searched in both languages, by every word, in any case", () => {
    const all = phrases(config, en, sv, sv, "Sara");
    const keys = (query: string) => search(all, query).map((one) => one.key);
    expect(keys("TYSTNADSPLIKT liv")).toEqual(["pb.secrecy"]);
    expect(keys("confidentiality")).toContain("pb.secrecy");
    expect(keys("  ")).toHaveLength(all.length);
    expect(keys("zzz")).toEqual([]);
  });
});

describe("the composer", () => {
  test("adds a reply on a line of its own", () => {
    expect(append("", "Hej.")).toBe("Hej.");
    expect(append("Hej. \n", "Mer.")).toBe("Hej.\nMer.");
  });

  test("holds back what is empty, too long or not filled in", () => {
    expect(hindrance(" \n")).toBe("empty");
    expect(hindrance("a".repeat(longest))).toBeUndefined();
    expect(hindrance("😀".repeat(longest))).toBeUndefined();
    expect(hindrance("a".repeat(longest + 1))).toBe("long");
    expect(hindrance(`Vi stänger om ${blank}.`)).toBe("blank");
  });
});
