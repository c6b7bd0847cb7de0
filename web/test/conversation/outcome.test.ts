import { describe, expect, test } from "vitest";
import type { MailboxContext } from "../../src/conversation/mailbox/context.ts";
import { giveBack, giveUp, noteMembers, settle } from "../../src/conversation/mailbox/outcome.ts";
import type { Item, MailboxState, Pending } from "../../src/conversation/mailbox/state.ts";
import type { Group } from "../../src/mls/group.ts";
import { claimer, contextOf, device, groupOf, pendingOf, stateOf, tag, textItem, visitor } from "./mailboxes.ts";

/** What becomes of own frames: accepted, read, given back, given up. */

const sara = device("sara", 1);
const amir = device("amir", 2);
const line = { id: "0.o1", era: 0, from: "visitor", text: "hej", delivery: "waiting" } as const;
const at6 = { seq: 6, tag: tag(6) };

/** A context whose pending commit leads to a group of these devices. */
function committing(
  item: Item,
  devices: readonly ReturnType<typeof device>[],
  change: Partial<MailboxState> = {},
  pending: Partial<Pending> = {},
  who?: ReturnType<typeof device>,
): MailboxContext {
  const s = stateOf({ pending: pendingOf({ what: item.kind, item, ...pending }), lines: [line], ...change });
  const ctx = contextOf(s);
  const after = groupOf(visitor, { devices, claimer: who, epoch: 4n });
  ctx.next = { ...after, since: () => after } as unknown as Group;
  return ctx;
}

describe("accepted", () => {
  test("once read, it no longer waits to come back", () => {
    const accepted = [{ counter: 3, message: "x", ...at6 }];
    const { s } = contextOf(stateOf({ accepted }));
    settle(contextOf(s), 3, at6, true);
    expect([s.accepted, s.counter]).toEqual([[], 3]);
  });

  test("twice is once", () => {
    const ctx = contextOf(
      stateOf({ pending: pendingOf({ item: { ...textItem, answers: 4 } as Item }), lines: [line] }),
    );
    settle(ctx, 3, at6, false);
    settle(ctx, 3, at6, true);
    expect(ctx.s).toMatchObject({ pending: undefined, accepted: [], counter: 3, replied: 4 });
    expect(ctx.s.lines[0]).toMatchObject({ delivery: "sent", seq: 6 });
  });

  test("a receipt confirms what it covers", () => {
    const ctx = contextOf(stateOf({ confirmed: 3, pending: { what: "receipt", covers: 5, counter: 3, message: "" } }));
    settle(ctx, 3, at6, false);
    expect(ctx.s.confirmed).toBe(5);
  });

  test("an end waits for its own answer", () => {
    const ctx = contextOf(stateOf({ pending: pendingOf({ what: "end" }) }));
    settle(ctx, 3, at6, true);
    expect(ctx.s.pending?.what).toBe("end");
  });

  test("an older frame's answer is none to the pending one", () => {
    const ctx = contextOf(stateOf({ pending: pendingOf({ counter: 4 }) }));
    settle(ctx, 3, at6, false);
    expect(ctx.s.pending?.counter).toBe(4);
  });
});

describe("a commit", () => {
  test("changes the group when its entry is read, and not before", () => {
    const ctx = committing({ kind: "remove", devices: ["amir"] }, [sara], { claimer }, {}, sara);
    settle(ctx, 3, at6, false);
    expect([ctx.group!.epoch, ctx.s.pending?.accepted]).toEqual([3n, at6]);
    settle(ctx, 3, at6, true);
    expect([ctx.group!.epoch, ctx.next, ctx.s.pending, ctx.s.readers]).toEqual([4n, undefined, undefined, 1]);
  });

  test("that lets somebody in is followed by the history and the thread, before other words", () => {
    const said = { ...line, seq: 3, delivery: "received" as const };
    const ctx = committing(
      { kind: "invite" },
      [amir],
      { shut: claimer, lines: [said], queue: [textItem] },
      { opens: ["amir"] },
    );
    settle(ctx, 3, at6, true);
    expect(ctx.s.queue).toEqual([
      { kind: "history", seq: 6 },
      { kind: "shared", intake: true, lines: ["0.o1"] },
      textItem,
    ]);
    expect(ctx.s.shut).toBeUndefined();
  });

  test("that takes the claimer out leaves the door shut until colleagues are let in", () => {
    const ctx = committing({ kind: "remove", devices: ["sara"] }, [], { claimer });
    settle(ctx, 3, at6, true);
    expect(ctx.s).toMatchObject({ stage: { kind: "open" }, shut: claimer, claimer: undefined, readers: 0 });
  });

  test("that leaves nobody, where nobody had claimed, ends it", () => {
    const ctx = committing({ kind: "remove", devices: ["sara"] }, []);
    settle(ctx, 3, at6, true);
    expect(ctx.s.stage).toEqual({ kind: "broken", trouble: "device" });
  });
});

