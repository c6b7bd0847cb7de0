import { describe, expect, test } from "vitest";
import { type Copy, newCopy } from "../../src/conversation/mailbox/copy.ts";
import { type MailboxState, type StoredLine, freshState } from "../../src/conversation/mailbox/state.ts";
import { viewOf } from "../../src/conversation/visitor/view.ts";
import {
  type OpeningProgress,
  type Session,
  type VisitorLife,
  afterStored,
  keepOutcome,
  keepable,
  newSession,
  nextOpening,
  nextRecovery,
  observed,
  readersOfSuccessor,
  replaceable,
} from "../../src/conversation/visitor/life.ts";

/** What the visitor's engine decides, without a relay, a Redis or a browser. */

const now = 1_000_000_000;
const live = 7_200_000;
const sara = { device: "aa", alias: "Sara", role: "coordinator" };
const amir = { device: "bb", alias: "Amir", role: "coordinator" };

function state(change: Partial<MailboxState> = {}): MailboxState {
  return { ...freshState({ id: "ab", side: "visitor", era: 0, since: 0, capability: "" }), ...change };
}
const broken = (change: Partial<MailboxState> = {}, trouble: "lost" | "policy" | "elsewhere" | "nobody" = "lost") =>
  state({ stage: { kind: "broken", trouble }, ...change });
const setBack = (change: Partial<MailboxState> = {}) =>
  state({ stage: { kind: "broken", trouble: "lost", setBack: true }, ...change });
const ended = (confirmed: boolean) => state({ stage: { kind: "ended", end: { by: "visitor", confirmed } } });
const line = (delivery: StoredLine["delivery"] & string): StoredLine => ({
  id: "1",
  era: 0,
  from: "visitor",
  text: "Hej",
  delivery,
});
const claimedLine: StoredLine = { id: "2", era: 0, from: "system", event: "claimed", alias: "Sara" };
const key = new Uint8Array(32);
const copy: Copy = newCopy({ locator: key, capability: key, key });
const kept: Copy = { ...copy, version: 3n };
const held = (s: MailboxState): VisitorLife => ({ kind: "held", mailbox: { s } });
const quiet: Session = { recoveries: 0, newest: { seq: 0, at: now - live } };
const busy: Session = newSession(now);

describe("what follows from a stored state", () => {
  test.each<[string, VisitorLife, Copy | undefined, Session, string]>([
    ["an opening goes on", held(state()), undefined, busy, "wait"],
    ["a conversation goes on", held(state({ stage: { kind: "open" } })), undefined, busy, "wait"],
    ["an end that nobody confirmed is asked for again", held(ended(false)), undefined, busy, "wait"],
    ["a confirmed end closes", held(ended(true)), undefined, busy, "close"],
    ["what a code still opens is dropped first", held(ended(true)), copy, busy, "wait"],
    [
      "the end closes where the relay had lost it",
      { kind: "recovering", mailbox: { s: ended(true) } },
      undefined,
      busy,
      "close",
    ],
    ["another device has it", held(broken({}, "elsewhere")), copy, busy, "yield"],
    ["another device has it, after the end", held({ ...ended(true), notice: "elsewhere" }), copy, busy, "yield"],
    ["a copy that is older than the relay is read again", held(broken({ returning: true })), copy, busy, "reread"],
    ["and not twice at once", { kind: "rereading", mailbox: { s: broken({ returning: true }) } }, copy, busy, "wait"],
    ["without a code there is nothing to read", held(broken({ returning: true })), undefined, busy, "wait"],
    ["a broken rule is for the person to see", held(broken({}, "policy")), undefined, busy, "wait"],
    ["a loss that is no set back stands", held(broken()), undefined, busy, "wait"],
    ["a store set back under a conversation is recovered", held(setBack()), undefined, busy, "recover"],
    ["and not twice at once", { kind: "recovering", mailbox: { s: setBack() } }, undefined, busy, "wait"],
    ["an expiry is none", held(setBack({ lines: [line("received")] })), undefined, quiet, "wait"],
    [
      "but what nobody confirmed is never given up",
      held(setBack({ lines: [line("sent")] })),
      undefined,
      quiet,
      "recover",
    ],
    ["nor what waits", held(setBack({ lines: [line("waiting")] })), undefined, quiet, "recover"],
    ["whoever wants it ended gets no other", held(setBack({ ending: {} })), undefined, busy, "wait"],
    [
      "nobody is let in unasked where the claimer was shut out",
      held(setBack({ lines: [claimedLine] })),
      undefined,
      busy,
      "wait",
    ],
    [
      "a claimer who is there may come again",
      held(setBack({ lines: [claimedLine], claimer: sara })),
      undefined,
      busy,
      "recover",
    ],
    ["twice", held(setBack()), undefined, { ...busy, recoveries: 2 }, "recover"],
    [
      "a store that loses it again and again is left alone",
      held(setBack()),
      undefined,
      { ...busy, recoveries: 3 },
      "wait",
    ],
    ["nothing was written", { kind: "idle" }, undefined, busy, "wait"],
    ["no mailbox has it yet", { kind: "drafted", s: setBack() }, undefined, busy, "wait"],
    ["everything is forgotten", { kind: "wiped" }, undefined, busy, "wait"],
  ])("%s", (_, life, copy, session, deed) => {
    expect(afterStored(life, copy, session, now, live)).toBe(deed);
  });

  test("a conversation counts as under way for half its life after its newest entry", () => {
    const s = setBack({ seq: 7 });
    const seen = observed(busy, s, now);
    expect(observed(seen, s, now + live)).toBe(seen);
    expect(afterStored(held(s), undefined, seen, now + live / 2 - 1, live)).toBe("recover");
    expect(afterStored(held(s), undefined, seen, now + live / 2, live)).toBe("wait");
  });
});

