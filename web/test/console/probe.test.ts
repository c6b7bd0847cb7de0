import { describe, expect, test } from "vitest";
import { newProbes, onlyFirst, readMark } from "../../src/console/probe.ts";
import { cases } from "../wire/vectors.ts";

const all = cases("probe", ["name", "expect", "kommun", "key", "now", "text", "nonce"]) as unknown as readonly Record<
  string,
  string & number
>[];

describe("vectors", () => {
  test.each(all)("$name", async (c) => {
    const mark = await readMark(c["text"]!, { kommun: c["kommun"]!, key: c["key"]!, now: c["now"]! });
    expect(mark?.nonce).toBe(c["expect"] === "probe" ? c["nonce"] : undefined);
  });
});

const fresh = all.find(({ name }) => name === "fresh")!;
const [kommun, key, now] = [fresh["kommun"]!, fresh["key"]!, Number(fresh["now"])];
const intake = { lang: "sv", answers: [], text: String(fresh["text"]) };

function memory() {
  const kept = new Map<string, string>();
  return {
    kept,
    storage: () => ({
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
    }),
  };
}

describe("a device", () => {
  test("takes a mark for the conversation in which it met it, and no other", async () => {
    const { storage } = memory();
    const probes = newProbes({ kommun, key, storage });
    expect(await probes.judge({ id: "a", intake }, now)).toBe(true);
    expect(await probes.judge({ id: "b", intake }, now)).toBe(false);
    expect(await probes.judge({ id: "a", intake }, now + 3600)).toBe(true);
  });

  test("met at once, still takes one alone", async () => {
    const probes = newProbes({ kommun, key, ...memory() });
    const both = await Promise.all([probes.judge({ id: "a", intake }, now), probes.judge({ id: "b", intake }, now)]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  test("remembers a mark through a reload, without any conversation, and forgets it when it has run out", async () => {
    const { kept, storage } = memory();
    expect(await newProbes({ kommun, key, storage }).judge({ id: "a", intake }, now)).toBe(true);
    expect([...kept.values()].join()).toContain(fresh["nonce"]);
    expect([...kept.values()].join()).not.toContain('"a"');
    expect(await newProbes({ kommun, key, storage }).judge({ id: "a", intake }, now)).toBe(false);
    kept.set("probes", JSON.stringify([["00", now - 1]]));
    await newProbes({ kommun, key, storage }).judge({ id: "a", intake }, now);
    expect([...kept.values()].join()).not.toContain('"00"');
  });

  test("that can remember nothing knows no probes, nor does one without a key", async () => {
    const refuses = () => {
      throw new Error("no storage");
    };
    expect(await newProbes({ kommun, key, storage: refuses }).judge({ id: "a", intake }, now)).toBe(false);
    expect(await newProbes({ kommun, key: undefined, ...memory() }).judge({ id: "a", intake }, now)).toBe(false);
  });

  test("takes whoever writes a second word for a person", () => {
    const line = (id: string, from: "visitor" | "staff") => ({ id, from, text: "x" });
    expect(onlyFirst({ lines: [line("1", "visitor"), line("2", "staff")] })).toBe(true);
    expect(onlyFirst({ lines: [line("1", "visitor"), line("2", "visitor")] })).toBe(false);
  });
});
