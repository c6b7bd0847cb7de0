import { expect, test } from "vitest";
import { longestContent, openState, paddedLength, sealState } from "../../src/conversation/sealed.ts";
import { unhex } from "../../src/wire/bytes.ts";
import { Limit } from "../../src/wire/codes.gen.ts";
import { cases } from "../wire/vectors.ts";

const all = cases("sealed", ["name", "locator", "key", "version", "blob", "content", "error"]);

test.each(all.map((c) => [c.name, c] as const))("sealed state: %s", async (_, c) => {
  const bytes = (field: string) => unhex(c[field] as string)!;
  const keys = { locator: bytes("locator"), capability: new Uint8Array(32), key: bytes("key") };
  const opened = await openState(keys, BigInt(c["version"] as string), bytes("blob"));
  expect(opened).toEqual(c["error"] ? undefined : bytes("content"));
});

test("a state is padded to steps that tell the members before the claim, and an ordinary thread never", () => {
  expect(paddedLength(5_000, 1, false)).toBe(32_768);
  expect(paddedLength(20_000, 8, false)).toBe(98_304);
  expect(paddedLength(200_000, 32, false)).toBe(262_144);
  for (const length of [0, 9_000, 65_532]) expect(paddedLength(length, 1, true)).toBe(65_536);
  expect(paddedLength(65_533, 1, true)).toBe(98_304);
  expect(paddedLength(longestContent, 1, true)).toBe(262_144);
});

test("the largest fits the relay's limit, and no two seals are alike", async () => {
  const keys = { locator: new Uint8Array(32), capability: new Uint8Array(32), key: new Uint8Array(32) };
  const content = new Uint8Array(longestContent);
  const [one, other] = await Promise.all([1, 2].map(() => sealState(keys, 1n, content, paddedLength(content.length, 1, true))));
  expect(one!.length).toBeLessThanOrEqual(Limit.blob);
  expect(one).not.toEqual(other);
});
