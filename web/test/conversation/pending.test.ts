import { describe, expect, test } from "vitest";
import { takePendingAnswer } from "../../src/conversation/mailbox/pending.ts";
import { type MailboxState, type Pending, bytesOf, troubleIn } from "../../src/conversation/mailbox/state.ts";
import { usualRhythm } from "../../src/conversation/mailbox/steps.ts";
import type { Answer } from "../../src/relay/link.ts";
import { Refusal } from "../../src/wire/codes.gen.ts";
import { contextOf, incarnation, pendingOf, stages, stateOf, tag, textItem } from "./mailboxes.ts";

/** What the relay says to the one frame that is on its way. */

const accepted = (seq: number, o: { counter?: number; incarnation?: string; tag?: string } = {}): Answer => ({
  kind: "accepted",
  ref: 1,
  counter: BigInt(o.counter ?? 3),
  cursor: { incarnation: bytesOf(o.incarnation ?? incarnation), seq: BigInt(seq), tag: bytesOf(o.tag ?? tag(seq)) },
});
const refused = (code: number, detail = 0n): Answer => ({ kind: "refused", ref: 1, code, detail });
const ready: Answer = { kind: "ready", ref: 1 };
const line = { id: "0.o1", era: 0, from: "visitor", text: "hej", delivery: "waiting" } as const;
const commit = { kind: "remove", devices: ["amir"] } as const;
const opening = pendingOf({ what: "open", counter: 1, line: "0.o1" });
const end = pendingOf({ what: "end" });

async function take(pending: Partial<Pending> | undefined, answer: Answer, change: Partial<MailboxState> = {}) {
  const s = stateOf({ lines: [line], ...change, ...(pending && { pending: pendingOf(pending) }) });
  const ctx = contextOf(s);
  const remedy = await takePendingAnswer(ctx, answer);
  return { s, ctx, remedy, trouble: troubleIn(s) };
}

describe("accepted", () => {
  test("words are sent, and waited for to come back", async () => {
    const { s } = await take({}, accepted(6));
    expect(s.pending).toBeUndefined();
    expect(s.counter).toBe(3);
    expect(s.accepted).toEqual([{ counter: 3, message: pendingOf().message, seq: 6, tag: tag(6) }]);
    expect(s.lines[0]).toMatchObject({ delivery: "sent", seq: 6 });
  });

  test("a commit takes effect when its entry is read, and stays pending until then", async () => {
    const { s } = await take({ what: "remove", item: commit }, accepted(6));
    expect(s.pending?.accepted).toEqual({ seq: 6, tag: tag(6) });
  });

  test("an opening opens the conversation, as entry 1", async () => {
    const before = { stage: stages.opening, incarnation: "00".repeat(16), seq: 0, slot: -1 } as const;
    const { s } = await take(opening, accepted(1, { counter: 1 }), before);
    expect(s).toMatchObject({ stage: { kind: "open" }, seq: 1, slot: 0, incarnation, tag: tag(1), pending: undefined });
  });

  test.each([
    ["an opening as another entry", opening, accepted(2, { counter: 1 }), "split"],
    ["another counter", {}, accepted(6, { counter: 4 }), "bug"],
    ["another incarnation", {}, accepted(6, { incarnation: "22".repeat(16) }), "lost"],
    ["a place that is read already", {}, accepted(5), "split"],
    ["an end", end, accepted(6), "bug"],
    ["words, without a place", {}, ready, "bug"],
  ])("%s ends it", async (_, pending, answer, trouble) => {
    const { s } = await take(pending, answer);
    expect(s.stage).toEqual({ kind: "broken", trouble });
  });

  test("an end deletes", async () => {
    const { s } = await take(end, ready, { ending: {} });
    expect(s.stage).toEqual({ kind: "ended", end: { by: "visitor", confirmed: true } });
  });

  test.each([
    [5, 5, "open"],
    [6, 5, "broken"],
    [5, 6, "broken"],
  ] as const)(
    "what came back before its answer must stand where that says: as entry %d under tag %d it is %s",
    async (seq, of, stage) => {
      const ctx = contextOf(stateOf());
      ctx.early = { counter: 3, seq: 5, tag: tag(5) };
      await takePendingAnswer(ctx, accepted(seq, { tag: tag(of) }));
      expect(ctx.s.stage.kind).toBe(stage);
    },
  );
});

