import type { Link } from "../relay/link.ts";
import type { Group } from "../mls/group.ts";
import type { Newcomer } from "../mls/keypackage.ts";
import type { Member } from "../mls/policy.ts";
import { Refusal } from "../wire/codes.gen.ts";
import type { Trouble } from "./api.ts";
import { type Copy, encodeCopy } from "./copy.ts";
import { handing } from "./proposing.ts";
import { type MailboxState, type Proposed, addLine, encodeState, failWaiting } from "./state.ts";
import type { Hooks, Rhythm } from "./steps.ts";
import type { Vault } from "./vault.ts";

/** What a mailbox needs from the engine that holds it. */
export interface Host {
  /** Where a return code finds the conversation; absent where none does. */
  copy?: Copy | undefined;
  readonly vault: Vault;
  /** Records of this mailbox begin with it. */
  readonly prefix: string;
  readonly link: Link;
  readonly hooks: Hooks;
  readonly rhythm: Rhythm;
  /** Something that a page can see has changed. */
  changed(): void;
  /** Somebody else's commit took effect, or a removal: whoever may read should be looked up again. */
  committed(): void;
  /** The relay takes no copy under these keys. */
  refused(why: Trouble): void;
  /**
   * The relay does not know a device that the opening names, or no longer takes what it was paid with
   * (*unknown_device*, *work*).
   */
  reopen(): void;
  /** The serial of the newest roster; undefined before the first. */
  serial(): bigint | undefined;
  /** Those of other kommuner that were needed, by their ids. */
  serials(): MailboxState["serials"];
  /**
   * The devices that take part in intake and are not members, with today's key packages. Throws PolicyError where there
   * is none.
   */
  colleagues(box: Box): Promise<readonly Newcomer[]>;
  /** What is proposed, as the rosters have it. Throws PolicyError where it may not be. */
  known(proposed: Proposed, box: Box): Promise<Proposed>;
  /** Whom a yes lets in, judged anew and with the key packages of today. Throws PolicyError. */
  welcome(proposed: Proposed, box: Box): Promise<readonly Newcomer[]>;
  /** The device that a claim keeps beside the claimer's while the visitor is away, of these. */
  second(devices: readonly DeviceMember[]): string | undefined;
  /**
   * Loads the directory, for a device that the roster does not hold: the other side may know a newer one. Never
   * rejects.
   */
  reload(): Promise<void>;
}

/**
 * One mailbox, as its parts share it. Only the mailbox's own loop changes it, but for lines and queue, which grow at
 * any time.
 */
export interface Box {
  readonly s: MailboxState;
  readonly host: Host;
  /** The MLS state up to `s.seq`; absent once nothing more can be read. */
  group: Group | undefined;
  /** The state after the pending commit. */
  next: Group | undefined;
  /** The own entry that came before its answer, which must name the same place. */
  early?: { readonly counter: number; readonly seq: number; readonly tag: string } | undefined;
}

/** The MLS states that the vault holds; null where that is not known. */
export interface Stored {
  group: Group | undefined | null;
  next: Group | undefined | null;
}

export type DeviceMember = Extract<Member, { readonly kind: "device" }>;

/** Stores the mailbox, the MLS states too where they changed, all or nothing. */
export async function persist(box: Box, stored: Stored): Promise<void> {
  const { prefix, vault } = box.host;
  const { group, next } = box;
  const serial = box.host.serial();
  if (serial !== undefined) box.s.serial = String(serial);
  box.s.serials = box.host.serials() ?? box.s.serials;
  const records: Record<string, Uint8Array | undefined> = { [prefix + "state"]: encodeState(box.s) };
  if (box.s.side === "visitor") records[prefix + "copy"] = box.host.copy && encodeCopy(box.host.copy);
  if (stored.group !== group) records[prefix + "group"] = group?.encode();
  if (stored.next !== next) records[prefix + "next"] = next?.encode();
  await vault.put(records);
  // What the vault no longer holds must not be found in memory either. While a commit is pending, its state shares keys
  // with ours.
  if (!stored.next && !next && stored.group !== group) stored.group?.forget(group);
  stored.group = group;
  stored.next = next;
}

