import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sealedVersion } from "../../src/conversation/mailbox/sealed.ts";
import { Damaged } from "../../src/stored/check.ts";
import { Newer } from "../../src/stored/form.ts";
import { sources } from "../walls/imports.ts";
import { folder, goldenOf, plain } from "./files.ts";
import { type Kept, forms } from "./forms.ts";

/** What some version has stored, and how today's code reads it. */
interface Golden {
  readonly stored: string;
  readonly opens: unknown;
}

const named = forms.map((kept) => [kept.form.name, kept] as const);

const made = ({ form, samples, freeze }: Kept): readonly Golden[] =>
  samples.map((sample) => ({ stored: freeze(form.encode(sample)), opens: plain(sample) }));

describe.each(named)("stored: %s", (name, kept) => {
  const { form, thaw } = kept;

  test.each(Array.from({ length: form.version }, (_, i) => i + 1))("version %i is opened", (version) => {
    const all = goldenOf<readonly Golden[]>(name, version, () => made(kept));
    expect(all.length).toBeGreaterThan(0);
    for (const { stored, opens } of all) expect(plain(form.decode(thaw(stored)))).toEqual(opens);
  });

  test("what is stored today is what this version has always stored", () => {
    expect(made(kept)).toEqual(goldenOf(name, form.version, () => made(kept)));
  });

  test("what a later release has stored is named so, whatever it holds", () => {
    for (const later of [form.version + 1, 200]) expect(() => form.decode(withVersion(kept, later))).toThrow(Newer);
  });

  test("what is none of it is refused", () => {
    expect(() => form.decode(withVersion(kept, 0))).toThrow(Damaged);
    for (const { stored } of made(kept))
      for (const bad of [...broken(thaw(stored))]) expect(() => form.decode(bad)).toThrow(Damaged);
  });
});

/** Stored by a version that nobody knows, with a body that nobody could read. */
function withVersion({ form, samples }: Kept, version: number): unknown {
  const stored = form.encode(samples[0]);
  if (typeof stored === "string") return JSON.stringify([version, "?"]);
  if (!(stored instanceof Uint8Array)) return [version, "?"];
  return isJson(stored) ? new TextEncoder().encode(JSON.stringify([version, "?"])) : Uint8Array.of(version, 255);
}

const isJson = (stored: Uint8Array): boolean => stored[0] === "[".charCodeAt(0);

function* broken(stored: unknown): Generator<unknown> {
  if (stored instanceof Uint8Array) {
    yield stored.slice(0, -1);
    yield Uint8Array.of(...stored, 0);
    yield new Uint8Array();
    // The first byte of what is no JSON is a version.
    if (isJson(stored))
      for (const text of ['{"hello":1}', '[1,{"hello":1}]', "[1]"]) yield new TextEncoder().encode(text);
  } else if (typeof stored === "string") {
    for (const text of [stored.slice(0, -1), "", "null", '{"hello":1}', '[1,{"hello":1}]', "[1]"]) yield text;
  } else {
    for (const value of [undefined, null, {}, [1], [1, {}], [1, ...(stored as unknown[]), 2]]) yield value;
  }
}

test("every form has its golden files, and every golden file its form", () => {
  const src = new URL("../../src/", import.meta.url);
  const names = sources().flatMap((file) =>
    [
      ...readFileSync(new URL(file, src), "utf8").matchAll(
        /\b(?:json|jsonBytes|bytes|value)Form(?:<[^\n]*>)?\(\s*"([a-z-]+)"/g,
      ),
    ].map(([, name]) => name!),
  );
  expect(names.length).toBeGreaterThan(10);
  expect(names.sort()).toEqual(forms.map(({ form }) => form.name).sort());
  const expected = forms.flatMap(({ form }) =>
    Array.from({ length: form.version }, (_, i) => `${form.name}.${i + 1}.json`),
  );
  for (let version = 1; version <= sealedVersion; version++) expected.push(`sealed.${version}.json`);
  expected.push("group-real.1.json", "safe.1.json");
  expect(readdirSync(folder).sort()).toEqual(expected.sort());
});
