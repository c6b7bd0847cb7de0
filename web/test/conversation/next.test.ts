import { describe, expect, test } from "vitest";
import { type Situation, next } from "../../src/conversation/mailbox/next.ts";
import type { Asked } from "../../src/conversation/mailbox/session.ts";
import type { MailboxState } from "../../src/conversation/mailbox/state.ts";
import { usualRhythm as rhythm } from "../../src/conversation/mailbox/steps.ts";
import { beginning } from "../../src/wire/frames.ts";
import {
  claimer,
  copyOf,
  device,
  groupOf,
  heldOf,
  pendingOf,
  sessionOf,
  situationOf,
  stages,
  stateOf,
  tag,
  textItem,
} from "./mailboxes.ts";

/** What a mailbox does next, judged by tables: stage, session, copy and time, and the one thing that follows. */

const now = 1_000_000;

type Row = readonly [name: string, situation: Situation, then: object];

const at = (s: Partial<MailboxState>, session: Parameters<typeof sessionOf>[0] = {}): Situation =>
  situationOf({ s: stateOf(s), session: sessionOf(session) });
const asked = (...names: Asked[]): { readonly asked: ReadonlySet<Asked> } => ({ asked: new Set(names) });
const wait = { do: "wait" };
const until = (time: number) => ({ do: "wait", until: time });
const here = { incarnation: expect.anything(), tag: expect.anything(), seq: 5n };
const commit = { kind: "remove", devices: ["amir"] } as const;
const pending = pendingOf();
const accepted = pendingOf({ what: "remove", item: commit, accepted: { seq: 6, tag: tag(6) } });

/** A device whose person answers, unless told otherwise. */
function claimed(s: Partial<MailboxState>, o: Partial<Situation> = {}, self = "sara"): Situation {
  return situationOf({ s: stateOf({ side: "device", claimer, ...s }), group: groupOf(device(self)), ...o });
}

/** With a copy that holds what was read up to `seq`, and this as the pending frame. */
function copied(
  s: Partial<MailboxState>,
  o: { readonly seq?: number; readonly copy?: ReturnType<typeof copyOf>; readonly session?: object } = {},
): Situation {
  const state = stateOf({ retained: true, ...s });
  const copy = o.copy ?? copyOf();
  const session = sessionOf(o.session);
  return situationOf({ s: state, session, copy, coverage: { of: copy, covered: heldOf(state, o.seq) } });
}

