import type { Trouble } from "../api.ts";
import type { Copy } from "../mailbox/copy.ts";
import { type MailboxState, troubleIn } from "../mailbox/state.ts";

/** What the visitor's engine decides: from its life, its session and the time to the next deed. Nothing here acts. */

/** A mailbox, as far as the rules look at it. */
interface Holder {
  readonly s: MailboxState;
}

/**
 * Where the visitor's conversation is. idle: nothing was written. drafted: written, and no mailbox has it yet. held: a
 * mailbox has it. rereading: its mailbox rests, and what lies under the return code is read again, since another
 * device wrote there. recovering: the relay has lost it, and those are looked for who may read its successor. wiped:
 * everything is forgotten, for good. Whoever reads it handles every kind: a `switch` whose default is `satisfies
 * never`.
 */
export type VisitorLife<M extends Holder = Holder> =
  | { readonly kind: "idle" }
  | { readonly kind: "drafted"; readonly s: MailboxState }
  | { readonly kind: "held"; readonly mailbox: M }
  | { readonly kind: "rereading"; readonly mailbox: M }
  | { readonly kind: "recovering"; readonly mailbox: M }
  | { readonly kind: "wiped" };

/** What the engine remembers of this page beside the conversation. */
export interface Session {
  /** How often a successor was begun by itself since the person last wrote or decided. */
  readonly recoveries: number;
  /** The newest entry, and since when it is. Milliseconds since the epoch. */
  readonly newest: { readonly seq: number; readonly at: number };
}

export function newSession(now: number): Session {
  return { recoveries: 0, newest: { seq: 0, at: now } };
}

/** The session after a look at what a mailbox has stored. */
export function observed(session: Session, s: MailboxState, now: number): Session {
  return s.seq === session.newest.seq ? session : { ...session, newest: { seq: s.seq, at: now } };
}

export function mailboxIn<M extends Holder>(life: VisitorLife<M>): M | undefined {
  switch (life.kind) {
    case "held":
    case "rereading":
    case "recovering":
      return life.mailbox;
    case "idle":
    case "drafted":
    case "wiped":
      return undefined;
    default:
      return life satisfies never;
  }
}

export function stateIn(life: VisitorLife): MailboxState | undefined {
  return life.kind === "drafted" ? life.s : mailboxIn(life)?.s;
}

/**
 * reread: look again at what lies under the return code. recover: open a successor. yield: another device has it;
 * forget all of it here. close: it is over, and nothing is left to ask the relay for.
 */
export type Deed = "wait" | "reread" | "recover" | "yield" | "close";

/** What follows from a state that the mailbox has just stored. `live`: how long one is kept, in milliseconds. */
export function afterStored(
  life: VisitorLife,
  copy: Copy | undefined,
  session: Session,
  now: number,
  live: number,
): Deed {
  switch (life.kind) {
    case "held":
      return (
        afterStage(life.mailbox.s, copy) ?? (worthRecovering(life.mailbox.s, session, now, live) ? "recover" : "wait")
      );
    case "recovering":
      return afterStage(life.mailbox.s, copy) ?? "wait";
    case "idle":
    case "drafted":
    case "rereading":
    case "wiped":
      return "wait";
    default:
      return life satisfies never;
  }
}

/** undefined: it may be worth recovering. */
function afterStage(s: MailboxState, copy: Copy | undefined): Deed | undefined {
  if (lostOnReturn(s)) return copy ? "reread" : "wait";
  if (troubleIn(s) === "elsewhere") return "yield";
  switch (s.stage.kind) {
    case "ended":
      return s.stage.end.confirmed && !copy ? "close" : "wait";
    case "opening":
    case "open":
    case "taken":
      return "wait";
    case "broken":
      return undefined;
    default:
      return s.stage satisfies never;
  }
}

/**
 * It came from a copy that does not fit the relay: another device may have gone on with it meanwhile, and nothing is
 * said until the copy has been read again.
 */
function lostOnReturn(s: MailboxState): boolean {
  return s.stage.kind === "broken" && s.stage.trouble === "lost" && s.returning === true;
}

