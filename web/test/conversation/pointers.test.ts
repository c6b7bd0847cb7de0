import { describe, expect, test } from "vitest";
import {
  type Pointers,
  changed,
  erased,
  fetched,
  forgotten,
  isOut,
  joining,
  named,
  nextFetch,
  nextPointer,
  noPointers,
  worthJoining,
} from "../../src/conversation/desk/pointers.ts";
import { type MailboxState, type Stage, freshState } from "../../src/conversation/mailbox/state.ts";
import type { Answer } from "../../src/relay/link.ts";
import { Refusal } from "../../src/wire/codes.gen.ts";

/** What the inbox decides, without a relay, a Redis or a browser. */

const held = (stage: Stage, seq = 5): MailboxState => ({
  ...freshState({ id: "a", side: "device", era: 0, since: 0, capability: "" }),
  stage,
  seq,
});
const open = held({ kind: "open" });
const taken = held({ kind: "taken" });
const lost = held({ kind: "broken", trouble: "lost" });
const a = { id: "a", since: 1 };
const b = { id: "b", since: 2 };

test.each<[Stage, boolean]>([
  [{ kind: "opening" }, false],
  [{ kind: "open" }, false],
  [{ kind: "taken" }, true],
  [{ kind: "ended", end: { by: "visitor", confirmed: true } }, false],
  [{ kind: "broken", trouble: "lost" }, true],
  [{ kind: "broken", trouble: "device" }, true],
  [{ kind: "broken", trouble: "policy" }, false],
])("%o: this device is out: %s", (stage, out) => expect(isOut(held(stage))).toBe(out));

describe("what is fetched next", () => {
  test("is what was named first, once", () => {
    let p = named(named(named(noPointers, a, undefined), b, undefined), a, undefined);
    expect(nextPointer(p)).toEqual(a);
    p = fetched(p, "a");
    expect(nextPointer(p)).toEqual(b);
    expect(nextPointer(fetched(p, "b"))).toBeUndefined();
  });

  test("is nothing that is open here", () => {
    const p = named(noPointers, a, open);
    expect(nextPointer(p)).toBeUndefined();
    expect(p.named).toEqual([a]);
  });

  test("is what this device is out of", () => {
    expect(nextPointer(named(noPointers, a, taken))).toEqual(a);
  });

  test("is what was named while it was open, once it is out of it", () => {
    const p = named(noPointers, a, open);
    expect(changed(p, "a", open)).toBe(p);
    expect(nextPointer(changed(p, "a", taken))).toEqual(a);
    expect(changed(p, "a", taken).named).toEqual([]);
  });

  test("is nothing that nobody named", () => expect(changed(noPointers, "a", taken)).toBe(noPointers));

  test("a new beginning keeps what was erased, and nothing else", () => {
    const p = erased(named(named(noPointers, a, undefined), b, open), "c", 3);
    expect(forgotten(p)).toEqual({ ...noPointers, erased: new Map([["c", 4]]) });
  });
});

describe("a Welcome", () => {
  const gone: Pointers = erased(noPointers, "a", 7);
  test.each<[string, Pointers, number, MailboxState | undefined, boolean]>([
    ["to what this device does not have is taken", noPointers, 0, undefined, true],
    ["from before what was erased is not", gone, 7, undefined, false],
    ["from after it is", gone, 8, undefined, true],
    ["from before this device was taken out is not", noPointers, 4, taken, false],
    ["from when it was taken out is", noPointers, 5, taken, true],
    ["to what was lost must be newer", noPointers, 5, lost, false],
    ["and is taken then", noPointers, 6, lost, true],
    ["after it was let in anew counts from there", joining(gone, "a"), 0, undefined, true],
  ])("%s", (_, p, from, held, worth) => expect(worthJoining(p, "a", from, held)).toBe(worth));
});

describe("the answer to a fetch", () => {
  const refused = (code: number, detail = 0n) => ({ kind: "refused", ref: 1, code, detail }) as Answer;
  const welcome = { kind: "welcome", ref: 1 } as Answer;
  test.each<[string, Answer | undefined, object]>([
    ["is a Welcome", welcome, { do: "join", welcome }],
    ["does not come: the relay names it again", undefined, { do: "drop" }],
    ["asks for a pause", refused(Refusal.busy, 3n), { do: "wait", ms: 3000 }],
    ["asks for none: it is not asked at once, all the same", refused(Refusal.busy), { do: "wait", ms: 40 }],
    ["is that the store is away", refused(Refusal.unavailable), { do: "wait", ms: 40 }],
    ["is that there is none", refused(Refusal.no_mailbox), { do: "drop" }],
    ["is no answer to it", { kind: "ready", ref: 1 } as Answer, { do: "drop" }],
  ])("%s", (_, answer, step) => expect(nextFetch(answer, 40)).toEqual(step));
});
