import type { Answer } from "../../relay/link.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import { type MailboxState, troubleIn } from "../mailbox/state.ts";

/** What an inbox decides: which mailbox is fetched next, and what a Welcome is worth. Nothing here acts. */

/** A mailbox that the relay has named. `since`: Unix seconds. */
export interface Pointer {
  readonly id: string;
  readonly since: number;
}

export interface Pointers {
  /** To be fetched, in the order named. */
  readonly waiting: readonly Pointer[];
  /** Named while this device had them open: it may have been taken out, and let in again. */
  readonly named: readonly Pointer[];
  /** The newest entry read of what was erased, and one. */
  readonly erased: ReadonlyMap<string, number>;
}

export const noPointers: Pointers = { waiting: [], named: [], erased: new Map() };

/** A mailbox that this device has been taken out of, or has lost: a newer Welcome may take its place. */
export function isOut({ stage }: MailboxState): boolean {
  switch (stage.kind) {
    case "taken":
      return true;
    case "broken":
      return stage.trouble === "device" || stage.trouble === "lost";
    case "opening":
    case "open":
    case "ended":
      return false;
    default:
      return stage satisfies never;
  }
}

const without = (all: readonly Pointer[], id: string) => all.filter((one) => one.id !== id);

/** The relay has named a mailbox. `held`: what this desk has of it. */
export function named(p: Pointers, pointer: Pointer, held: MailboxState | undefined): Pointers {
  const { id } = pointer;
  const kept = p.waiting.some((one) => one.id === id) || (held !== undefined && !isOut(held));
  if (kept) return { ...p, named: [...without(p.named, id), pointer] };
  return { ...p, named: without(p.named, id), waiting: [...p.waiting, pointer] };
}

/** A mailbox on the desk has changed: where it was named while it was open, and is not any more, it is fetched. */
export function changed(p: Pointers, id: string, held: MailboxState | undefined): Pointers {
  const pointer = p.named.find((one) => one.id === id);
  return pointer && held && isOut(held) ? named(p, pointer, held) : p;
}

/** One after the other: a shift that begins with a full inbox must not ask for everything at once. */
export function nextPointer(p: Pointers): Pointer | undefined {
  return p.waiting[0];
}

/** The visitor has let this device in anew: what was erased before counts no more. */
export function joining(p: Pointers, id: string): Pointers {
  return { ...p, erased: new Map([...p.erased].filter(([one]) => one !== id)) };
}

/** It has been fetched, and has become a mailbox or nothing. */
export function fetched(p: Pointers, id: string): Pointers {
  return { ...p, waiting: without(p.waiting, id) };
}

/** What was read up to an entry was erased: it comes back only where the visitor lets this device in after it. */
export function erased(p: Pointers, id: string, read: number): Pointers {
  return { ...p, erased: new Map([...p.erased, [id, read + 1]]) };
}

/** A new beginning: what was erased stays so. */
export function forgotten(p: Pointers): Pointers {
  return { ...noPointers, erased: p.erased };
}

/**
 * Whether a Welcome that begins after entry `from` is to be taken: what this device has left or erased comes back only
 * where the visitor has let it in anew. One that was lost may have been attached only after the device had been taken
 * out and let in again: what it was given then began behind what it had.
 */
export function worthJoining(p: Pointers, id: string, from: number, held: MailboxState | undefined): boolean {
  if (from < (p.erased.get(id) ?? 0)) return false;
  if (!held || !isOut(held)) return true;
  return troubleIn(held) === "lost" ? from > held.seq : from >= held.seq;
}

export type FetchStep =
  | { readonly do: "join"; readonly welcome: Extract<Answer, { readonly kind: "welcome" }> }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "drop" };

/** What follows from the answer to a fetch; undefined: none came, and the relay names it again on the next connection. */
export function nextFetch(answer: Answer | undefined, again: number): FetchStep {
  if (answer?.kind === "welcome") return { do: "join", welcome: answer };
  if (answer?.kind !== "refused") return { do: "drop" };
  if (answer.code === Refusal.busy) return { do: "wait", ms: Math.max(1000 * Number(answer.detail), again) };
  return answer.code === Refusal.unavailable ? { do: "wait", ms: again } : { do: "drop" };
}
