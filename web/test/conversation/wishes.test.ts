import { describe, expect, test } from "vitest";
import { lastRequests } from "../../src/conversation/mailbox/lastrequests.ts";
import { claim, dismiss, end, invite, remove } from "../../src/conversation/mailbox/wishes.ts";
import type { Item, MailboxState, Stage } from "../../src/conversation/mailbox/state.ts";
import {
  claimer,
  contextOf,
  copyOf,
  device,
  groupOf,
  pendingOf,
  sessionOf,
  situationOf,
  stages,
  stateOf,
  textItem,
} from "./mailboxes.ts";

/** What a person wants, and what is left of it in the state. */

const beside = { device: "amir", alias: "Amir", role: "coordinator" };
const wishes: readonly [string, (s: MailboxState) => boolean, Item, Partial<MailboxState>][] = [
  ["claim", claim, { kind: "claim", answers: 5 }, {}],
  ["remove", (s) => remove(s, ["amir"]), { kind: "remove", devices: ["amir"] }, {}],
  ["dismiss", (s) => dismiss(s, "amir"), { kind: "remove", devices: ["amir"] }, { company: [beside] }],
  ["invite", invite, { kind: "invite" }, { claimer }],
];

describe.each(wishes)("%s", (_, wish, item, change) => {
  test("is said before the words that wait, and once", () => {
    const s = stateOf({ queue: [textItem], ...change });
    expect([wish(s), s.queue]).toEqual([true, [item, textItem]]);
    expect([wish(s), s.queue.length]).toEqual([false, 2]);
  });

  test.each(Object.entries(stages).filter(([stage]) => stage !== "open"))(
    "means nothing when it is %s",
    (_, stage: Stage) => {
      const s = stateOf({ stage, ...change });
      expect([wish(s), s.queue]).toEqual([false, []]);
    },
  );
});

test.each(wishes.filter(([name]) => name !== "dismiss"))("%s is not wished for while it is on its way", (...row) => {
  const [, wish, item, change] = row;
  expect(wish(stateOf({ pending: pendingOf({ what: item.kind }), ...change }))).toBe(false);
});

test("what is claimed is not claimed again; who reads beside nobody is not dismissed; nobody is removed for nothing", () => {
  expect(claim(stateOf({ claimer }))).toBe(false);
  expect(dismiss(stateOf(), "amir")).toBe(false);
  expect(remove(stateOf(), [])).toBe(false);
  expect(invite(stateOf())).toBe(false);
  expect(invite(stateOf({ shut: claimer }))).toBe(true);
});

describe("end", () => {
  const wished = (change: Partial<MailboxState>, tried = true, group = groupOf()) => {
    const s = stateOf(change);
    return { changed: end(contextOf(s, group), tried), s };
  };

  test("is wished for, and words that have not left have failed", () => {
    const lines = [{ id: "0.o1", era: 0, from: "visitor", text: "hej", delivery: "waiting" } as const];
    const { s } = wished({ queue: [textItem, { kind: "claim" }, { kind: "renew" }], lines });
    expect([s.ending, s.queue, s.lines[0]!.delivery]).toEqual([{}, [{ kind: "renew" }], "failed"]);
  });

  test("of what never left this device is there at once", () => {
    expect(wished({ stage: stages.opening }, false).s.stage).toEqual({
      kind: "ended",
      end: { by: "visitor", confirmed: true },
    });
    expect(wished({ stage: stages.opening }, true).s).toMatchObject({ stage: stages.opening, ending: {} });
  });

  test("is the claimer's among devices", () => {
    const sara = groupOf(device("sara"));
    expect(wished({ side: "device" }, true, sara).changed).toBe(false);
    expect(wished({ side: "device", claimer }, true, sara).changed).toBe(true);
    expect(wished({ side: "device", stage: stages.broken }, true, sara).changed).toBe(true);
  });

  test.each([
    ["over", { stage: stages.ended }],
    ["taken", { stage: stages.taken }],
    ["wished for already", { ending: { behind: 7 } }],
  ])("changes nothing where it is %s", (_, change) => {
    const { changed, s } = wished(change);
    expect([changed, s.ending]).toEqual([false, (change as Partial<MailboxState>).ending]);
  });
});

describe("the last requests", () => {
  const said = (change: Partial<MailboxState>, session = {}, copy?: ReturnType<typeof copyOf>) =>
    lastRequests(situationOf({ s: stateOf(change), session: sessionOf(session), copy })).map((r) =>
      r.kind === "leave" ? `leave ${r.erase}` : r.kind,
    );

  test.each([
    ["nothing on a line that is down", {}, { connected: false }, undefined, []],
    ["the mailbox goes", {}, {}, undefined, ["leave 1"]],
    ["whose it is, if the relay has not heard it", {}, { attached: false }, undefined, ["attach", "leave 1"]],
    ["which it may be hearing", {}, { attached: false, asked: new Set(["open"]) }, undefined, ["leave 1"]],
    ["a return code still opens it", { retained: true }, {}, copyOf(), ["leave 0"]],
    ["and it is kept as long", {}, {}, copyOf(), ["keep", "leave 0"]],
    ["a copy that is not there yet opens nothing", {}, {}, copyOf({ version: 0n }), ["leave 1", "drop"]],
    [
      "the code before still opens it",
      { retained: true },
      {},
      copyOf({ version: 0n, before: [copyOf()] }),
      ["leave 0"],
    ],
    [
      "after a wish to end nothing is kept",
      { ending: {} },
      {},
      copyOf({ before: [copyOf()] }),
      ["leave 1", "drop", "drop"],
    ],
    ["of what is over, only the copies go", { stage: stages.deleted }, {}, copyOf(), ["drop"]],
  ])("%s", (_, change, session, copy, requests) => {
    expect(said(change, session, copy)).toEqual(requests);
  });
});
