import { PolicyError } from "../../mls/policy.ts";
import { hex } from "../../wire/bytes.ts";
import { CodecError } from "../../wire/codec.ts";
import { type Payload, type Proposal, Reason } from "../../wire/payload.ts";
import type { MailboxContext } from "./context.ts";
import { type Item, type MailboxState, type Pending, type Proposed, addLine, bytesOf } from "./state.ts";

/** Proposals of the claimer's, on both sides (spec §8, «Proposals»). */

/** What one claimer may ask of one visitor: beyond it the page would be theirs to fill. */
const maxProposals = 16;
/** A roster's longest life: whoever is named may be gone after it. Seconds. */
export const longestProposal = 7 * 86400;

/** By what stands on the wire. */
export const reasons = [undefined, "colleague", "shift", "back", "kommun"] as const;

/** Whoever proposes this means to go. */
export function hands(reason: number): boolean {
  return reason >= Reason.shift;
}

/** The visitor's client takes in a proposal: shown is only what it has found in the roster itself. */
export async function readProposal(ctx: MailboxContext, p: Proposal): Promise<void> {
  const { s, env } = ctx;
  const now = Date.now() / 1000;
  const until = Number(p.until);
  s.proposals = (s.proposals ?? 0) + 1;
  if (s.proposals > maxProposals) return;
  s.proposal = undefined;
  if (p.reason === Reason.withdrawn || until <= now || until > now + longestProposal + 86400) return;
  const [device] = p.devices;
  const proposed: Proposed = {
    nonce: hex(p.nonce),
    reason: p.reason,
    until,
    kommun: p.kommun,
    ...(device !== undefined && { device }),
  };
  try {
    s.proposal = await env.known(proposed, ctx);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    decline(s, proposed.nonce, 1);
  }
}

/** The proposal that can still be answered. */
export function openProposal(s: MailboxState): Proposed | undefined {
  return s.stage.kind === "open" && s.claimer && s.proposal && s.proposal.until > Date.now() / 1000
    ? s.proposal
    : undefined;
}

/** The person's word. Only to what was on their screen. */
export function answer(s: MailboxState, nonce: string, yes: boolean): boolean {
  const p = openProposal(s);
  if (p?.nonce !== nonce || accepting(s)) return false;
  if (yes) s.queue = [{ kind: "accept", nonce, reason: p.reason, kommun: p.kommun }, ...s.queue];
  else decline(s, nonce, 0);
  return true;
}

/** The yes is on its way. */
export function accepting(s: MailboxState): boolean {
  return s.pending?.what === "accept" || s.queue.some((item) => item.kind === "accept");
}

function decline(s: MailboxState, nonce: string, verdict: number): void {
  s.proposal = undefined;
  s.queue = [...s.queue, { kind: "verdict", nonce, verdict }];
}

/** What the person said yes to cannot be done any more; they and the claimer are told. */
export function unable(s: MailboxState, item: Extract<Item, { readonly kind: "accept" }>): void {
  addLine(s, {
    id: `${s.era}.u${item.nonce}`,
    era: s.era,
    seq: s.seq,
    from: "system",
    event: "unable",
    alias: s.claimer?.alias ?? "",
  });
  decline(s, item.nonce, 1);
}

/**
 * The commit of a yes has taken effect: who was let in beside the claimer stays there. Called before the members are
 * looked at.
 */
export function accepted(s: MailboxState, { item, opens }: Pending): void {
  if (item?.kind !== "accept") return;
  if (s.proposal?.nonce === item.nonce) s.proposal = undefined;
  if (item.reason === Reason.colleague) joined(s, opens ?? []);
  if (item.kommun !== "") s.kommun = item.kommun;
}

/** A device proposes. */
export function propose(s: MailboxState, p: Omit<Proposed, "state">): void {
  s.queue = [...s.queue.filter((item) => item.kind !== "propose"), { kind: "propose", nonce: p.nonce }];
  s.proposal = { ...p, state: "sending" };
}

export function proposalPayload(s: MailboxState, nonce: string): Payload {
  const p = s.proposal;
  if (p?.nonce !== nonce) throw new CodecError("nothing to say");
  return {
    kind: "proposal",
    nonce: bytesOf(nonce),
    reason: p.reason,
    until: BigInt(p.until),
    kommun: p.kommun,
    devices: p.device === undefined ? [] : [p.device],
  };
}

/** How a device's own proposal goes on; nothing where it is about an older one. */
export function become(s: MailboxState, nonce: string, state: Proposed["state"] & string): void {
  if (s.side === "device" && s.proposal?.nonce === nonce) s.proposal = { ...s.proposal, state };
}

/** Those were let in beside the claimer: on a device, the answer to its proposal if it has one. */
export function joined(s: MailboxState, devices: readonly string[]): void {
  s.company = [...(s.company ?? []), ...devices.map((device) => ({ device, alias: "", role: "" }))];
  const p = s.proposal;
  if (p?.device !== undefined && devices.includes(p.device)) become(s, p.nonce, "done");
}

/** Whether a device reads beside the claimer because the visitor let it in. */
export function isCompany(s: MailboxState, device: string): boolean {
  return s.company?.some((one) => one.device === device) === true;
}

/** A device that has proposed to go, and nobody has said no. */
export function handing(s: MailboxState): boolean {
  const p = s.proposal;
  return s.side === "device" && p !== undefined && hands(p.reason) && (p.state === "sending" || p.state === "waiting");
}
