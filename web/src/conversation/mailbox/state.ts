import { firstTranscript } from "../../wire/transcript.ts";
import { base64, equal, hex, unbase64, unhex } from "../../wire/bytes.ts";
import { type Cursor, type PresenceState, beginning } from "../../wire/frames.ts";
import type { End, Intake, Line, Trouble } from "../api.ts";

/**
 * A line with what the engine needs to place it. Immutable: a change makes a new one, so that a page can compare by
 * identity.
 */
export interface StoredLine extends Line {
  /** Which of a visitor's successive mailboxes it belongs to. */
  readonly era: number;
  /** Its entry; absent while it waits. */
  readonly seq?: number;
}

/**
 * What is to be sent, in order. Texts and phrases stand in their line. `answers`: the newest entry read when a person
 * wanted it said. renew: new keys, and nobody but the claimer and who was let in beside them stays. invite: who has
 * claimed goes, and the colleagues come in. accept: yes to a proposal. To whoever comes in go history and shared, by
 * the ids of the lines. propose and verdict: a claimer's proposal, which stands in the state, and what else than yes
 * the visitor's client says to one.
 */
export type Item =
  | { readonly kind: "line"; readonly line: string; readonly answers?: number }
  | { readonly kind: "claim"; readonly answers?: number }
  | { readonly kind: "remove"; readonly devices: readonly string[] }
  | { readonly kind: "renew" }
  | { readonly kind: "invite" }
  | { readonly kind: "accept"; readonly nonce: string; readonly reason: number; readonly kommun: string }
  | { readonly kind: "propose"; readonly nonce: string }
  | { readonly kind: "verdict"; readonly nonce: string; readonly verdict: number }
  | { readonly kind: "history"; readonly seq: number }
  | { readonly kind: "shared"; readonly intake: boolean; readonly lines: readonly string[] };

export type CommitItem = Extract<Item, { readonly kind: "claim" | "remove" | "renew" | "invite" | "accept" }>;

export function isCommit(item: { readonly kind: string }): item is CommitItem {
  return ["claim", "remove", "renew", "invite", "accept"].includes(item.kind);
}

/** The one frame that is on its way or about to be (spec §5.3, §7.6). Bytes in base64. */
export interface Pending {
  readonly what: "open" | "receipt" | "end" | Item["kind"];
  /** What was queued; absent for an opening, a receipt and an end. */
  readonly item?: Item;
  /** For an opening: the line that goes with it. */
  readonly line?: string;
  /** The devices that the frame closes, and those that it opens. */
  readonly closes?: readonly string[];
  readonly opens?: readonly string[];
  /** For a receipt: the entry that it confirms. */
  readonly covers?: number;
  /** For an end: the last entry that was read. */
  readonly read?: { readonly incarnation: string; readonly seq: number; readonly tag: string };
  readonly counter: number;
  readonly message: string;
  readonly welcome?: string;
  readonly retention?: 0 | 1;
  /** For an opening: SHA-256 of the capability, in hex. */
  readonly slot?: string;
  /** For an opening: what it was paid with. */
  readonly work?: string;
  /** A commit that is accepted takes effect when its entry is read, in its place in the order. */
  readonly accepted?: Position;
}

export interface Position {
  readonly seq: number;
  readonly tag: string;
}

/** An own message that was accepted and has not come back yet. */
export interface Accepted extends Position {
  readonly counter: number;
  readonly message: string;
}

export interface Claimer {
  readonly device: string;
  /** Absent in what was stored before it was known. */
  readonly kommun?: string;
  readonly alias: string;
  readonly role: string;
}

/**
 * A proposal (spec §8), on both sides; nonce in hex. Alias and role are those of the roster that the device was found
 * in.
 */
export interface Proposed {
  readonly nonce: string;
  readonly reason: number;
  /** Unix seconds. */
  readonly until: number;
  /** Whose devices it is about; empty: those of the claimer's own kommun. */
  readonly kommun: string;
  readonly device?: string;
  readonly alias?: string;
  readonly role?: string;
  /** A device's: how far it has come. */
  readonly state?: "sending" | "waiting" | "no" | "cannot" | "done";
}

/**
 * How far a mailbox has come, with what belongs to that stage alone. opening: made here, and the relay has not
 * accepted it. taken: a colleague answers, or (`letGo`) the visitor's client has taken this device out, and why.
 * ended: for both. broken: reading has stopped for good; `setBack`: worth being made anew, since the relay's store
 * has lost it or the end of it, or a device that is struck has changed the group. Whoever reads it handles every
 * kind: a `switch` whose default is `satisfies never`.
 */
export type Stage =
  | { readonly kind: "opening" }
  | { readonly kind: "open" }
  | { readonly kind: "taken"; readonly by?: string; readonly letGo?: "invited" | "returned" | "handed" }
  | { readonly kind: "ended"; readonly end: End }
  | { readonly kind: "broken"; readonly trouble: Trouble; readonly setBack?: true };

