import { hex } from "../../wire/bytes.ts";
import type { Payload } from "../../wire/payload.ts";
import type { Accepted, MailboxState, Pending } from "./state.ts";

/** Whether what the relay and the others say agrees with what this side has seen (spec §8). */

type Receipt = Extract<Payload, { readonly kind: "receipt" }>;
type History = Extract<Payload, { readonly kind: "history" }>;

/**
 * A receipt says what its sender has seen, up to the entry that it names; it came as entry `seq`. split: that is not
 * what we have seen, and the relay shows two histories. meaningless: it cannot be meant, for what comes after it or for
 * less than the sender's last. old: an earlier receipt has covered it, and what was seen is no longer known.
 */
export function judgeReceipt(
  s: Pick<MailboxState, "receipt" | "trail" | "received">,
  receipt: Pick<Receipt, "seq" | "transcript">,
  from: string,
  seq: number,
): "agrees" | "split" | "meaningless" | "old" {
  if (receipt.seq >= BigInt(seq)) return "meaningless";
  const covers = Number(receipt.seq);
  if (s.receipt?.from === from && covers < s.receipt.seq) return "meaningless";
  const known = s.trail.find(([n]) => n === covers);
  if (!known) return covers > s.received ? "split" : "old";
  return known[1] === hex(receipt.transcript) ? "agrees" : "split";
}

/** What the visitor's client tells a joiner, beside what who was there before has seen. */
export function judgeHistory(
  s: Pick<MailboxState, "trail">,
  history: Pick<History, "seq" | "transcript">,
): "agrees" | "split" | "meaningless" {
  const known = s.trail.find(([n]) => n === Number(history.seq));
  if (!known) return "meaningless";
  return known[1] === hex(history.transcript) ? "agrees" : "split";
}

/** An own frame stands at the position that the relay named when it accepted it, if it has answered yet. */
export function judgePosition(sent: Accepted | Pending, seq: number, tag: string): "agrees" | "split" | "unanswered" {
  const named = "what" in sent ? sent.accepted : sent;
  if (!named) return "unanswered";
  return named.seq === seq && named.tag === tag ? "agrees" : "split";
}