/**
 * A store that loses everything again and again, or a relay that says so, does not make the page open one conversation
 * after the other.
 */
const maxRecoveries = 3;

/** Whether the store was set back, and it was no expiry: something waits for an answer, or the conversation went on. */
function worthRecovering(s: MailboxState, session: Session, now: number, live: number): boolean {
  if (s.stage.kind !== "broken" || !s.stage.setBack || s.ending || s.returning) return false;
  if (session.recoveries >= maxRecoveries) return false;
  // Who had claimed has been taken out: nobody could read, so that nobody is let in unasked.
  if (!s.claimer && s.lines.some((line) => line.era === s.era && line.event === "claimed")) return false;
  const unconfirmed = s.lines.some(
    (line) => line.from === "visitor" && line.delivery !== undefined && line.delivery !== "received",
  );
  return unconfirmed || now - session.newest.at < live / 2;
}

/** What those are told who wait for the conversation to be kept under a return code; undefined: to wait on. */
export function keepOutcome(s: MailboxState, copy: Copy | undefined): "kept" | Trouble | undefined {
  if (copy && isKept(s, copy)) return "kept";
  if (lostOnReturn(s)) return undefined;
  return s.stage.kind === "ended" || s.stage.kind === "broken" ? (troubleIn(s) ?? "lost") : undefined;
}

/** The relay has the copy, keeps the mailbox as long, and nothing lies under an earlier code. */
export function isKept(s: MailboxState, copy: Copy): boolean {
  return copy.version > 0n && s.retained === true && copy.before.length === 0;
}

/** The state that may be kept under a return code: one that goes on. */
export function keepable(life: VisitorLife): MailboxState | undefined {
  const s = stateIn(life);
  return s && (s.stage.kind === "open" || s.stage.kind === "opening") && !s.ending ? s : undefined;
}

/** The state whose successor the person may ask for. What is being looked at already waits for that. */
export function replaceable(life: VisitorLife): MailboxState | undefined {
  if (life.kind !== "drafted" && life.kind !== "held") return undefined;
  const s = stateIn(life);
  return s?.stage.kind === "broken" && !s.ending && s.stage.trouble !== "elsewhere" ? s : undefined;
}

/**
 * For whom a successor is opened, where that is not for every device that takes part in intake. Nobody can read it who
 * could not read the one before: after a claim that is the claimer, and who reads beside them.
 */
export function readersOfSuccessor({ claimer, second, only }: MailboxState): readonly string[] | undefined {
  return claimer ? [claimer.device, ...(second ? [second.device] : [])] : only;
}

/** About a minute: within half of one the nodes have put the key packages back into an empty store. */
const maxLooks = 40;

/**
 * Whether a successor can be opened now, by the devices that were found sound. stay: they cannot be reached, or the
 * person has asked for the end meanwhile; the person decides, as for everything else that breaks.
 */
export function nextRecovery(s: MailboxState, found: readonly string[], looks: number): "open" | "look" | "stay" {
  if (s.ending) return "stay";
  if (found.length > 0 && (!s.claimer || found.includes(s.claimer.device))) return "open";
  return looks < maxLooks ? "look" : "stay";
}

/** How far an opening has come: what stood in its way last, and whether the directory has been looked at since. */
export interface OpeningProgress {
  readonly attempt: number;
  readonly looked: boolean;
  readonly trouble: Trouble | undefined;
}

/** Key packages are a day's, but devices come and go: what is older is asked for again before it is opened. */
const freshFor = 5 * 60_000;

export type OpeningStep =
  | { readonly do: "look" }
  | { readonly do: "make" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "break"; readonly trouble: Trouble };

/** What is in the way for now is tried again, what is in the way for good breaks it. `age`: of the directory, in ms. */
export function nextOpening(p: OpeningProgress, age: number, hasRoster: boolean): OpeningStep {
  if (p.trouble === undefined) return { do: p.looked || age < freshFor ? "make" : "look" };
  if (p.trouble !== "unreachable") return { do: "break", trouble: p.trouble };
  return hasRoster ? { do: "make" } : { do: "wait", ms: Math.min(15_000, 1000 * 2 ** p.attempt) };
}
