import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newTexts, placeholders } from "../../src/i18n/index.ts";
import type { Catalog, Language, Slots } from "../../src/i18n/index.ts";

const folder = new URL("../../../i18n/", import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8"));
const catalog = (file: string): Catalog => read(`catalog/${file}`) as Catalog;
const visitor = (tag: string): Catalog => ({ ...catalog(`${tag}.json`), ...catalog(`phrases.${tag}.json`) });
const strict = (what: string): never => {
  throw new Error(what);
};
const forms = (entry: Catalog[string]): readonly string[] =>
  typeof entry === "string" ? [entry] : Object.values(entry);

const languages = read("languages.json") as readonly (Language & { readonly categories: readonly string[] })[];
const language = (tag: string): Language => languages.find((one) => one.tag === tag)!;

test("renders every case that Go renders", () => {
  const cases = read("testdata/render.json") as readonly { lang: string; key: string; slots: Slots; want: string }[];
  expect(cases.length).toBeGreaterThanOrEqual(200);
  for (const { lang, key, slots, want } of cases)
    expect(newTexts(visitor(lang), language(lang), strict).t(key, slots), `${lang} ${key}`).toBe(want);
});

test("shows neither a key nor a bare placeholder", () => {
  const texts = newTexts(visitor("sv"), "sv");
  for (const text of [
    texts.t("no.such.key"),
    texts.t("start.open"),
    texts.t("lim.7", { hours: "24" }),
    texts.t("constructor"),
    texts.t("toString"),
  ])
    expect(text).toBe(texts.t("err.generic"));
  expect(() => newTexts(visitor("sv"), "sv", strict).t("no.such.key")).toThrow("no.such.key");
  expect(() => newTexts(visitor("sv"), "sv", strict).t("start.open", {})).toThrow("start.open");
  expect(newTexts({}, "sv").t("anything")).toBe("");
});

test("puts what is not the sentence's own by itself, where the sentence goes from right to left", () => {
  const catalog = { k: "{name} 116 111, 08-12 34 112 {n}" };
  const of = (dir: "ltr" | "rtl"): string =>
    newTexts(catalog, { tag: "ar", dir, plural: "ar" }, strict).t("k", { name: "Sara", n: 7 });
  expect(of("rtl")).toBe("\u2068Sara\u2069 \u2066116 111\u2069, \u206608-12 34 112\u2069 7");
  expect(of("ltr")).toBe("Sara 116 111, 08-12 34 112 7");
});

// A browser that lacks a rule answers with that of the phone's own language. These are in every browser that the page
// is built for.
test("asks browsers for plural rules that all of them have, and gets the categories of the language", () => {
  for (const { tag, plural, categories } of languages) {
    expect(["sv", "en", "fi", "ar", "tr", "fa", "am", "es", "pl"], tag).toContain(plural);
    const rule = (of: string): readonly string[] =>
      Array.from({ length: 1200 }, (_, n) => new Intl.PluralRules(of).select(n));
    expect([...new Intl.PluralRules(plural).resolvedOptions().pluralCategories].sort(), tag).toEqual(
      [...categories].sort(),
    );
    expect(rule(tag), tag).toEqual(rule(plural));
  }
});

test("takes the plural form of languages with more than two", () => {
  const texts = newTexts(
    { k: { zero: "z", one: "1", two: "2", few: "f {n}", many: "m {n}", other: "o {n}" } },
    "ar",
    strict,
  );
  expect([0, 1, 2, 3, 11, 100].map((n) => texts.t("k", { n }))).toEqual(["z", "1", "2", "f 3", "m 11", "o 100"]);
});

test("the languages have the same keys, placeholders and plural forms, sorted", () => {
  for (const prefix of ["", "phrases."]) {
    const [sv, en] = [catalog(`${prefix}sv.json`), catalog(`${prefix}en.json`)];
    expect(Object.keys(sv)).toEqual(Object.keys(sv).sort());
    expect(Object.keys(en)).toEqual(Object.keys(sv));
    for (const key of Object.keys(sv)) {
      const slots = (entry: Catalog[string] | undefined): readonly string[][] =>
        forms(entry ?? "").map((text) => [...placeholders(text)].sort());
      expect(slots(en[key]), key).toEqual(slots(sv[key]));
      expect(typeof en[key], key).toBe(typeof sv[key]);
      for (const text of [...forms(sv[key] ?? ""), ...forms(en[key] ?? "")]) {
        expect(text, key).toBe(text.trim());
        expect(text.replace(/\{[a-z][a-z0-9_]*\}/g, ""), key).not.toMatch(/[{}<>]/);
      }
    }
  }
});

// Sentences given to us with the wording that the law needs.
const longer = ["minor.p2", "lim.6"];

test("is easy to read: short sentences, LIX 25 at most", () => {
  for (const tag of ["sv", "en"]) {
    for (const [key, entry] of Object.entries(catalog(`${tag}.json`))) {
      if (longer.includes(key)) continue;
      for (const sentence of forms(entry).flatMap((text) => text.split(/(?<=[.!?])\s+/)))
        expect(sentence.match(/[\p{L}\p{N}{}'-]+/gu)?.length ?? 0, `${tag} ${key}: ${sentence}`).toBeLessThanOrEqual(
          14,
        );
    }
  }
  const parts = new Map<string, string[]>();
  for (const [key, entry] of Object.entries(catalog("sv.json"))) {
    const part = key.split(".")[0] ?? "";
    // Labels of a word or two are no text; readability is counted over what is read as sentences.
    const sentences = forms(entry).filter((text) => /[.?!]$/.test(text));
    parts.set(part, [...(parts.get(part) ?? []), ...sentences]);
  }
  for (const [part, texts] of parts)
    if (texts.length > 3) expect(lix(texts), part).toBeLessThanOrEqual(part === "pro" ? 28 : 25);
});

function lix(texts: readonly string[]): number {
  const words = texts.join(" ").match(/\p{L}+(?:-\p{L}+)*/gu) ?? [];
  const sentences = texts.join(" ").match(/[.?!](?=\s|$)/g) ?? [];
  return words.length / sentences.length + (100 * words.filter((word) => word.length > 6).length) / words.length;
}
