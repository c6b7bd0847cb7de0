import type { Request } from "../../relay/link.ts";
import type { Cursor } from "../../wire/frames.ts";
import type { Copy } from "./copy.ts";
import type { Session } from "./session.ts";
import { type MailboxState, type Pending, cursorOf } from "./state.ts";

/**
 * What keeps the copy that a return code opens ahead of everything that leaves this device (spec §8, «Sealed state»).
 */

/** What was in the state when a blob was sealed from it. */
export interface Held {
  readonly pending: Pending | undefined;
  readonly cursor: Cursor;
}

/**
 * How far the relay's copy covers the state. `of` is the copy that this is about: under another return code nothing is
 * covered yet. `flying`: what the blob in flight will have covered, once it is confirmed.
 */
export interface Coverage {
  readonly of: Copy | undefined;
  readonly covered?: Held | undefined;
  readonly flying?: Held | undefined;
}

/** `loaded`: the mailbox was just read from the copy, which so covers all of it. */
export function newCoverage(copy: Copy | undefined, s: MailboxState, loaded: boolean): Coverage {
  return { of: copy, ...(loaded && { covered: heldIn(s) }) };
}

export function heldIn(s: MailboxState): Held {
  return { pending: s.pending, cursor: cursorOf(s) };
}

/** The coverage under this copy. */
export function coverageUnder(copy: Copy | undefined, coverage: Coverage): Coverage {
  return coverage.of === copy ? coverage : { of: copy };
}

/** May this frame be sent? Only what the copy holds is, so that whoever comes back can repeat it. */
export function covers(copy: Copy | undefined, coverage: Coverage, pending: Pending): boolean {
  return !copy || coverageUnder(copy, coverage).covered?.pending === pending;
}

/** How far the slot may move on: what the copy does not hold must still be at the relay. */
export function coveredUpTo(copy: Copy | undefined, coverage: Coverage, s: MailboxState): Cursor {
  const read = cursorOf(s);
  return copy ? (coverageUnder(copy, coverage).covered?.cursor ?? { ...read, seq: 0n }) : read;
}

/**
 * What is to be done for the copy of an open conversation, if anything. `wanted`: the slot could move on, if the copy
 * held what was read.
 */
export function nextForCopy(
  copy: Copy | undefined,
  coverage: Coverage,
  s: MailboxState,
  asked: Session["asked"],
  wanted: boolean,
): "put" | "keep" | "drop" | undefined {
  if (!copy || asked.has("put")) return undefined;
  const { covered } = coverageUnder(copy, coverage);
  const unsent = s.pending && !s.pending.accepted ? s.pending : undefined;
  const behind = (unsent && covered?.pending !== unsent) || (wanted && (covered?.cursor.seq ?? 0n) < BigInt(s.seq));
  if (copy.flight || copy.version === 0n || behind) return "put";
  if (!s.retained) return asked.has("keep") ? undefined : "keep";
  return copy.before.length > 0 && !asked.has("drop") ? "drop" : undefined;
}

/** What goes first of all that lies under any return code. */
export function dropOf({ keys, before }: Copy): Request {
  const { locator, capability } = before[0]?.keys ?? keys;
  return { kind: "drop", locator, capability };
}