/** Reading stops for good. What was written stays; the keys go. */
export function fault(box: Box, trouble: Trouble): void {
  const { s } = box;
  s.stage = "broken";
  s.trouble = trouble;
  s.pending = undefined;
  failWaiting(s);
  forget(box);
  // Another device goes on with it: nothing of it stays on this one.
  if (s.side === "visitor" && trouble === "elsewhere")
    Object.assign(s, { lines: [], intake: undefined, shut: undefined, second: undefined, capability: "" });
}

/** The mailbox cannot be gone on with, through nobody's fault: the visitor's client makes it anew (spec §7.5). */
export function setBack(box: Box, trouble: Trouble = "lost"): void {
  fault(box, trouble);
  box.s.setBack = true;
}

/**
 * The conversation is over. `confirmed`: the relay has said that nothing is left there. `word`: who says that it was
 * `by` who ended it; the relay's word is shown as the relay's. `left`: they left quickly.
 */
export function finish(
  box: Box,
  by: "visitor" | "staff",
  confirmed: boolean,
  word: "theirs" | "relay's",
  left = false,
): void {
  const { s } = box;
  if (!s.end) addLine(s, { id: `${s.era}.end`, era: s.era, from: "system", event: "ended" });
  const reported = s.end ? s.end.reported : word === "relay's" && !(s.ending && by === ownSide(s));
  s.end = {
    by: s.end?.by ?? by,
    confirmed: confirmed || (s.end?.confirmed ?? false),
    ...(reported && { reported }),
    ...((left || s.end?.left) && { left: true }),
  };
  s.stage = "ended";
  s.pending = undefined;
  failWaiting(s);
  forget(box);
}

/** A colleague answers. */
export function leave(box: Box, alias: string | undefined): void {
  const { s } = box;
  s.stage = "taken";
  s.takenBy = alias;
  s.pending = undefined;
  failWaiting(s);
  forget(box);
}

/** The visitor's client has taken this device out. One that has proposed it keeps nothing of what it has read. */
export function letGo(box: Box, why: MailboxState["letGo"]): void {
  const { s } = box;
  s.letGo = handing(s) ? "handed" : why;
  leave(box, undefined);
  if (s.letGo === "handed")
    Object.assign(s, {
      lines: [],
      intake: undefined,
      claimer: undefined,
      second: undefined,
      company: undefined,
      proposal: undefined,
    });
}

function forget(box: Box): void {
  box.group = undefined;
  box.next = undefined;
  box.s.queue = [];
  box.s.accepted = [];
  box.s.trail = [];
  box.s.newcomer = undefined;
}

/** What a refusal asks for beyond the change of state: a pause in milliseconds, or another connection. */
export interface Remedy {
  readonly pause?: number;
  readonly renew?: boolean;
}

/** Refusals that mean the same whatever was asked (spec §3.3). Returns undefined for the others. */
export function refusedAnyhow(box: Box, code: number, detail: bigint): Remedy | undefined {
  const { s } = box;
  switch (code) {
    case Refusal.busy:
      return { pause: 1000 * Math.min(60, Math.max(1, Number(detail))) };
    case Refusal.unavailable:
      return { pause: box.host.rhythm.again };
    case Refusal.not_logged_in:
      return { renew: true };
    case Refusal.ended:
      finish(box, detail === 2n ? "staff" : "visitor", true, "relay's", detail === 3n);
      return {};
    case Refusal.no_mailbox:
      if (s.ending) finish(box, ownSide(s), true, "theirs");
      else setBack(box);
      return {};
    case Refusal.cursor_mismatch:
    case Refusal.counter_gap:
      setBack(box);
      return {};
    case Refusal.trimmed:
    // This state is older than the relay's: another device has gone on with it, or it was brought back.
    case Refusal.counter_old:
    case Refusal.counter_reused:
    case Refusal.bad_capability:
    case Refusal.exists:
      fault(box, "lost");
      return {};
    default:
      return undefined;
  }
}

export function ownSide(s: MailboxState): "visitor" | "staff" {
  return s.side === "visitor" ? "visitor" : "staff";
}