/**
 * The person wants it ended, and the relay has not done it yet. `behind`: it refused, because there was more to read,
 * up to here. `plain`: it refused an end that carries a message, and what is left is to delete without one.
 */
export interface Ending {
  readonly behind?: number;
  readonly plain?: true;
}

/**
 * Everything about one mailbox that outlives a crash, but for the MLS state. Plain values only: it is stored as JSON.
 */
export interface MailboxState {
  readonly id: string;
  readonly side: "visitor" | "device";
  readonly era: number;
  /** Unix seconds, to the minute. */
  readonly since: number;
  readonly capability: string;
  stage: Stage;
  /** What is wrong and does not stop it. Whoever shows something asks `troubleIn`. */
  notice?: Trouble | undefined;
  /** The visitor's: the devices that it is opened for, where not for every one that takes part in intake. */
  only?: readonly string[] | undefined;
  incarnation: string;
  seq: number;
  tag: string;
  transcript: string;
  /** -1 until the relay has told it. */
  slot: number;
  /** The last own counter that the relay accepted. */
  counter: number;
  pending?: Pending | undefined;
  /** A frame was refused for its epoch: nothing is encrypted before this epoch is reached. */
  awaits?: number | undefined;
  accepted: readonly Accepted[];
  queue: readonly Item[];
  lines: readonly StoredLine[];
  /** Numbers own lines. */
  written: number;
  /** T(n) from the last receipt that came in onwards, to compare with the next one. */
  trail: readonly (readonly [seq: number, transcript: string])[];
  /** The newest entry that wants a receipt, and the newest that has one. */
  unconfirmed: number;
  confirmed: number;
  /** The newest own entry that the other side has confirmed. */
  received: number;
  /** The last receipt that came in, and whose it was. */
  receipt?: { readonly from: string; readonly seq: number } | undefined;
  /**
   * A device's: the newest entry of the visitor's, the newest that a person here has answered, and the cursor last told
   * as answered.
   */
  heard: number;
  replied: number;
  told: number;
  intake?: Intake | undefined;
  /** The visitor's: how it is opened, and which line goes with the intake. */
  opening?: { readonly retention: 0 | 1; readonly line?: string } | undefined;
  readers: number;
  claimer?: Claimer | undefined;
  /** The visitor's: whoever had claimed was shut out, and nobody reads until colleagues are let in. */
  shut?: Claimer | undefined;
  /** A device that a claim has kept beside the claimer (spec §7.4, rule 6). */
  second?: Claimer | undefined;
  /** Devices that the visitor has let in beside the claimer; with `since`, the entry of which it was told. */
  company?: readonly (Claimer & { readonly since?: number })[] | undefined;
  /** The visitor's: the claimer's proposal that waits for a yes. A device's: its own newest. */
  proposal?: Proposed | undefined;
  /** The visitor's: how many the present claimer has made. */
  proposals?: number | undefined;
  /**
   * The visitor's: the kommun whose devices are asked for when colleagues are let in, where it is not the page's own.
   */
  kommun?: string | undefined;
  /** What the relay says of the other side (spec §5.10); absent while it has not. */
  presence?: PresenceState | undefined;
  /** And of the alarm (spec §5.11): 1 a person is on it, 2 nobody has come. */
  alarm?: 0 | 1 | 2 | undefined;
  /**
   * A device's that came in later: the hashes of the messages read since, until a history says T of the entry before
   * them.
   */
  joiner?: { readonly from: number; readonly hashes: readonly string[] } | undefined;
  /** What the visitor's next application message must be (spec §8, «Joiners»), or may be. */
  expects?: "history" | "shared" | "repeated" | undefined;
  /** The visitor's: came from a blob, and has not yet won its place (spec §8, «Returning»). */
  returning?: boolean | undefined;
  /** The visitor's: the relay keeps the mailbox for as long as the return code. */
  retained?: boolean | undefined;
  /** The visitor's: the newest roster's serial, and by kommun those of others. */
  serial?: string | undefined;
  serials?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds since the epoch, when this device's claim took effect. */
  claimedAt?: number | undefined;
  /** The newest entry that was on a coordinator's screen. */
  seen: number;
  ending?: Ending | undefined;
}

/** Whether it can still be spoken in: now, or once it is open. */
export function goesOn({ stage }: MailboxState): boolean {
  switch (stage.kind) {
    case "opening":
    case "open":
      return true;
    case "taken":
    case "ended":
    case "broken":
      return false;
    default:
      return stage satisfies never;
  }
}

/** What is wrong with it, whether or not that stops it. */
export function troubleIn(s: MailboxState): Trouble | undefined {
  return s.stage.kind === "broken" ? s.stage.trouble : s.notice;
}