describe("who is there", () => {
  const noted = (
    devices: readonly ReturnType<typeof device>[],
    who: typeof sara | undefined,
    change: Partial<MailboxState> = {},
  ) => {
    const s = stateOf(change);
    noteMembers(contextOf(s, groupOf(visitor, { devices, claimer: who })), 6);
    return s;
  };

  test("a claim is told once", () => {
    const s = noted([sara], sara);
    expect(s.claimer).toMatchObject({ device: "sara", alias: "alias sara" });
    expect(s.lines).toMatchObject([{ event: "claimed", alias: "alias sara" }]);
    expect(noted([sara], sara, { claimer: s.claimer }).lines).toEqual([]);
  });

  test("whoever is kept beside goes as soon as the visitor is here", () => {
    const s = noted([sara, amir], sara);
    expect([s.second?.device, s.queue]).toEqual(["amir", [{ kind: "renew" }]]);
    expect(noted([sara, amir], sara, { side: "device" }).queue).toEqual([]);
    expect(noted([sara, amir], sara, { pending: pendingOf({ what: "renew" }) }).queue).toEqual([]);
  });

  test("whom the visitor has let in stays, is told, and is no second", () => {
    const company = [{ device: "amir", alias: "", role: "" }];
    const s = noted([sara, amir], sara, { company });
    expect([s.second, s.company]).toMatchObject([undefined, [{ device: "amir", alias: "alias amir", since: 6 }]]);
    expect(s.lines.map((l) => l.event)).toEqual(["company", "claimed"]);
    const gone = noted([sara], sara, { company: s.company, claimer: s.claimer });
    expect([gone.company, gone.lines.map((l) => l.event)]).toEqual([[], ["second"]]);
  });

  test("a proposal ends with its claimer's claim", () => {
    const proposal = { nonce: "00", reason: 1, until: 9e9, kommun: "" };
    expect(noted([amir], amir, { claimer, proposal, proposals: 3 })).toMatchObject({
      proposal: undefined,
      proposals: undefined,
    });
    expect(noted([sara], sara, { claimer, proposal, proposals: 3 })).toMatchObject({ proposal, proposals: 3 });
  });
});

test("given back: the same is said again, first of all, and its commit is made anew", () => {
  const ctx = committing({ kind: "invite" }, [amir], { queue: [textItem] });
  giveBack(ctx, ctx.s.pending!);
  expect([ctx.s.pending, ctx.next, ctx.s.queue]).toEqual([undefined, undefined, [{ kind: "invite" }, textItem]]);
});

test("given up: words have failed, a receipt is not said again, an end goes on without a message", () => {
  const words = contextOf(stateOf({ pending: pendingOf(), lines: [line] }));
  giveUp(words, words.s.pending!);
  expect([words.s.pending, words.s.lines[0]!.delivery]).toEqual([undefined, "failed"]);
  const receipt = contextOf(stateOf({ confirmed: 3 }));
  giveUp(receipt, { what: "receipt", covers: 5, counter: 3, message: "" });
  expect(receipt.s.confirmed).toBe(5);
  const end = contextOf(stateOf({ ending: {} }));
  giveUp(end, pendingOf({ what: "end" }));
  expect(end.s.ending).toEqual({ plain: true });
});