describe("a successor", () => {
  test.each<[string, MailboxState, readonly string[] | undefined]>([
    ["of what nobody had claimed is for every intake device", setBack(), undefined],
    ["of what was opened for some is for them", setBack({ only: ["cc"] }), ["cc"]],
    ["after a claim is for the claimer alone", setBack({ claimer: sara, only: ["cc"] }), ["aa"]],
    ["and for who reads beside them", setBack({ claimer: sara, second: amir }), ["aa", "bb"]],
  ])("%s", (_, s, only) => expect(readersOfSuccessor(s)).toEqual(only));

  test.each<[string, MailboxState, readonly string[], number, string]>([
    ["opens for whoever is there", setBack(), ["cc"], 1, "open"],
    ["waits while nobody is", setBack(), [], 39, "look"],
    ["waits a minute and no longer", setBack(), [], 40, "stay"],
    ["waits for the claimer, whoever else is there", setBack({ claimer: sara, second: amir }), ["bb"], 1, "look"],
    ["opens for the claimer", setBack({ claimer: sara, second: amir }), ["aa"], 40, "open"],
    ["is not opened for whoever has asked for the end meanwhile", setBack({ ending: {} }), ["cc"], 1, "stay"],
  ])("%s", (_, s, found, looks, next) => expect(nextRecovery(s, found, looks)).toBe(next));

  test.each<[string, VisitorLife, boolean]>([
    ["can be asked for where it broke", held(broken()), true],
    ["can be asked for where it could not be opened", { kind: "drafted", s: broken({}, "nobody") }, true],
    ["of what goes on is none", held(state({ stage: { kind: "open" } })), false],
    ["of what is with another device is none", held(broken({}, "elsewhere")), false],
    ["of what was to be ended is none", held(broken({ ending: {} })), false],
    ["waits while the copy is read again", { kind: "rereading", mailbox: { s: broken() } }, false],
    ["waits while one is begun by itself", { kind: "recovering", mailbox: { s: setBack() } }, false],
    ["of nothing is none", { kind: "idle" }, false],
    ["of what is forgotten is none", { kind: "wiped" }, false],
  ])("%s", (_, life, may) => expect(replaceable(life) !== undefined).toBe(may));
});

