import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { placeholders } from "../../src/i18n/index.ts";
import { catalogOf } from "./support.ts";

const folder = new URL("../../src/console/", import.meta.url);
const source = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n");
const sv = catalogOf("desk.sv");
const en = catalogOf("desk.en");
const forms = (entry: string | Readonly<Record<string, string>> | undefined) =>
  typeof entry === "string" ? { other: entry } : (entry ?? {});

describe("the console's texts", () => {
  test("are the same keys, in the same order, with the same placeholders and forms, in both languages", () => {
    expect(Object.keys(en)).toEqual(Object.keys(sv));
    expect(Object.keys(sv).length).toBeGreaterThan(200);
    for (const key of Object.keys(sv)) {
      expect(key).toMatch(/^desk\.[a-z0-9._]+$/);
      const [one, other] = [forms(sv[key]), forms(en[key])];
      expect(Object.keys(one), key).toEqual(Object.keys(other));
      expect(new Set(placeholders(one["other"] ?? "")), key).toEqual(new Set(placeholders(other["other"] ?? "")));
      for (const sentence of [...Object.values(one), ...Object.values(other)])
        expect(sentence.trim(), key).not.toBe("");
    }
  });

  test("exist for every key that the pages name", () => {
    const named = [...source.matchAll(/"(desk\.[a-z0-9.]+)"/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(100);
    for (const key of named) expect(Object.keys(sv), key).toContain(key);
  });

  test("are all used: a sentence that nothing shows is never kept up", () => {
    const literal = new Set([...source.matchAll(/"(desk\.[a-z0-9.]+)"/g)].map((match) => match[1]!));
    // A key made from a name, such as `desk.trouble.${trouble}`, uses every key that it can become.
    const made = [...source.matchAll(/`(desk\.[a-z0-9.${}\s()?:"=_+]+?)`/gi)].map((match) => {
      const parts = match[1]!.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
      return new RegExp(`^${parts.join("[a-z0-9_.]+")}$`);
    });
    expect(made.length).toBeGreaterThan(8);
    // The words of an alarm are written by the server (intake/alarm).
    for (const key of Object.keys(sv).filter((one) => !one.startsWith("desk.alarm.")))
      expect(literal.has(key) || made.some((pattern) => pattern.test(key)), key).toBe(true);
  });

  test("have a sentence for every fault that the engine can name", () => {
    const api = readFileSync(new URL("../../src/conversation/api.ts", import.meta.url), "utf8");
    const union = api.slice(api.indexOf("export type Trouble ="), api.indexOf("export interface Intake"));
    const names = [...union.matchAll(/"([a-z_]+)"/g)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) expect(Object.keys(sv), name).toContain(`desk.trouble.${name}`);
  });
});

describe("the console's source", () => {
  test("uses nothing that the content security policy forbids, and keeps no register", () => {
    expect(source).not.toMatch(/innerHTML|dangerouslySetInnerHTML|style=|\beval\(|new Function|document\.write/);
    // One thing is copied, on purpose: the enrolment request, which is public.
    expect(source.match(/clipboard/g)).toHaveLength(2);
    expect(source).not.toMatch(/\bprint\(|createObjectURL|\bdownload\b|sessionStorage|indexedDB/);
  });

  test("never imports the visitor's page", () => expect(source).not.toMatch(/\.\.\/visitor\//));
});
