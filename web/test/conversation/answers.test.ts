import { describe, expect, test } from "vitest";
import { takeAnswer } from "../../src/conversation/mailbox/answers.ts";
import { standingOf } from "../../src/conversation/mailbox/attaching.ts";
import { type MailboxState, bytesOf } from "../../src/conversation/mailbox/state.ts";
import { usualRhythm } from "../../src/conversation/mailbox/steps.ts";
import { takePushed } from "../../src/conversation/mailbox/unasked.ts";
import type { Answer } from "../../src/relay/link.ts";
import { Refusal } from "../../src/wire/codes.gen.ts";
import type { GoneReason } from "../../src/wire/frames.ts";
import {
  claimer,
  contextOf,
  device,
  groupOf,
  id,
  incarnation,
  loopOf,
  pendingOf,
  sessionOf,
  stages,
  stateOf,
  tag,
} from "./mailboxes.ts";

/** What a mailbox makes of the relay's answers, and of what it says unasked. */

type Attached = Extract<Answer, { readonly kind: "attached" }>;

function attached(o: { slot?: number; seq?: number; epoch?: bigint; counter?: bigint; incarnation?: string } = {}) {
  return {
    kind: "attached",
    ref: 1,
    mailbox: bytesOf(id),
    slot: o.slot ?? 0,
    head: { incarnation: bytesOf(o.incarnation ?? incarnation), seq: BigInt(o.seq ?? 5), tag: bytesOf(tag(5)) },
    epoch: o.epoch ?? 3n,
    counter: o.counter ?? 2n,
  } as Attached;
}
const refused = (code: number, detail = 0n): Answer => ({ kind: "refused", ref: 1, code, detail });
const ready: Answer = { kind: "ready", ref: 1 };
const sara = groupOf(device("sara"));

describe("what the relay's mailbox is to this state", () => {
  test.each([
    ["the same", {}, attached(), "ours"],
    ["further on", {}, attached({ seq: 9, epoch: 4n }), "ours"],
    ["with what is pending accepted", { pending: pendingOf() }, attached({ counter: 3n }), "ours"],
    ["another slot's, for a visitor", {}, attached({ slot: 4 }), "lost"],
    ["another slot's, for a device", { side: "device" as const }, attached({ slot: 4 }), "readmitted"],
    ["another one", {}, attached({ incarnation: "22".repeat(16) }), "setBack"],
    ["without its tail", {}, attached({ seq: 4 }), "setBack"],
    ["in an earlier epoch", {}, attached({ epoch: 2n }), "setBack"],
    ["without our last frame", {}, attached({ counter: 1n }), "setBack"],
    ["with a frame that we never sent", {}, attached({ counter: 3n }), "lost"],
    [
      "with a frame after our accepted one",
      { pending: pendingOf({ accepted: { seq: 6, tag: tag(6) } }) },
      attached({ counter: 3n }),
      "lost",
    ],
    ["for another id", { id: "00".repeat(32) }, attached(), "bug"],
  ])("%s", (_, change: Partial<MailboxState>, answer, standing) => {
    expect(standingOf(stateOf(change), 3n, answer)).toBe(standing);
  });

  test("for a state that has read nothing, any incarnation is the one", () => {
    const s = stateOf({ side: "device", seq: 0, slot: -1, counter: 0 });
    expect(standingOf(s, 1n, attached({ slot: 3, incarnation: "22".repeat(16), counter: 0n }))).toBe("ours");
  });
});

describe("attach", () => {
  test("is stored before anything follows, and says what is still to come", async () => {
    const { loop, steps } = loopOf(contextOf(stateOf({ slot: -1 })), sessionOf({ attached: false }));
    await takeAnswer(loop, "attach", attached({ seq: 8 }));
    expect(loop.session).toMatchObject({ attached: true, advanced: 5, known: 8 });
    expect(loop.ctx.s.slot).toBe(0);
    expect(steps).toEqual(["attach.answered", "store", "attach.stored"]);
  });

  test.each([
    ["setBack", { seq: 4 }, { kind: "broken", trouble: "lost", setBack: true }],
    ["lost", { slot: 4 }, { kind: "broken", trouble: "lost" }],
  ])("ends it where the mailbox is not ours: %s", async (_, o, stage) => {
    const { loop } = loopOf(contextOf(stateOf()), sessionOf({ attached: false }));
    await takeAnswer(loop, "attach", attached(o));
    expect([loop.ctx.s.stage, loop.session.attached]).toEqual([stage, false]);
  });

  test("refused, of what is over: it is deleted, or is asked again after a pause", async () => {
    const gone = loopOf(contextOf(stateOf({ stage: stages.ended })));
    await takeAnswer(gone.loop, "attach", refused(Refusal.no_mailbox));
    expect(gone.loop.ctx.s.stage).toEqual(stages.deleted);
    const later = loopOf(contextOf(stateOf({ stage: stages.ended })));
    await takeAnswer(later.loop, "attach", refused(Refusal.busy, 1n));
    expect([later.loop.ctx.s.stage, later.heeded]).toEqual([stages.ended, [{ pause: usualRhythm.again }]]);
  });
});

