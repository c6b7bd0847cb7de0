import { describe, expect, test } from "vitest";
import * as check from "../../src/stored/check.ts";
import { type Migration, Newer, bytesForm, isNewer, jsonForm } from "../../src/stored/form.ts";

describe("a form", () => {
  const { text, object, list } = check;
  const steps: readonly Migration<unknown>[] = [
    { name: "a name becomes a list of names", up: (older) => ({ names: [(older as { name: string }).name] }) },
    { name: "names have a language", up: (older) => ({ ...(older as object), lang: "sv" }) },
  ];
  const form = jsonForm("people", object({ names: list(text), lang: text }), steps);

  test("stores its version first, one more than it has steps", () => {
    expect(form.version).toBe(3);
    expect(form.encode({ names: ["Sara"], lang: "en" })).toBe('[3,{"names":["Sara"],"lang":"en"}]');
  });

  test.each([
    ['[1,{"name":"Sara"}]', { names: ["Sara"], lang: "sv" }],
    ['[2,{"names":["Sara","Amir"]}]', { names: ["Sara", "Amir"], lang: "sv" }],
    ['[3,{"names":[],"lang":"en"}]', { names: [], lang: "en" }],
  ])("takes %s through each step that it lacks", (stored, opens) => expect(form.decode(stored)).toEqual(opens));

  test.each([
    '[1,{"names":["Sara"]}]',
    "[1,null]",
    "[2,7]",
    '[3,{"names":["Sara"]}]',
    "[3]",
    "{}",
    "",
    "[1.5,{}]",
    '["1",{}]',
  ])("refuses %s, whatever a step throws of it", (stored) => expect(() => form.decode(stored)).toThrow(check.Damaged));

  test("says of a later release's that it is one, and of nothing else", () => {
    expect(isNewer(form, "[4,{}]")).toBe(true);
    for (const stored of ["[3,{}]", "[0,{}]", "[-1,{}]", "x"]) expect(isNewer(form, stored)).toBe(false);
  });

  test("of bytes goes the same way, and judges a later version before the rest", () => {
    const pairs = bytesForm<number>("pairs", { put: (w, value) => w.uint16(value), get: (r) => r.uint16() }, [
      { name: "one byte becomes two", up: (older) => Uint8Array.of(0, ...older) },
    ]);
    expect(pairs.encode(258)).toEqual(Uint8Array.of(2, 1, 2));
    expect(pairs.decode(Uint8Array.of(2, 1, 2))).toBe(258);
    expect(pairs.decode(Uint8Array.of(1, 7))).toBe(7);
    expect(() => pairs.decode(Uint8Array.of(3))).toThrow(Newer);
    for (const bad of [[], [0, 1, 2], [2, 1], [2, 1, 2, 3], [1]])
      expect(() => pairs.decode(Uint8Array.from(bad))).toThrow(check.Damaged);
  });
});

describe("a check", () => {
  const { flag, hexText, base64Text, kinds, object, one, pair, record, text, whole } = check;
  const shape = object({ a: whole }, { b: flag });

  test("takes what is there and nothing more", () => {
    expect(shape({ a: 1 })).toEqual({ a: 1 });
    expect(shape({ b: true, a: 1 })).toEqual({ a: 1, b: true });
    for (const bad of [
      {},
      { b: true },
      { a: 1, c: 2 },
      { a: 1, b: undefined },
      { a: "1" },
      [1],
      null,
      "a",
      JSON.parse('{"a":1,"__proto__":{}}'),
    ])
      expect(() => shape(bad)).toThrow(check.Damaged);
  });

  test("does not read what an object has by birth", () => {
    expect(() => object({ toString: text })({})).toThrow(check.Damaged);
    expect(() => kinds({ a: object({}) })({ kind: "constructor" })).toThrow(check.Damaged);
    const read = record(text)(JSON.parse('{"__proto__":"x"}'));
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.keys(read)).toEqual(["__proto__"]);
  });

  test("tells kinds apart", () => {
    const either = kinds({ one: object({ a: whole }), two: object({}) });
    expect(either({ kind: "two" })).toEqual({ kind: "two" });
    for (const bad of [{ kind: "two", a: 1 }, { kind: "one" }, { a: 1 }, { kind: ["one"], a: 1 }])
      expect(() => either(bad)).toThrow(check.Damaged);
  });

  test("knows numbers, words, hex and base64", () => {
    for (const bad of [1.5, Number.NaN, 2 ** 53, "1", null]) expect(() => whole(bad)).toThrow(check.Damaged);
    expect(whole(-1)).toBe(-1);
    expect(() => one("a", "b")("c")).toThrow(check.Damaged);
    expect(() => pair(text, whole)(["a", 1, 2])).toThrow(check.Damaged);
    for (const bad of ["0", "0G", "AB", 1]) expect(() => hexText(bad)).toThrow(check.Damaged);
    for (const bad of ["A", "AA=", "AAA", "AA==\n", "*"]) expect(() => base64Text(bad)).toThrow(check.Damaged);
    for (const good of ["", "AA==", "AAA=", "AAAA"]) expect(base64Text(good)).toBe(good);
  });
});
