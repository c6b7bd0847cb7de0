import { describe, expect, test } from "vitest";
import { readMessage } from "../../src/conversation/mailbox/messages.ts";
import { type MailboxState, bytesOf } from "../../src/conversation/mailbox/state.ts";
import { becomeBroken } from "../../src/conversation/mailbox/transitions.ts";
import type { Member } from "../../src/mls/policy.ts";
import { type Payload, encodePayload } from "../../src/wire/payload.ts";
import { claimer, contextOf, device, groupOf, stateOf, transcript, visitor } from "./mailboxes.ts";

/** What a member's message does to the mailbox that reads it as entry 6. */

const sara = device("sara");
const text: Payload = { kind: "text", text: "hej" };
const receipt = (seq: number, of = seq): Payload => ({
  kind: "receipt",
  seq: BigInt(seq),
  transcript: bytesOf(transcript(of)),
});
const history = (seq: number, of = seq, who: readonly string[] = []): Payload => ({
  kind: "history",
  seq: BigInt(seq),
  transcript: bytesOf(transcript(of)),
  claimer: [...who],
});
const shared: Payload = {
  kind: "shared",
  lang: "sv",
  answers: [["who", "who.self"]],
  lines: [{ from: "visitor", alias: "", text: "hej" }],
};
const nonce = "0f".repeat(16);

async function read(
  payload: Payload | Uint8Array,
  change: Partial<MailboxState> = {},
  o: { sender?: Member; struck?: boolean; led?: (device?: string) => never } = {},
): Promise<MailboxState> {
  const s = stateOf({ side: "device", claimer, received: 3, ...change });
  const next = groupOf(sara, { devices: [sara], claimer: sara, ...(o.led && { led: o.led }) });
  Object.assign(next, { led: o.led ?? (() => next) });
  await readMessage(
    contextOf(s, next),
    {
      kind: "application",
      sender: o.sender ?? visitor,
      counter: 3n,
      payload: payload instanceof Uint8Array ? payload : encodePayload(payload),
      next,
      struck: o.struck ?? false,
    },
    6,
  );
  return s;
}

describe("words", () => {
  test("stand in the thread, wait for a receipt, and are what the visitor was heard to say", async () => {
    const s = await read(text);
    expect(s.lines).toEqual([{ id: "0.s6", era: 0, seq: 6, from: "visitor", text: "hej" }]);
    expect(s).toMatchObject({ unconfirmed: 6, heard: 6 });
  });

  test("of staff carry who said them", async () => {
    const s = await read(text, { side: "visitor" }, { sender: sara });
    expect(s.lines[0]).toMatchObject({ from: "staff", alias: "alias sara" });
    expect(s.heard).toBe(0);
  });

  test("take back a device's wish to end what nobody here has read, but not a visitor's", async () => {
    expect((await read(text, { ending: {} })).ending).toBeUndefined();
    expect((await read(text, { ending: { plain: true } })).ending).toEqual({ plain: true });
    expect((await read(text, { side: "visitor", ending: {} }, { sender: sara })).ending).toEqual({});
  });

  test.each([
    ["what does not decode", new Uint8Array(256)],
    ["an intake that is not the first entry", { kind: "intake", lang: "sv", answers: [], text: "" } as Payload],
    ["a history that nobody expects", history(4)],
    ["a verdict of a device", { kind: "verdict", nonce: bytesOf(nonce), verdict: 0 } as Payload, sara],
  ])("%s is shown to be unreadable", async (_, payload, sender: Member = visitor) => {
    const s = await read(payload, {}, { sender });
    expect(s.lines.at(-1)).toMatchObject({ from: "system", event: "unreadable" });
    expect(s.unconfirmed).toBe(6);
  });

  test("of a device that is struck are not believed, and its receipts count for nothing", async () => {
    const s = await read(text, { side: "visitor" }, { sender: sara, struck: true });
    expect(s.lines).toMatchObject([{ event: "unreadable" }]);
    const split = await read(receipt(5, 4), { side: "visitor" }, { sender: sara, struck: true });
    expect(split.stage.kind).toBe("open");
  });
});

