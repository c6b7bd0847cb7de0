import type { DeviceMember, MailboxContext } from "./context.ts";
import { accepted, become, isCompany } from "./proposing.ts";
import { toJoiners } from "./share.ts";
import { becomeBroken } from "./transitions.ts";
import {
  type Claimer,
  type MailboxState,
  type Pending,
  type Position,
  addLine,
  changeLine,
  isCommit,
  markAccepted,
} from "./state.ts";

/**
 * An own frame is accepted: by its answer, or (`read`) because its entry has come. A commit takes effect when its entry
 * is read, since what lies before it in the mailbox belongs to the epoch before.
 */
export function settle(ctx: MailboxContext, counter: number, position: Position, read: boolean): void {
  const { s } = ctx;
  s.counter = Math.max(s.counter, counter);
  s.accepted = read ? s.accepted.filter((a) => a.counter !== counter) : s.accepted;
  const { pending } = s;
  if (!pending || pending.counter !== counter) return;
  const { item } = pending;
  const line = item?.kind === "line" ? item.line : pending.line;
  if (line !== undefined) markAccepted(s, line, position.seq);
  if (pending.what === "receipt") s.confirmed = Math.max(s.confirmed, pending.covers ?? 0);
  if (item?.kind === "propose") become(s, item.nonce, "waiting");
  s.replied = Math.max(s.replied, answers(pending));
  if (pending.what === "end") return;
  const commit = item !== undefined && isCommit(item);
  if (commit && !read) {
    s.pending = { ...pending, accepted: position };
    return;
  }
  s.pending = undefined;
  if (commit) takeEffect(ctx, pending, position.seq);
  else if (!read) s.accepted = [...s.accepted, { counter, message: pending.message, ...position }];
}

function takeEffect(ctx: MailboxContext, commit: Pending, seq: number): void {
  const { s } = ctx;
  if (!ctx.next) return becomeBroken(ctx, "bug");
  ctx.group = ctx.group ? ctx.next.since(ctx.group) : ctx.next;
  ctx.next = undefined;
  accepted(s, commit);
  const before = s.claimer;
  noteMembers(ctx, seq);
  if (commit.what === "claim") s.claimedAt = Date.now();
  if (s.side !== "visitor") return;
  if ((commit.opens?.length ?? 0) > 0) {
    s.shut = undefined;
    s.queue = [...toJoiners(s, seq), ...s.queue];
  }
  if (commit.what === "remove") {
    // Another may have gone meanwhile.
    ctx.env.committed();
    if (before && !s.claimer) {
      tell(s, seq, "second", before);
      if (s.readers === 0) s.shut = before;
    }
  }
  // Nobody is left who could answer, and nobody has: there is no thread to go on with.
  if (s.readers === 0 && !s.shut) becomeBroken(ctx, "device");
}

/** After a commit: how many can read, whether it was a claim (spec §8), and whom that claim has kept. */
export function noteMembers(ctx: MailboxContext, seq: number): void {
  const { s } = ctx;
  const devices = (ctx.group?.members() ?? []).flatMap((m) => (m.kind === "device" ? [m] : []));
  s.readers = devices.length;
  const claimer = ctx.group?.claimer;
  if (s.company) noteCompany(s, devices, claimer !== undefined, seq);
  const kept =
    claimer?.kind === "device"
      ? devices.find((m) => m.device !== claimer.device && !isCompany(s, m.device))
      : undefined;
  // What one claimer has proposed ends with their claim.
  if (s.side === "visitor" && (claimer?.kind !== "device" || s.claimer?.device !== claimer.device))
    s.proposal = s.proposals = undefined;
  if (claimer?.kind !== "device") s.claimer = undefined;
  else if (s.claimer?.device !== claimer.device) {
    s.claimer = { device: claimer.device, kommun: claimer.kommun, alias: claimer.alias, role: claimer.role };
    addLine(s, {
      id: `${s.era}.s${seq}`,
      era: s.era,
      seq,
      from: "system",
      event: "claimed",
      alias: claimer.alias,
      ...(kept && { kept: kept.alias }),
    });
  }
  const before = s.second;
  s.second = kept && { device: kept.device, alias: kept.alias, role: kept.role };
  if (before && before.device !== kept?.device) tell(s, seq, "second", before);
  // Whoever is kept while the visitor is away goes as soon as the visitor is here.
  if (s.second && s.side === "visitor") renew(s);
}

function tell(
  s: MailboxState,
  seq: number,
  event: "company" | "second",
  who: DeviceMember | Omit<Claimer, "kommun">,
): void {
  addLine(s, { id: `${s.era}.k${seq}${event}${who.device}`, era: s.era, seq, from: "system", event, alias: who.alias });
}

/** Who reads beside the claimer: says who has come and who has gone. Without a claimer nobody is beside anybody. */
function noteCompany(s: MailboxState, devices: readonly DeviceMember[], answered: boolean, seq: number): void {
  const stays: (Claimer & { readonly since?: number })[] = [];
  for (const one of answered ? s.company! : []) {
    const member = devices.find((m) => m.device === one.device);
    if (!member) tell(s, seq, "second", one);
    else if (one.since !== undefined) stays.push(one);
    else {
      tell(s, seq, "company", member);
      stays.push({ device: member.device, alias: member.alias, role: member.role, since: seq });
    }
  }
  s.company = stays;
}

/** Queues new keys, once. */
export function renew(s: MailboxState): void {
  if (!s.queue.some((item) => item.kind === "renew") && s.pending?.what !== "renew")
    s.queue = [{ kind: "renew" }, ...s.queue];
}

/** Not accepted, and not to blame: the same thing is said again, in the new epoch and under the same counter. */
export function giveBack(ctx: MailboxContext, pending: Pending): void {
  const { s } = ctx;
  s.pending = undefined;
  ctx.next = undefined;
  if (pending.item) s.queue = [pending.item, ...s.queue];
}

/** Refused for good. The text stays on the screen as failed. */
export function giveUp(ctx: MailboxContext, pending: Pending): void {
  const { s } = ctx;
  s.pending = undefined;
  ctx.next = undefined;
  if (pending.item?.kind === "line") failLine(ctx, pending.item.line);
  if (pending.what === "receipt") s.confirmed = Math.max(s.confirmed, pending.covers ?? 0);
  if (pending.what === "end" && s.ending) s.ending = { ...s.ending, plain: true };
}

function answers({ item }: Pending): number {
  return (item?.kind === "line" || item?.kind === "claim" ? item.answers : undefined) ?? 0;
}

/** The line stays on the screen, and can be tried again. */
export function failLine(ctx: MailboxContext, id: string): void {
  changeLine(ctx.s, id, { delivery: "failed" });
  ctx.s.queue = ctx.s.queue.filter((queued) => queued.kind !== "line" || queued.line !== id);
}
