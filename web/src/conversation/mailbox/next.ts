import type { Group } from "../../mls/group.ts";
import { type Cursor, beginning } from "../../wire/frames.ts";
import type { Copy } from "./copy.ts";
import { type Coverage, covers, coveredUpTo, nextForCopy } from "./coverage.ts";
import { handing } from "./proposing.ts";
import type { Session } from "./session.ts";
import { type Item, type MailboxState, cursorOf, isCommit } from "./state.ts";
import type { Rhythm } from "./steps.ts";

/**
 * What a mailbox does next is decided here, and done in deeds.ts. The rules, in the order of their weight: one frame of
 * ours is unanswered at a time; only what the copy under a return code holds is sent, and no slot moves on beyond it;
 * what is sealed is pending, and what is pending goes out before anything else is said.
 */

/** Everything that a decision rests on, but for the time. */
export interface Situation {
  readonly s: MailboxState;
  readonly session: Session;
  /** The MLS state up to `s.seq`; absent once nothing more can be read. */
  readonly group: Pick<Group, "epoch" | "self"> | undefined;
  readonly copy: Copy | undefined;
  readonly coverage: Coverage;
  readonly rhythm: Rhythm;
}

/** What can be sealed. */
export type Sayable = Item | { readonly kind: "receipt" } | { readonly kind: "end" };

/**
 * open, send: the pending frame goes out. seal: something becomes the pending frame. delete: an end without a message.
 * put, keep, drop: for the copy. renew: another connection is made for an entry that does not come; lost: it did not
 * come over that one either.
 */
export type Action =
  | { readonly do: "open" | "send" | "delete" | "resolve" | "put" | "keep" | "drop" | "renew" | "lost" }
  | { readonly do: "attach"; readonly cursor: Cursor }
  | { readonly do: "advance"; readonly cursor: Cursor }
  | { readonly do: "seal"; readonly item: Sayable };

/** `until`: milliseconds since the epoch; without it nothing is to be done before something happens. */
export interface Wait {
  readonly do: "wait";
  readonly until?: number;
}

const rest: Wait = { do: "wait" };

export function next(situation: Situation, now: number): Action | Wait {
  const { s, session } = situation;
  if (!session.connected) return rest;
  const { stage } = s;
  if (stage.kind === "taken" || (stage.kind === "broken" && !s.ending)) return rest;
  if (session.pausedUntil > now) return { do: "wait", until: session.pausedUntil };
  switch (stage.kind) {
    case "opening":
      return s.pending && !session.asked.has("open") ? { do: "open" } : rest;
    case "open":
      return session.attached ? nextWhenOpen(situation, now) : attach(session, cursorOf(s));
    case "broken":
      return session.attached ? nextWhenBroken(session) : attach(session, beginning);
    case "ended":
      return nextWhenEnded(situation, stage.end.confirmed);
    default:
      return stage satisfies never;
  }
}

function attach({ asked }: Session, cursor: Cursor): Action | Wait {
  return asked.has("attach") ? rest : { do: "attach", cursor };
}

/** What broke is deleted once the person wants that. */
function nextWhenBroken({ asked }: Session): Action | Wait {
  return asked.has("send") || asked.has("delete") ? rest : { do: "delete" };
}

function nextWhenEnded({ session, copy }: Situation, confirmed: boolean): Action | Wait {
  if (confirmed) return copy && !session.asked.has("drop") ? { do: "drop" } : rest;
  // The other side has ended it, and the line went before the relay said that it is deleted.
  return session.attached || session.replaced ? rest : attach(session, beginning);
}

function nextWhenOpen(situation: Situation, now: number): Action | Wait {
  const { s, session, copy, coverage } = situation;
  const { asked } = session;
  const waits: number[] = [];

  const moveOn = dueAt(now, waits, advanceDue(situation));
  const forCopy = nextForCopy(copy, coverage, s, asked, moveOn);
  if (forCopy) return { do: forCopy };

  if (!asked.has("send") && !asked.has("delete")) {
    const frame = nextFrame(situation, now, waits);
    if (frame) return frame;
  }

  if (resolveDue(situation)) return { do: "resolve" };

  const cursor = coveredUpTo(copy, coverage, s);
  if (moveOn && Number(cursor.seq) > session.advanced) return { do: "advance", cursor };

  if (s.seq < session.known && dueAt(now, waits, session.missingSince + situation.rhythm.missing))
    return { do: session.renewed ? "lost" : "renew" };

  return waits.length > 0 ? { do: "wait", until: Math.min(...waits) } : rest;
}

/** Whether the time has come; where it has not, it is waited for. */
function dueAt(now: number, waits: number[], due: number | undefined): boolean {
  if (due === undefined) return false;
  if (due > now) waits.push(due);
  return due <= now;
}

/** The frame that this writer is to send or make, where none of its own is unanswered. */
function nextFrame(situation: Situation, now: number, waits: number[]): Action | Wait | undefined {
  const { s, session, copy, coverage } = situation;
  if (s.ending?.plain && !s.pending) return { do: "delete" };
  // Until the copy holds it, nothing else is asked: its answer moves everything on.
  if (s.pending && !s.pending.accepted) return covers(copy, coverage, s.pending) ? { do: "send" } : rest;
  if (!maySpeak(situation)) return undefined;
  // What comes back must have read to the end before it renews anything.
  if (s.returning && s.seq < session.known) return undefined;
  const item = toSay(s) ?? (dueAt(now, waits, receiptDue(situation)) ? receipt : undefined);
  return item && { do: "seal", item };
}

const receipt: Sayable = { kind: "receipt" };

/** Nothing is encrypted while a commit of ours waits for its entry, nor before the epoch that the relay has named. */
function maySpeak({ s, group }: Situation): boolean {
  if (!group || s.pending || group.epoch < BigInt(s.awaits ?? 0)) return false;
  // Refused because there was more to read.
  return !s.ending || s.seq >= (s.ending.behind ?? 0);
}

/** Whoever wants it ended says nothing else. Commits go before words. */
function toSay(s: MailboxState): Sayable | undefined {
  if (s.ending) return { kind: "end" };
  return s.queue.find(isCommit) ?? s.queue[0];
}

/** When a receipt is due; undefined where there is nothing to confirm, or nobody here who may. */
function receiptDue(situation: Situation): number | undefined {
  const { s, session, rhythm } = situation;
  if (s.joiner || s.unconfirmed <= s.confirmed || (s.side === "device" && !claimedHere(situation))) return undefined;
  return Math.max(session.receiptAt + rhythm.receipt, session.unconfirmedSince + rhythm.gather);
}

/** When the slot may be moved on; undefined where there is nothing to move over. */
function advanceDue({ s, session, rhythm }: Situation): number | undefined {
  if (s.seq <= session.advanced || session.asked.has("advance")) return undefined;
  return session.advancedAt + rhythm.advance;
}

/**
 * A person here has answered everything that the visitor wrote; what came since is receipts, which nobody need
 * answer.
 */
function resolveDue(situation: Situation): boolean {
  const { s, session } = situation;
  if (s.side !== "device" || session.asked.has("resolve") || !claimedHere(situation)) return false;
  // Whoever means to go does not speak for the person by a receipt.
  if (handing(s) && s.replied <= s.told) return false;
  return s.heard > s.told && s.unconfirmed <= s.replied;
}

/** This device is the one that answers. */
export function claimedHere({ s, group }: Pick<Situation, "s" | "group">): boolean {
  const self = group?.self;
  return self?.kind === "device" && self.device === s.claimer?.device;
}
