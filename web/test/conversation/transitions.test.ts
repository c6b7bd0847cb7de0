import { describe, expect, test } from "vitest";
import { type MailboxState, type Stage, endIn, troubleIn } from "../../src/conversation/mailbox/state.ts";
import {
  becomeBroken,
  becomeEnded,
  becomeLetGo,
  becomeSetBack,
  becomeTaken,
} from "../../src/conversation/mailbox/transitions.ts";
import { claimer, contextOf, pendingOf, stages, stateOf, textItem, transcript } from "./mailboxes.ts";

/** How one stage becomes the next, and what stays behind. */

const line = { id: "0.o1", era: 0, from: "visitor", text: "hej", delivery: "waiting" } as const;
const full = {
  pending: pendingOf(),
  queue: [textItem],
  lines: [line],
  accepted: [{ counter: 2, message: "", seq: 4, tag: "" }],
};

function became(change: Partial<MailboxState>, becomes: (ctx: ReturnType<typeof contextOf>) => void) {
  const ctx = contextOf(stateOf(change));
  ctx.next = ctx.group;
  becomes(ctx);
  return { ...ctx, s: ctx.s };
}

test.each([
  ["broken", (ctx) => becomeBroken(ctx, "split")],
  ["ended", (ctx) => becomeEnded(ctx, "staff", true, "theirs")],
  ["taken", (ctx) => becomeTaken(ctx, "Amir")],
  ["let go", (ctx) => becomeLetGo(ctx, "invited")],
] as [string, (ctx: ReturnType<typeof contextOf>) => void][])(
  "%s: nothing is sent or read any more, the keys go, and what waited has failed",
  (_, becomes) => {
    const { s, group, next } = became({ ...full, joiner: { from: 0, hashes: [transcript(1)] } }, becomes);
    expect([group, next, s.pending, s.joiner]).toEqual([undefined, undefined, undefined, undefined]);
    expect([s.queue, s.accepted, s.trail]).toEqual([[], [], []]);
    expect(s.lines[0]!.delivery).toBe("failed");
  },
);

describe("broken", () => {
  test.each([
    ["opening", stages.opening, { kind: "broken", trouble: "split" }],
    ["open", stages.open, { kind: "broken", trouble: "split" }],
    ["broken, by what comes last", stages.broken, { kind: "broken", trouble: "split" }],
    [
      "set back, and still is",
      { kind: "broken", trouble: "lost", setBack: true },
      { kind: "broken", trouble: "split", setBack: true },
    ],
    ["ended, and still is", stages.ended, stages.ended],
    ["taken, and still is", stages.taken, stages.taken],
  ] as [string, Stage, Stage][])("what was %s", (_, stage, then) => {
    const { s } = became({ stage }, (ctx) => becomeBroken(ctx, "split"));
    expect([s.stage, troubleIn(s)]).toEqual([then, "split"]);
  });

  test("elsewhere: nothing of a visitor's conversation stays on this device", () => {
    const { s } = became({ ...full, shut: claimer }, (ctx) => becomeBroken(ctx, "elsewhere"));
    expect([s.lines, s.intake, s.shut, s.capability]).toEqual([[], undefined, undefined, ""]);
    const device = became({ ...full, side: "device" }, (ctx) => becomeBroken(ctx, "elsewhere"));
    expect(device.s.lines).toHaveLength(1);
  });

  test("set back is worth being made anew, with the trouble that is named", () => {
    expect(became({}, becomeSetBack).s.stage).toEqual({ kind: "broken", trouble: "lost", setBack: true });
    expect(became({}, (ctx) => becomeSetBack(ctx, "device")).s.stage).toMatchObject({
      trouble: "device",
      setBack: true,
    });
  });
});

describe("ended", () => {
  test("is said once in the thread, and the first word on who did it stands", () => {
    const { s } = became({}, (ctx) => {
      becomeEnded(ctx, "staff", false, "theirs");
      becomeEnded(ctx, "visitor", true, "relay's", true);
    });
    expect(s.stage).toEqual({ kind: "ended", end: { by: "staff", confirmed: true, left: true } });
    expect(s.lines.filter((l) => l.event === "ended")).toHaveLength(1);
    expect(endIn(s)).toEqual({ by: "staff", confirmed: true, left: true });
  });

  test.each([
    ["of the other's end", {}, "staff", true],
    ["of one's own that nobody wished for", {}, "visitor", true],
    ["of one's own that was wished for", { ending: {} }, "visitor", undefined],
  ] as const)("by the relay's word alone %s is shown as such: %s", (_, change, by, reported) => {
    const { s } = became(change, (ctx) => becomeEnded(ctx, by, true, "relay's"));
    expect(s.stage).toEqual({ kind: "ended", end: { by, confirmed: true, ...(reported && { reported }) } });
  });

  test("what broke it is still said", () => {
    const { s } = became({ stage: stages.broken }, (ctx) => becomeEnded(ctx, "visitor", true, "theirs"));
    expect([s.stage.kind, troubleIn(s)]).toEqual(["ended", "lost"]);
  });

  test("that is only wished for is shown, and not said to be done", () => {
    expect(endIn(stateOf({ ending: {} }))).toEqual({ by: "visitor", confirmed: false });
    expect(endIn(stateOf())).toBeUndefined();
  });
});

test("whoever has handed over keeps nothing; whoever was taken out keeps what they read", () => {
  const read = { side: "device", claimer, lines: [line] } as const;
  const proposal = { nonce: "00", reason: 2, until: 0, kommun: "", state: "waiting" } as const;
  const handed = became({ ...read, proposal }, (ctx) => becomeLetGo(ctx, "invited"));
  expect(handed.s).toMatchObject({ stage: { kind: "taken", letGo: "handed" }, lines: [] });
  expect([handed.s.claimer, handed.s.proposal]).toEqual([undefined, undefined]);
  const taken = became(read, (ctx) => becomeLetGo(ctx, "returned"));
  expect([taken.s.stage, taken.s.lines.length]).toEqual([{ kind: "taken", letGo: "returned" }, 1]);
});
