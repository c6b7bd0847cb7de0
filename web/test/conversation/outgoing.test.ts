import { describe, expect, test } from "vitest";
import type { Sayable } from "../../src/conversation/mailbox/next.ts";
import { readBy, requestOf, seal } from "../../src/conversation/mailbox/outgoing.ts";
import { type MailboxState, bytesOf, messageOf } from "../../src/conversation/mailbox/state.ts";
import type { Group } from "../../src/mls/group.ts";
import { PolicyError, type Rule } from "../../src/mls/policy.ts";
import { beginning } from "../../src/wire/frames.ts";
import { decodePayload } from "../../src/wire/payload.ts";
import {
  claimer,
  contextOf,
  device,
  groupOf,
  id,
  incarnation,
  pendingOf,
  stateOf,
  tag,
  textItem,
} from "./mailboxes.ts";

/** How something that is to be said becomes the pending frame, and the pending frame a request. */

const line = { id: "0.o1", era: 0, from: "visitor", text: "hej", delivery: "waiting" } as const;

interface Made {
  readonly counter: bigint;
  readonly payload?: Uint8Array;
  readonly did?: unknown;
}

/** A group that seals by handing out what it was given. */
function sealing(devices: readonly string[] = ["sara", "amir"], fails?: Rule) {
  const made: Made[] = [];
  const next = groupOf();
  const out = (one: Made, opens: readonly string[] = []) => {
    if (fails) throw new PolicyError(fails);
    made.push(one);
    return { message: Uint8Array.of(7), bound: { counter: one.counter, opens, closes: [] }, next };
  };
  const group = groupOf(device("sara"), {
    devices: devices.map((name, i) => device(name, i + 1)),
    seal: async (payload: Uint8Array, counter: bigint) => out({ payload, counter }),
    claim: async (counter: bigint, keep?: string) => out({ counter, did: { keep } }),
    remove: async (gone: readonly string[], counter: bigint) => out({ counter, did: { gone } }),
    change: async (gone: readonly string[], joiners: readonly { device: string }[], counter: bigint) =>
      out(
        { counter, did: { gone, joiners } },
        joiners.map((j) => j.device),
      ),
  } as Partial<Group>);
  return { group, made, next };
}

async function sealed(item: Sayable, change: Partial<MailboxState> = {}, o: { fails?: Rule; env?: object } = {}) {
  const s = stateOf({ lines: [line], queue: [textItem], awaits: 3, ...change });
  const { group, made, next } = sealing(undefined, o.fails);
  const ctx = contextOf(s, group, { reload: async () => undefined, second: () => "amir", ...o.env });
  await seal(ctx, item);
  return { s, ctx, made, next, group };
}

describe("words", () => {
  test("become pending under the next counter, and leave the queue", async () => {
    const { s, ctx, made, next } = await sealed(textItem);
    expect(made[0]!.counter).toBe(3n);
    expect(decodePayload(made[0]!.payload!)).toEqual({ kind: "text", text: "hej" });
    expect(s.pending).toEqual({ what: "line", counter: 3, message: "Bw==", item: textItem });
    expect([s.queue, s.awaits, ctx.group]).toEqual([[], undefined, next]);
  });

  test("that cannot be encrypted have failed, and the rest goes on", async () => {
    const { s } = await sealed(textItem, {}, { fails: "device_expired" });
    expect([s.pending, s.queue, s.notice, s.stage.kind]).toEqual([undefined, [], "device", "open"]);
    expect(s.lines[0]!.delivery).toBe("failed");
  });
});

test("a receipt says what has been seen, up to the newest entry", async () => {
  const { s, made } = await sealed({ kind: "receipt" });
  expect(decodePayload(made[0]!.payload!)).toEqual({ kind: "receipt", seq: 5n, transcript: bytesOf(s.transcript) });
  expect(s.pending).toMatchObject({ what: "receipt", covers: 5 });
  expect((await sealed({ kind: "receipt" }, { confirmed: 1 }, { fails: "device_expired" })).s.confirmed).toBe(5);
});

test("an end says how far it has read, and one that cannot be encrypted is taken back", async () => {
  const { s } = await sealed({ kind: "end" }, { ending: {} });
  expect(s.pending).toMatchObject({ what: "end", read: { incarnation, seq: 5, tag: tag(5) } });
  expect((await sealed({ kind: "end" }, { ending: {} }, { fails: "device_expired" })).s.ending).toBeUndefined();
});