const rows: Record<string, readonly Row[]> = {
  "nothing is to be done": [
    ["all is said and read", at({}), wait],
    ["the line is down", at({ queue: [textItem] }, { connected: false, attached: false }), wait],
    ["a colleague answers", at({ stage: stages.taken }), wait],
    ["it broke, and nobody wants it ended", at({ stage: stages.broken }), wait],
    ["it is over, and said to be", at({ stage: stages.deleted }, { attached: false }), wait],
  ],
  "a pause holds for whatever would be asked": [
    ["open", at({ queue: [textItem] }, { pausedUntil: now + 7 }), until(now + 7)],
    ["opening", at({ stage: stages.opening, pending }, { pausedUntil: now + 7 }), until(now + 7)],
    ["ended", at({ stage: stages.ended }, { attached: false, pausedUntil: now + 7 }), until(now + 7)],
    ["broken", at({ stage: stages.broken, ending: {} }, { pausedUntil: now + 7 }), until(now + 7)],
    ["until it is over", at({ queue: [textItem] }, { pausedUntil: now }), { do: "seal", item: textItem }],
    ["but is not waited out for nothing", at({ stage: stages.taken }, { pausedUntil: now + 7 }), wait],
    ["nor where it broke", at({ stage: stages.broken }, { pausedUntil: now + 7 }), wait],
  ],
  opening: [
    ["the opening goes out", at({ stage: stages.opening, pending: pendingOf({ what: "open" }) }), { do: "open" }],
    ["once", at({ stage: stages.opening, pending }, asked("open")), wait],
    ["not before it is made", at({ stage: stages.opening }), wait],
    ["nothing is said before it is accepted", at({ stage: stages.opening, queue: [textItem] }), wait],
  ],
  attaching: [
    ["first of all", at({ queue: [textItem] }, { attached: false }), { do: "attach", cursor: here }],
    ["once", at({}, { attached: false, ...asked("attach") }), wait],
    [
      "what broke is attached from its beginning, to be deleted",
      at({ stage: stages.broken, ending: {} }, { attached: false }),
      { do: "attach", cursor: beginning },
    ],
    [
      "what is over asks whether it is deleted",
      at({ stage: stages.ended }, { attached: false }),
      { do: "attach", cursor: beginning },
    ],
    ["once, too", at({ stage: stages.ended }, { attached: false, ...asked("attach") }), wait],
    ["and then hears it", at({ stage: stages.ended }), wait],
    ["not where it is attached elsewhere", at({ stage: stages.ended }, { attached: false, replaced: true }), wait],
  ],
  "one frame of ours is unanswered at a time": [
    ["what is pending goes out before anything is said", at({ pending, queue: [commit] }), { do: "send" }],
    ["once", at({ pending, queue: [textItem] }, asked("send")), wait],
    ["nothing is sealed while a frame is unanswered", at({ queue: [textItem] }, asked("send")), wait],
    ["nor while a deletion is", at({ queue: [textItem] }, asked("delete")), wait],
    ["nor while an own commit waits for its entry", at({ pending: accepted, queue: [textItem] }), wait],
  ],
  "what is said": [
    ["the oldest words", at({ queue: [textItem, { kind: "line", line: "0.o2" }] }), { do: "seal", item: textItem }],
    ["commits go before words", at({ queue: [textItem, commit] }), { do: "seal", item: commit }],
    ["nothing before the epoch that the relay has named", at({ queue: [textItem], awaits: 4 }), wait],
    ["from that epoch on", at({ queue: [textItem], awaits: 3 }), { do: "seal", item: textItem }],
    ["nothing without keys", situationOf({ s: stateOf({ queue: [textItem] }), group: undefined }), wait],
    [
      "whoever comes back reads to the end first",
      at({ returning: true, queue: [{ kind: "renew" }] }, { known: 7, missingSince: now }),
      until(now + rhythm.missing),
    ],
    ["and renews then", at({ returning: true, queue: [{ kind: "renew" }] }), { do: "seal", item: { kind: "renew" } }],
  ],
  "an end": [
    ["is said before all else", at({ ending: {}, queue: [commit] }), { do: "seal", item: { kind: "end" } }],
    ["waits for what must be read before it", at({ ending: { behind: 6 } }), wait],
    ["and no longer", at({ ending: { behind: 5 } }), { do: "seal", item: { kind: "end" } }],
    ["without a message, where the relay takes none", at({ ending: { plain: true } }), { do: "delete" }],
    ["which waits for what is on its way", at({ ending: { plain: true }, pending }), { do: "send" }],
    ["once", at({ ending: { plain: true } }, asked("delete")), wait],
    ["of what broke", at({ stage: stages.broken, ending: {} }), { do: "delete" }],
    ["of what broke, once", at({ stage: stages.broken, ending: {} }, asked("delete")), wait],
    ["of what broke, after its last frame", at({ stage: stages.broken, ending: {} }, asked("send")), wait],
  ],
  receipts: [
    [
      "are gathered from the first that wants one",
      at({ confirmed: 4 }, { unconfirmedSince: now }),
      until(now + rhythm.gather),
    ],
    [
      "and said then",
      at({ confirmed: 4 }, { unconfirmedSince: now - rhythm.gather }),
      { do: "seal", item: { kind: "receipt" } },
    ],
    [
      "not oftener than may be",
      at({ confirmed: 4 }, { unconfirmedSince: now - rhythm.gather, receiptAt: now - rhythm.receipt + 1 }),
      until(now + 1),
    ],
    ["after words", at({ confirmed: 4, queue: [textItem] }), { do: "seal", item: textItem }],
    ["not by who has just joined", at({ confirmed: 4, joiner: { from: 5, hashes: [] } }), wait],
    ["by the device that answers", claimed({ confirmed: 4 }), { do: "seal", item: { kind: "receipt" } }],
    ["and by no other", claimed({ confirmed: 4 }, {}, "amir"), wait],
    ["nor before a claim", claimed({ confirmed: 4, claimer: undefined }), wait],
  ],
  "what is answered": [
    ["is said to the relay by who answers", claimed({ heard: 4, replied: 5 }), { do: "resolve" }],
    ["once", claimed({ heard: 4, replied: 5 }, { session: sessionOf(asked("resolve")) }), wait],
    ["and not again", claimed({ heard: 4, replied: 5, told: 4 }), wait],
    ["where only receipts came since", claimed({ heard: 5, unconfirmed: 3, replied: 3 }), { do: "resolve" }],
    ["not while something waits for a person", claimed({ heard: 5, replied: 4 }), wait],
    ["not by who does not answer", claimed({ heard: 4, replied: 5 }, {}, "amir"), wait],
    ["not by a visitor", at({ heard: 4, replied: 5 }), wait],
    [
      "not by a receipt of who means to go",
      claimed({
        heard: 5,
        unconfirmed: 3,
        replied: 3,
        told: 4,
        proposal: { nonce: "00", reason: 2, until: 0, kommun: "", state: "waiting" },
      }),
      wait,
    ],
  ],
  "the slot moves on": [
    ["over what is read", at({}, { advanced: 3 }), { do: "advance", cursor: here }],
    ["not oftener than may be", at({}, { advanced: 3, advancedAt: now - 1 }), until(now - 1 + rhythm.advance)],
    ["once", at({}, { advanced: 3, ...asked("advance") }), wait],
    ["not back", at({}, { advanced: 6 }), wait],
    ["beside a frame that is unanswered", at({}, { advanced: 3, ...asked("send") }), { do: "advance", cursor: here }],
    [
      "as far as the copy covers it",
      copied({}, { seq: 4, session: { advanced: 3, ...asked("put") } }),
      { do: "advance", cursor: { ...here, seq: 4n } },
    ],
    ["and no further", copied({}, { seq: 4, session: { advanced: 4, ...asked("put") } }), wait],
  ],
  "the copy under a return code": [
    [
      "is put before anything else is done",
      copied({ queue: [textItem] }, { copy: copyOf({ version: 0n }) }),
      { do: "put" },
    ],
    [
      "holds what is pending before that is sent",
      situationOf({ s: stateOf({ pending }), copy: copyOf() }),
      { do: "put" },
    ],
    ["and then that is sent", copied({ pending }), { do: "send" }],
    [
      "which waits until it is there",
      situationOf({ s: stateOf({ pending }), copy: copyOf(), session: sessionOf(asked("put")) }),
      wait,
    ],
    ["holds what was read before the slot moves on", copied({}, { seq: 4, session: { advanced: 4 } }), { do: "put" }],
    [
      "but is not put oftener than the slot may move on",
      copied({}, { seq: 4, session: { advanced: 4, advancedAt: now } }),
      until(now + rhythm.advance),
    ],
    [
      "is put again as it is",
      copied({}, { copy: copyOf({ flight: { version: 5n, blob: new Uint8Array() } }) }),
      { do: "put" },
    ],
    ["then the mailbox is to be kept as long", copied({ retained: false }), { do: "keep" }],
    ["once", copied({ retained: false }, { session: asked("keep") }), wait],
    ["then what lay under an earlier code goes", copied({}, { copy: copyOf({ before: [copyOf()] }) }), { do: "drop" }],
    ["once, too", copied({}, { copy: copyOf({ before: [copyOf()] }), session: asked("drop") }), wait],
    [
      "not before the mailbox is kept",
      copied({ retained: false }, { copy: copyOf({ before: [copyOf()] }), session: asked("keep") }),
      wait,
    ],
    ["goes when it is over", copied({ stage: stages.deleted }), { do: "drop" }],
    ["once the deletion is said to be", copied({ stage: stages.ended }), wait],
    [
      "under another code nothing is covered",
      situationOf({
        s: stateOf({ pending }),
        copy: copyOf(),
        coverage: { of: copyOf(), covered: heldOf(stateOf({ pending })) },
      }),
      { do: "put" },
    ],
  ],
  "an entry of which the relay has spoken": [
    ["may take its time", at({}, { known: 6, missingSince: now - 1 }), until(now - 1 + rhythm.missing)],
    ["then another connection is made", at({}, { known: 6, missingSince: now - rhythm.missing }), { do: "renew" }],
    ["then it is lost", at({}, { known: 6, missingSince: now - rhythm.missing, renewed: true }), { do: "lost" }],
    ["is missed only while it is missing", at({}, { known: 5, missingSince: 0, renewed: true }), wait],
  ],
  "the nearest time is waited for": [
    [
      "a receipt's before the slot's",
      at({ confirmed: 4 }, { advanced: 4, advancedAt: now, unconfirmedSince: now, known: 6, missingSince: now }),
      until(now + Math.min(rhythm.gather, rhythm.advance, rhythm.missing)),
    ],
  ],
};