describe("an opening", () => {
  const fresh: OpeningProgress = { attempt: 0, looked: false, trouble: undefined };
  test.each<[string, OpeningProgress, number, boolean, object]>([
    ["is made with a directory that is new", fresh, 299_999, true, { do: "make" }],
    ["asks for a newer one first", fresh, 300_000, true, { do: "look" }],
    ["asks once", { ...fresh, looked: true }, 300_000, true, { do: "make" }],
    [
      "is made with the old one where there is no answer",
      { ...fresh, looked: true, trouble: "unreachable" },
      300_000,
      true,
      { do: "make" },
    ],
    [
      "waits where there never was one",
      { ...fresh, looked: true, trouble: "unreachable" },
      now,
      false,
      { do: "wait", ms: 1000 },
    ],
    [
      "waits twice as long each time",
      { attempt: 2, looked: true, trouble: "unreachable" },
      now,
      false,
      { do: "wait", ms: 4000 },
    ],
    [
      "and never longer than this",
      { attempt: 40, looked: true, trouble: "unreachable" },
      now,
      false,
      { do: "wait", ms: 15_000 },
    ],
    ["breaks on what stands for good", { ...fresh, trouble: "nobody" }, 0, true, { do: "break", trouble: "nobody" }],
    [
      "breaks on a forged roster",
      { ...fresh, trouble: "roster_signature" },
      0,
      true,
      { do: "break", trouble: "roster_signature" },
    ],
  ])("%s", (_, progress, age, roster, step) => expect(nextOpening(progress, age, roster)).toEqual(step));
});

describe("keeping under a return code", () => {
  const open = state({ stage: { kind: "open" } });
  test.each<[string, MailboxState, Copy | undefined, string | undefined]>([
    ["is done once the relay has the copy and keeps the mailbox", { ...open, retained: true }, kept, "kept"],
    ["is not, before the copy is there", { ...open, retained: true }, copy, undefined],
    ["is not, before the mailbox is kept as long", open, kept, undefined],
    [
      "is not, while the code before still opens it",
      { ...open, retained: true },
      { ...kept, before: [copy] },
      undefined,
    ],
    ["is no more once it is over", ended(true), copy, "lost"],
    ["tells why not", broken({}, "elsewhere"), copy, "elsewhere"],
    ["says nothing while the copy may be read again", broken({ returning: true }), copy, undefined],
  ])("%s", (_, s, copy, outcome) => expect(keepOutcome(s, copy)).toBe(outcome));

  test.each<[string, VisitorLife, boolean]>([
    ["a draft may be kept", { kind: "drafted", s: state() }, true],
    ["a conversation may", held(open), true],
    ["one that is to be ended may not", held({ ...open, ending: {} }), false],
    ["one that broke may not", held(broken()), false],
    ["nothing may not", { kind: "idle" }, false],
    ["what is forgotten may not", { kind: "wiped" }, false],
  ])("%s", (_, life, may) => expect(keepable(life) !== undefined).toBe(may));
});

describe("the view", () => {
  const shown = (life: VisitorLife, more: Partial<Parameters<typeof viewOf>[0]> = {}) =>
    viewOf({
      life,
      connected: true,
      readers: 4,
      notice: undefined,
      copy: undefined,
      stays: false,
      partners: [],
      ...more,
    });

  test.each<[string, VisitorLife, string, string | undefined]>([
    ["nothing was written", { kind: "idle" }, "idle", undefined],
    ["it is on its way", { kind: "drafted", s: state() }, "opening", undefined],
    ["it could not be opened", { kind: "drafted", s: broken({}, "nobody") }, "broken", "nobody"],
    ["nobody has answered", held(state({ stage: { kind: "open" } })), "waiting", undefined],
    ["somebody has", held(state({ stage: { kind: "open" }, claimer: sara })), "claimed", undefined],
    ["the relay has lost it", held(setBack()), "broken", "lost"],
    ["that is being mended", { kind: "recovering", mailbox: { s: setBack() } }, "opening", undefined],
    ["that is being looked at", { kind: "rereading", mailbox: { s: broken() } }, "opening", undefined],
    ["the end is wished for", held(state({ stage: { kind: "open" }, ending: {} })), "ended", undefined],
    [
      "the end is wished for while it is mended",
      { kind: "recovering", mailbox: { s: setBack({ ending: {} }) } },
      "ended",
      undefined,
    ],
    ["everything is forgotten", { kind: "wiped" }, "idle", undefined],
  ])("%s", (_, life, phase, trouble) => {
    const view = shown(life);
    expect([view.phase, view.trouble]).toEqual([phase, trouble]);
  });

  test("counts no readers once everything is forgotten", () => {
    expect(shown({ kind: "idle" }).readers).toBe(4);
    expect(shown({ kind: "wiped" }).readers).toBe(0);
  });

  test("calls an end confirmed only once no code opens it", () => {
    expect(shown(held(ended(true))).end?.confirmed).toBe(true);
    expect(shown(held(ended(true)), { copy }).end?.confirmed).toBe(false);
  });
});
