import { expect, test } from "vitest";
import { longestContent, openState, paddedLength, sealState } from "../../src/conversation/mailbox/sealed.ts";
import { decodeContent, newCopy, sealNext } from "../../src/conversation/mailbox/copy.ts";
import { addLine, freshState } from "../../src/conversation/mailbox/state.ts";
import { mailboxForm } from "../../src/conversation/mailbox/stored.ts";
import { Newer } from "../../src/stored/form.ts";
import { unhex } from "../../src/wire/bytes.ts";
import { Limit } from "../../src/wire/codes.gen.ts";
import { cases } from "../wire/vectors.ts";

const all = cases("sealed", ["name", "locator", "key", "version", "blob", "content", "error", "newer"]);

test.each(all.map((c) => [c.name, c] as const))("sealed state: %s", async (_, c) => {
  const bytes = (field: string) => unhex(c[field] as string)!;
  const keys = { locator: bytes("locator"), capability: new Uint8Array(32), key: bytes("key") };
  const opening = openState(keys, BigInt(c["version"] as string), bytes("blob"));
  if (c["newer"]) await expect(opening).rejects.toThrow(Newer);
  else expect(await opening).toEqual(c["error"] ? undefined : bytes("content"));
});

test("a state is padded to steps that tell the members before the claim, and an ordinary thread never", () => {
  expect(paddedLength(5_000, 1, false)).toBe(32_768);
  expect(paddedLength(20_000, 8, false)).toBe(98_304);
  expect(paddedLength(200_000, 32, false)).toBe(262_144);
  for (const length of [0, 9_000, 65_531]) expect(paddedLength(length, 1, true)).toBe(65_536);
  expect(paddedLength(65_532, 1, true)).toBe(98_304);
  expect(paddedLength(longestContent, 1, true)).toBe(262_144);
});

test("the largest fits the relay's limit, and no two seals are alike", async () => {
  const keys = { locator: new Uint8Array(32), capability: new Uint8Array(32), key: new Uint8Array(32) };
  const content = new Uint8Array(longestContent);
  const [one, other] = await Promise.all(
    [1, 2].map(() => sealState(keys, 1n, content, paddedLength(content.length, 1, true))),
  );
  expect(one!.length).toBeLessThanOrEqual(Limit.blob);
  expect(one).not.toEqual(other);
});

test("what does not fit loses its oldest lines, and nothing else", async () => {
  const s = freshState({ id: "00".repeat(32), side: "visitor", era: 0, since: 0, capability: "00".repeat(32) });
  for (let i = 0; i < 300; i++)
    addLine(s, {
      id: `0.o${i}`,
      era: 0,
      seq: i + 1,
      from: "visitor",
      text: `${i} ${"å".repeat(700)}`,
      delivery: "received",
    });
  const place = () => crypto.getRandomValues(new Uint8Array(32));
  const before = newCopy({ locator: place(), capability: place(), key: place() });
  const copy = newCopy({ locator: place(), capability: place(), key: place() }, [before]);
  const group = place();
  await sealNext(copy, s, group, undefined);
  expect(copy.flight!.blob.length).toBeLessThanOrEqual(Limit.blob);
  const content = decodeContent((await openState(copy.keys, 1n, copy.flight!.blob))!);
  expect(content.records.group).toEqual(group);
  expect(content.records.next).toBeUndefined();
  expect(content.before.map((b) => b.keys.locator)).toEqual([before.keys.locator]);
  const { lines } = mailboxForm.decode(content.records.state!);
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.at(-1)!.text).toMatch(/^299 /);
  expect(lines[0]!.text).not.toMatch(/^0 /);
  expect(s.lines).toHaveLength(300);
});