for (const [what, table] of Object.entries(rows))
  describe(what, () => {
    test.each(table)("%s", (_, situation, then) => {
      expect(next(situation, now)).toEqual(then);
    });
  });

type Choices = Readonly<Record<string, readonly unknown[]>>;

/** Every way to choose one of each. */
function* product<C extends Choices>(choices: C): Generator<{ [K in keyof C]: C[K][number] }> {
  const [first, ...others] = Object.entries(choices);
  if (!first) return void (yield {} as never);
  for (const value of first[1])
    for (const chosen of product(Object.fromEntries(others))) yield { [first[0]]: value, ...chosen } as never;
}

/** The rules that no step may break, each with whether this one keeps it. */
function rulesOf(step: ReturnType<typeof next>, { s, session, copy, coverage }: Situation): Record<string, unknown> {
  if (step.do === "wait") return { "for a time that is to come": (step.until ?? now + 1) > now };
  const { asked } = session;
  const covered = copy && (coverage.covered ?? { pending: undefined, cursor: { seq: 0n } });
  const frame = step.do === "send" || step.do === "delete" || step.do === "seal";
  return {
    "on a line that is up": session.connected,
    "while it is this side's": s.stage.kind !== "taken",
    "nothing is asked twice": frame ? !asked.has("send") && !asked.has("delete") : !asked.has(step.do as Asked),
    "only where it is attached": session.attached || ["attach", "open", "drop"].includes(step.do),
    ...(step.do === "seal" && { "only when nothing is pending": s.stage.kind === "open" && !s.pending }),
    ...(step.do === "send" && {
      "only what has not been accepted": s.pending && !s.pending.accepted,
      "only what the copy holds": !covered || covered.pending === s.pending,
    }),
    ...(step.do === "advance" && {
      "only forward": Number(step.cursor.seq) > session.advanced,
      "not beyond what is read": Number(step.cursor.seq) <= s.seq,
      "not beyond the copy": !covered || step.cursor.seq <= covered.cursor.seq,
    }),
  };
}