describe("refused", () => {
  test("for its epoch: the same words again under the same counter, in that epoch", async () => {
    const { s } = await take({ item: textItem }, refused(Refusal.epoch, 4n));
    expect(s).toMatchObject({ awaits: 4, pending: undefined, queue: [textItem], counter: 2 });
  });

  test("an epoch that is over cannot come again: the store was set back", async () => {
    const { s } = await take({}, refused(Refusal.epoch, 2n));
    expect(s.stage).toEqual({ kind: "broken", trouble: "lost", setBack: true });
  });

  test("an end that has not read everything waits for the rest", async () => {
    const { s } = await take(end, refused(Refusal.behind, 7n), { ending: {} });
    expect(s).toMatchObject({ ending: { behind: 7 }, pending: undefined });
  });

  test("an end whose wish was taken back meanwhile is forgotten", async () => {
    const { s } = await take(end, refused(Refusal.behind, 7n));
    expect(s.ending).toBeUndefined();
  });

  test("an end that the relay does not take goes on without a message", async () => {
    const { s } = await take(end, refused(Refusal.bad_message), { ending: {} });
    expect(s.ending).toEqual({ plain: true });
  });

  test.each([
    ["full", Refusal.full, "full"],
    ["too large", Refusal.too_large, "too_large"],
    ["what a correct client never hears", Refusal.policy, "bug"],
  ])("%s: words stay on the screen as failed, and the conversation goes on", async (_, code, notice) => {
    const { s } = await take({}, refused(code));
    expect(s).toMatchObject({ stage: { kind: "open" }, notice, pending: undefined });
    expect(s.lines[0]!.delivery).toBe("failed");
    const first = await take(opening, refused(code), { stage: stages.opening });
    expect(first.s.stage).toEqual({ kind: "broken", trouble: notice });
  });

  test("an opening that names a device which is gone is made anew, and pauses", async () => {
    let reopened = 0;
    const ctx = contextOf(stateOf({ stage: stages.opening, pending: opening }), undefined, {
      reopen: () => reopened++,
    });
    expect(await takePendingAnswer(ctx, refused(Refusal.unknown_device))).toEqual({ pause: usualRhythm.again });
    expect([reopened, ctx.s.stage.kind]).toEqual([1, "opening"]);
  });

  test("a slot that was closed: the entry that did it says why, on a device", async () => {
    const { s } = await take({}, refused(Refusal.slot_closed), { side: "device" } as never);
    expect(s).toMatchObject({ stage: { kind: "open" }, pending: undefined });
    expect((await take({}, refused(Refusal.slot_closed))).trouble).toBe("lost");
  });

  test.each([
    ["busy, for as long as it says", Refusal.busy, 3n, { pause: 3000 }],
    ["busy, for a minute at most", Refusal.busy, 900n, { pause: 60_000 }],
    ["busy, for a second at least", Refusal.busy, 0n, { pause: 1000 }],
    ["unavailable", Refusal.unavailable, 0n, { pause: usualRhythm.again }],
    ["not logged in", Refusal.not_logged_in, 0n, { renew: true }],
  ])("%s: the same bytes go out later", async (_, code, detail, remedy) => {
    const taken = await take({}, refused(code, detail));
    expect(taken.remedy).toEqual(remedy);
    expect(taken.s.pending).toEqual(pendingOf({}));
  });

  test.each([
    ["counter_gap", "lost", true],
    ["cursor_mismatch", "lost", true],
    ["no_mailbox", "lost", true],
    ["counter_old", "lost", undefined],
    ["counter_reused", "lost", undefined],
    ["bad_capability", "lost", undefined],
    ["trimmed", "lost", undefined],
  ] as const)("%s ends it: %s, worth being made anew: %s", async (name, trouble, setBack) => {
    const { s } = await take({}, refused(Refusal[name]));
    expect(s.stage).toEqual({ kind: "broken", trouble, ...(setBack && { setBack }) });
  });

  test("ended: by whom the relay says, as the relay's word; no mailbox where an end was wished for is that end", async () => {
    const told = await take({}, refused(Refusal.ended, 2n));
    expect(told.s.stage).toEqual({ kind: "ended", end: { by: "staff", confirmed: true, reported: true } });
    const left = await take({}, refused(Refusal.ended, 3n), { side: "device" } as never);
    expect(left.s.stage).toMatchObject({ end: { by: "visitor", left: true } });
    const mine = await take({}, refused(Refusal.no_mailbox), { ending: {} });
    expect(mine.s.stage).toEqual({ kind: "ended", end: { by: "visitor", confirmed: true } });
  });
});