/** Its end, be it only wished for. */
export function endIn(s: MailboxState): End | undefined {
  if (s.stage.kind === "ended") return s.stage.end;
  return s.ending && { by: ownSide(s), confirmed: false };
}

export function ownSide(s: MailboxState): "visitor" | "staff" {
  return s.side === "visitor" ? "visitor" : "staff";
}

export function freshState(o: Pick<MailboxState, "id" | "side" | "era" | "since" | "capability">): MailboxState {
  const zero = hex(firstTranscript);
  return {
    ...o,
    stage: { kind: o.side === "visitor" ? "opening" : "open" },
    incarnation: hex(beginning.incarnation),
    seq: 0,
    tag: hex(beginning.tag),
    transcript: zero,
    slot: -1,
    counter: 0,
    accepted: [],
    queue: [],
    lines: [],
    written: 0,
    trail: [[0, zero]],
    unconfirmed: 0,
    confirmed: 0,
    received: 0,
    heard: 0,
    replied: 0,
    told: 0,
    readers: 0,
    seen: 0,
  };
}

export function cursorOf(s: MailboxState): Cursor {
  return { incarnation: bytesOf(s.incarnation), seq: BigInt(s.seq), tag: bytesOf(s.tag) };
}

/** Bytes of hex that this program wrote. */
export function bytesOf(text: string): Uint8Array {
  const bytes = unhex(text);
  if (!bytes) throw new Error("a stored value is damaged");
  return bytes;
}

export function messageOf(text: string): Uint8Array {
  const bytes = unbase64(text);
  if (!bytes) throw new Error("a stored value is damaged");
  return bytes;
}

export function sameMessage(stored: string, message: Uint8Array): boolean {
  return equal(messageOf(stored), message);
}

export { base64 as messageText };

/** Adds a line, in the order of the mailbox: what is accepted by entry, what waits after it in the order written. */
export function addLine(s: MailboxState, line: StoredLine): void {
  s.lines = ordered([...s.lines, line]);
}

export function changeLine(s: MailboxState, id: string, change: Partial<StoredLine>): void {
  s.lines = ordered(s.lines.map((line) => (line.id === id ? { ...line, ...change } : line)));
}

function ordered(lines: StoredLine[]): StoredLine[] {
  const place = (line: StoredLine) => line.seq ?? Number.POSITIVE_INFINITY;
  return lines.sort((a, b) => a.era - b.era || (place(a) === place(b) ? 0 : place(a) - place(b)));
}

export type Words =
  | { readonly text: string }
  | { readonly phrase: { readonly key: string; readonly slots: Readonly<Record<string, string>> } };

/** Puts down what the person on this side wrote, and queues it where it can still be sent. Returns the line's id. */
export function write(s: MailboxState, what: Words): string {
  const id = `${s.era}.o${++s.written}`;
  const sendable = goesOn(s) && !s.ending;
  const alias = s.side === "device" ? s.claimer?.alias : undefined;
  addLine(s, {
    id,
    era: s.era,
    from: s.side === "visitor" ? "visitor" : "staff",
    ...what,
    ...(alias === undefined ? {} : { alias }),
    delivery: sendable ? "waiting" : "failed",
  });
  if (sendable) s.queue = [...s.queue, { kind: "line", line: id, answers: s.seq }];
  return id;
}

/** Queues a failed line again; false when that cannot be. */
export function rewrite(s: MailboxState, id: string): boolean {
  const sendable = goesOn(s) && !s.ending;
  if (!sendable || !s.lines.some((line) => line.id === id && line.delivery === "failed")) return false;
  changeLine(s, id, { delivery: "waiting", era: s.era });
  s.queue = [...s.queue, { kind: "line", line: id, answers: s.seq }];
  if (s.notice === "full" || s.notice === "too_large") s.notice = undefined;
  return true;
}

/** Everything up to `seq` has reached the other side. */
export function markReceived(s: MailboxState, seq: number): void {
  s.received = Math.max(s.received, seq);
  if (!s.lines.some((line) => covered(s, line))) return;
  s.lines = s.lines.map((line) => (covered(s, line) ? { ...line, delivery: "received" } : line));
}

function covered(s: MailboxState, line: StoredLine): boolean {
  return line.era === s.era && line.delivery === "sent" && line.seq !== undefined && line.seq <= s.received;
}

/** An own line was accepted as entry `seq`. */
export function markAccepted(s: MailboxState, id: string, seq: number): void {
  changeLine(s, id, { delivery: seq <= s.received ? "received" : "sent", seq });
}

/** What did not go out stays on the screen, and can be tried again. */
export function failWaiting(s: MailboxState): void {
  s.queue = s.queue.filter((item) => item.kind !== "line");
  if (!s.lines.some((line) => line.delivery === "waiting")) return;
  s.lines = s.lines.map((line) => (line.delivery === "waiting" ? { ...line, delivery: "failed" } : line));
}