test("whatever stands in state and session, no rule that keeps a message is broken", () => {
  const all = product({
    stage: Object.values(stages),
    pending: [undefined, pending, accepted],
    ending: [undefined, {}, { plain: true as const }, { behind: 9 }],
    connected: [false, true],
    attached: [false, true],
    asked: [[], ["send"], ["delete"], ["attach"], ["advance"], ["put"], ["open"], ["keep", "drop"]] as Asked[][],
    copy: ["none", "empty", "older", "same"] as const,
  });
  const broken = new Set<string>();
  const done = new Set<string>();
  for (const { stage, pending, ending, copy: held, asked, ...line } of all) {
    const s = stateOf({ stage, pending, ending, queue: [textItem] });
    const copy = held === "none" ? undefined : copyOf();
    const older = { ...heldOf(s, 4), pending: undefined };
    const covered = { none: undefined, empty: undefined, older, same: heldOf(s) }[held];
    const session = sessionOf({ ...line, advanced: 3, asked: new Set(asked) });
    const situation = situationOf({ s, session, copy, coverage: { of: copy, covered } });
    const step = next(situation, now);
    done.add(step.do);
    for (const [rule, holds] of Object.entries(rulesOf(step, situation))) if (!holds) broken.add(`${step.do}: ${rule}`);
  }
  expect([...broken]).toEqual([]);
  // Each of them has been decided, so that each has been judged.
  expect([...done].sort()).toEqual(
    ["advance", "attach", "delete", "drop", "keep", "open", "put", "seal", "send", "wait"].sort(),
  );
});
