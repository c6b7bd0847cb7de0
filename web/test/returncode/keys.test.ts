import { describe, expect, test } from "vitest";
import { readEntry } from "../../src/returncode/entry.ts";
import { keysOf } from "../../src/returncode/keys.ts";
import { hex } from "../../src/wire/bytes.ts";
import { lists } from "./lists.ts";
import { cases } from "../wire/vectors.ts";

describe("code to keys, as Go derives them", () => {
  const all = cases("returncode", [
    "name",
    "comment",
    "kommun",
    "typed",
    "words",
    "digits",
    "locator",
    "capability",
    "key",
  ]);
  test.each(all)("$name", async (c) => {
    const entry = readEntry(c["typed"] as string, lists);
    const code = entry.kind === "empty" ? undefined : entry.code;
    expect(code).toEqual("words" in c ? { words: c["words"] } : { digits: c["digits"] });
    const keys = await keysOf(code!, c["kommun"] as string);
    expect({ locator: hex(keys.locator), capability: hex(keys.capability), key: hex(keys.key) }).toEqual({
      locator: c["locator"],
      capability: c["capability"],
      key: c["key"],
    });
  });

  test("six cases at least, and no two with anything in common", () => {
    expect(all.length).toBeGreaterThanOrEqual(6);
    const different = all.filter(({ name }) => name !== "in-english-letters");
    expect(new Set(different.flatMap((c) => [c["locator"], c["capability"], c["key"]])).size).toBe(
      3 * different.length,
    );
  });
});