describe("delete", () => {
  const wishing = (side: "visitor" | "device") => stateOf({ side, stage: stages.broken, ending: {} });
  test.each([
    ["done", "visitor", ready, { kind: "ended", end: { by: "visitor", confirmed: true } }],
    ["there is none", "device", refused(Refusal.no_mailbox), { kind: "ended", end: { by: "staff", confirmed: true } }],
    ["not a visitor's to do", "visitor", refused(Refusal.policy), { kind: "ended", end: { confirmed: false } }],
    ["not a device's to do", "device", refused(Refusal.policy), stages.broken],
    ["not now", "visitor", refused(Refusal.busy), stages.broken],
  ] as const)("%s", async (_, side, answer, stage) => {
    const { loop } = loopOf(contextOf(wishing(side)));
    await takeAnswer(loop, "delete", answer);
    expect(loop.ctx.s.stage).toMatchObject(stage);
  });

  test("what a device may not delete it no longer tries to", async () => {
    const { loop } = loopOf(contextOf(wishing("device")));
    await takeAnswer(loop, "delete", refused(Refusal.policy));
    expect(loop.ctx.s.ending).toBeUndefined();
  });
});

describe("an answer that says what must come", () => {
  test.each([
    ["accepted: the own entry", { kind: "accepted", counter: 3n, cursor: attached({ seq: 6 }).head }, 6],
    ["a later epoch: its commit", refused(Refusal.epoch, 4n), 6],
    ["more to read before an end", refused(Refusal.behind, 9n), 9],
    ["busy: nothing", refused(Refusal.busy, 1n), 5],
  ])("%s", async (_, answer, known) => {
    const { loop, steps } = loopOf(contextOf(stateOf({ pending: pendingOf() })));
    await takeAnswer(loop, "send", { ref: 1, ...answer } as Answer);
    expect(loop.session.known).toBe(known);
    expect(steps).toEqual(["line.answered", "line.decided", "store", "line.settled"]);
  });

  test("room again: what was said to be full is no more", async () => {
    const accepted = { kind: "accepted", ref: 1, counter: 3n, cursor: attached({ seq: 6 }).head } as Answer;
    for (const [notice, after] of [["full", undefined] as const, ["device", "device"] as const]) {
      const { loop } = loopOf(contextOf(stateOf({ pending: pendingOf(), notice })));
      await takeAnswer(loop, "send", accepted);
      expect(loop.ctx.s.notice).toBe(after);
    }
  });
});

test("what the relay could not take as answered is said again; the alarm rings rather once too often", async () => {
  const { loop } = loopOf(contextOf(stateOf({ side: "device", told: 5 })));
  await takeAnswer(loop, "resolve", refused(Refusal.unavailable));
  expect(loop.ctx.s.told).toBe(0);
});

describe("gone", () => {
  const gone = async (reason: GoneReason, s: MailboxState, group = groupOf()) => {
    const { loop, steps } = loopOf(contextOf(s, group));
    await takePushed(loop, { kind: "gone", mailbox: bytesOf(id), reason });
    return { stage: loop.ctx.s.stage, session: loop.session, stored: steps.includes("store") };
  };
  const reported = { confirmed: true, reported: true };
  test.each([
    [1, { kind: "ended", end: { by: "visitor", ...reported } }],
    [2, { kind: "ended", end: { by: "staff", ...reported } }],
    [3, { kind: "broken", trouble: "lost", setBack: true }],
    [4, { kind: "broken", trouble: "lost" }],
    [5, { kind: "broken", trouble: "elsewhere" }],
    [6, { kind: "ended", end: { by: "visitor", ...reported, left: true } }],
  ] as const)("reason %d, for a visitor", async (reason, stage) => {
    expect(await gone(reason, stateOf())).toMatchObject({ stage, stored: true });
    expect((await gone(reason, stateOf())).stage).toEqual(stage);
  });

  test.each([
    ["the claimer's", { claimer }, { kind: "taken", letGo: "invited" }],
    [
      "that of who was kept",
      { claimer: { ...claimer, device: "amir" }, second: claimer },
      { kind: "taken", letGo: "returned" },
    ],
    ["another's", { claimer: { ...claimer, device: "amir" } }, { kind: "taken" }],
  ])("a slot is closed: %s", async (_, change, stage) => {
    expect((await gone(4, stateOf({ side: "device", ...change }), sara)).stage).toEqual(stage);
  });

  test("of what is over: only that it is deleted, and who ended it stands", async () => {
    expect((await gone(1, stateOf({ stage: stages.ended }))).stage).toEqual(stages.deleted);
    expect(await gone(3, stateOf({ stage: stages.ended }))).toMatchObject({ stage: stages.ended, stored: false });
    expect(await gone(1, stateOf({ stage: stages.taken }))).toMatchObject({ stage: stages.taken, stored: false });
    expect(await gone(1, stateOf({ stage: stages.broken }))).toMatchObject({ stage: stages.broken, stored: false });
  });

  test("attached elsewhere is not forgotten", async () => {
    expect((await gone(5, stateOf({ stage: stages.ended }))).session.replaced).toBe(true);
  });
});