describe("a receipt", () => {
  const own = { id: "0.o1", era: 0, seq: 4, from: "staff", text: "hej", delivery: "sent" } as const;
  test("marks what it covers, and wants no receipt itself", async () => {
    const s = await read(receipt(4), { lines: [own] });
    expect(s.lines[0]!.delivery).toBe("received");
    expect(s).toMatchObject({ received: 4, unconfirmed: 5, receipt: { from: "visitor", seq: 4 } });
    expect(s.trail.map(([seq]) => seq)).toEqual([4, 5]);
  });

  test("of another history ends it: the relay shows two", async () => {
    const s = await read(receipt(4, 5), { lines: [own] });
    expect(s.stage).toEqual({ kind: "broken", trouble: "split" });
    expect(s.lines[0]!.delivery).toBe("sent");
  });

  test("that cannot be meant tells nothing", async () => {
    const s = await read(receipt(6, 9), { lines: [own] });
    expect([s.stage.kind, s.received, s.receipt]).toEqual(["open", 3, undefined]);
  });

  test("is not judged before a joiner has its history", async () => {
    const s = await read(receipt(5, 4), { joiner: { from: 3, hashes: [] } });
    expect(s.stage.kind).toBe("open");
    expect(s.lines[0]).toMatchObject({ event: "unreadable" });
  });
});

describe("a history", () => {
  test("of what was seen here too goes on with what is known already", async () => {
    const s = await read(history(4), { expects: "history" });
    expect([s.stage.kind, s.expects, s.lines.length]).toEqual(["open", "repeated", 0]);
  });

  test("of another transcript ends it: the relay shows two", async () => {
    expect((await read(history(4, 5), { expects: "history" })).stage).toEqual({ kind: "broken", trouble: "split" });
  });

  test("is where a joiner begins", async () => {
    const joiner = { from: 4, hashes: [transcript(7)] };
    const s = await read(history(4, 4, ["0a".repeat(8)]), { expects: "history", joiner, trail: [] });
    expect([s.expects, s.joiner, s.trail.length, s.trail[0]]).toEqual(["shared", undefined, 2, [4, transcript(4)]]);
    expect(s.transcript).toBe(s.trail[1]![1]);
  });

  test.each([
    ["of another entry than a joiner begins after", history(3)],
    ["that names a claimer who cannot be", history(4, 4, ["0b".repeat(8)])],
  ])("%s is none", async (_, payload) => {
    const led = () => {
      throw new Error("claim");
    };
    const joiner = { from: 4, hashes: [] };
    const s = await read(payload, { expects: "history", joiner }, { led });
    expect([s.expects, s.joiner]).toEqual(["history", joiner]);
  });
});

describe("the thread that follows it", () => {
  test("is put down for a joiner, and not again for who has it", async () => {
    const s = await read(shared, { expects: "shared" });
    expect(s.lines).toMatchObject([{ shared: true, from: "visitor", text: "hej" }]);
    expect(s.intake).toMatchObject({ lang: "sv" });
    expect((await read(shared, { expects: "repeated" })).lines).toEqual([]);
  });

  test("ends with the first other word", async () => {
    const s = await read(text, { expects: "shared" });
    expect([s.expects, s.lines.length]).toEqual([undefined, 1]);
  });

  test("is the visitor's alone to share", async () => {
    const s = await read(shared, { expects: "shared", side: "visitor" }, { sender: sara });
    expect([s.expects, s.lines.at(-1)!.event]).toEqual(["shared", "unreadable"]);
  });
});

test("a verdict says how the device's own proposal goes on", async () => {
  const proposal = { nonce, reason: 1, until: 0, kommun: "", state: "waiting" } as const;
  for (const [verdict, state] of [
    [0, "no"],
    [1, "cannot"],
  ] as const) {
    const s = await read({ kind: "verdict", nonce: bytesOf(nonce), verdict }, { proposal });
    expect([s.proposal?.state, s.unconfirmed]).toEqual([state, 6]);
  }
});

test("an end is the end, by who said it", async () => {
  const s = await read({ kind: "end", reason: 0 });
  expect(s.stage).toEqual({ kind: "ended", end: { by: "visitor", confirmed: false } });
  const other = await read({ kind: "end", reason: 0 }, { side: "visitor" }, { sender: sara });
  expect(other.stage).toMatchObject({ end: { by: "staff" } });
});

test("what is over is not broken by what comes after", async () => {
  const s = await read({ kind: "end", reason: 0 });
  becomeBroken(contextOf(s), "split");
  expect([s.stage.kind, s.notice]).toEqual(["ended", "split"]);
});