describe("a commit", () => {
  const did = async (item: Sayable, change: Partial<MailboxState> = {}, env?: object) =>
    (await sealed(item, change, { env: env ?? {} })).made[0]?.did;

  test("waits beside the state that it leads to, which nothing uses yet", async () => {
    const { s, ctx, group, next } = await sealed({ kind: "remove", devices: ["amir"] });
    expect([ctx.group, ctx.next, s.pending?.what]).toEqual([group, next, "remove"]);
  });

  test("of a claim keeps a second device while the visitor is away or has left, and none else", async () => {
    for (const [presence, keep] of [
      [0, "amir"],
      [1, undefined],
      [2, "amir"],
      [undefined, undefined],
    ] as const)
      expect(await did({ kind: "claim" }, { side: "device", presence })).toEqual({ keep });
  });

  test("of a renewal takes out whoever is neither the claimer nor let in beside them", async () => {
    expect(await did({ kind: "renew" }, { claimer })).toEqual({ gone: ["amir"] });
    expect(await did({ kind: "renew" }, { claimer, company: [{ ...claimer, device: "amir" }] })).toEqual({ gone: [] });
    expect(await did({ kind: "renew" })).toEqual({ gone: [] });
  });

  test("of an invitation takes all out and colleagues in", async () => {
    const colleagues = async () => [{ device: "lena" }];
    expect(await did({ kind: "invite" }, {}, { colleagues })).toEqual({
      gone: ["sara", "amir"],
      joiners: [{ device: "lena" }],
    });
  });

  test.each([
    [1, []],
    [2, ["sara", "amir"]],
  ])("of a yes with reason %d takes out %o", async (reason, gone) => {
    const nonce = "0f".repeat(16);
    const change = { claimer, proposal: { nonce, reason, until: 9e9, kommun: "" } };
    const welcome = async () => [{ device: "lena" }];
    const item = { kind: "accept", nonce, reason, kommun: "" } as const;
    expect(await did(item, change, { welcome })).toEqual({ gone, joiners: [{ device: "lena" }] });
    // Another proposal has come since.
    const late = await sealed({ ...item, nonce: "0e".repeat(16) }, change, { env: { welcome } });
    expect([late.made, late.s.pending, late.s.lines[0]!.event]).toEqual([[], undefined, "unable"]);
  });

  test("that finds nobody to let in is not made, and says so", async () => {
    const colleagues = () => Promise.reject(new PolicyError("proposed"));
    const { s, ctx } = await sealed({ kind: "invite" }, { queue: [{ kind: "invite" }] }, { env: { colleagues } });
    expect([s.notice, s.pending, ctx.next]).toEqual(["nobody", undefined, undefined]);
  });
});

describe("the request", () => {
  const request = (change: Parameters<typeof pendingOf>[0], state: Partial<MailboxState> = {}) =>
    requestOf(contextOf(stateOf(state)), pendingOf(change));

  test("is the same each time it is made: the pending frame, byte for byte", () => {
    const welcome = "d2VsY29tZQ==";
    expect(request({ opens: ["sara"], closes: ["amir"], welcome })).toEqual({
      kind: "send",
      mailbox: bytesOf(id),
      counter: 3n,
      opens: ["sara"],
      closes: ["amir"],
      welcome: messageOf(welcome),
      message: messageOf(pendingOf().message),
    });
    expect(request({})).toEqual(request({}));
  });

  test("of an opening", () => {
    const slot = "dd".repeat(32);
    expect(request({ what: "open", slot, retention: 1, opens: ["sara"], work: "d29yaw==" })).toMatchObject({
      kind: "open",
      slot: bytesOf(slot),
      retention: 1,
      devices: ["sara"],
      work: messageOf("d29yaw=="),
    });
  });

  test("of an end carries what was read when it was sealed, and a visitor's deletes whatever comes", () => {
    const read = { incarnation, seq: 4, tag: tag(4) };
    const cursor = { incarnation: bytesOf(incarnation), seq: 4n, tag: bytesOf(tag(4)) };
    expect(request({ what: "end", read }, { side: "device" })).toMatchObject({
      kind: "end",
      counter: 3n,
      read: cursor,
    });
    expect(request({ what: "end", read })).toMatchObject({ read: beginning });
    expect(readBy(stateOf(), read)).toBe(beginning);
  });
});
