import type { Answer, Pushed } from "../relay/link.ts";
import { Refusal } from "../wire/codes.gen.ts";
import { hex } from "../wire/bytes.ts";
import type { MailboxContext } from "./context.ts";
import { answered } from "./outgoing.ts";
import { refusedAnyhow } from "./refusals.ts";
import type { Asked, Run } from "./run.ts";
import { ownSide } from "./state.ts";
import { becomeBroken, becomeEnded, becomeLetGo, becomeSetBack, becomeTaken } from "./transitions.ts";

/** What a mailbox makes of the relay's words, but for entries. */

export async function takeGone(run: Run, reason: number): Promise<void> {
  const { ctx } = run;
  const { s } = ctx;
  if (reason === 5) run.replaced = true;
  const ended = reason === 1 || reason === 2 || reason === 6;
  if (s.stage.kind === "ended") {
    if (s.stage.end.confirmed || !ended) return;
    becomeEnded(ctx, s.stage.end.by, true, "theirs", reason === 6);
  } else if (s.stage.kind === "broken" || s.stage.kind === "taken") return;
  else if (ended) becomeEnded(ctx, reason === 2 ? "staff" : "visitor", true, "relay's", reason === 6);
  else if (reason === 5) becomeBroken(ctx, "elsewhere");
  else if (reason === 3) becomeSetBack(ctx);
  else if (reason === 4) takeClosed(ctx);
  else becomeBroken(ctx, "lost");
  await run.store();
}

/**
 * This device's slot was closed, and the commit that did it is not kept any more, or was never read here. Nobody but
 * the visitor's client closes the claimer's slot, or that of who reads beside.
 */
function takeClosed(ctx: MailboxContext): void {
  const { s } = ctx;
  if (s.side === "visitor") return becomeBroken(ctx, "lost");
  const self = ctx.group?.self;
  const own = self?.kind === "device" ? self.device : undefined;
  if (own !== undefined && own === s.claimer?.device) becomeLetGo(ctx, "invited");
  else if (own !== undefined && own === s.second?.device) becomeLetGo(ctx, "returned");
  else becomeTaken(ctx, undefined);
}

export async function takePresence(run: Run, { state }: Extract<Pushed, { kind: "presence" }>): Promise<void> {
  run.ctx.s.presence = state;
  await run.store();
}

/** What is told of the alarm holds for this connection, and is not stored. */
export function takeAlarm(run: Run, { state }: Extract<Pushed, { kind: "alarm" }>): void {
  run.ctx.s.alarm = state;
  run.ctx.env.changed();
}

export async function takeAnswer(run: Run, to: Asked, answer: Answer): Promise<void> {
  switch (to) {
    case "attach":
      return takeAttached(run, answer);
    case "advance":
      return takeAcknowledged(run, answer);
    case "resolve":
      return takeAnswered(run, answer);
    case "delete":
      return takePlainAnswer(run, answer);
    case "acknowledge":
      return; // what it does to the alarm comes as such
    case "open":
    case "send":
      return takeAccepted(run, answer);
  }
}

async function takeAttached(run: Run, answer: Answer): Promise<void> {
  const { ctx } = run;
  const { s, env } = ctx;
  await run.at("attach.answered");
  if (s.stage.kind === "ended") {
    run.attached = answer.kind === "attached";
    if (answer.kind !== "refused") return;
    if (answer.code === Refusal.ended || answer.code === Refusal.no_mailbox)
      becomeEnded(ctx, s.stage.end.by, true, "theirs");
    else run.heed({ pause: env.rhythm.again });
    return run.store();
  }
  if (s.stage.kind === "broken") {
    if (answer.kind === "attached") run.attached = true;
    else if (answer.kind === "refused") await takePlainAnswer(run, answer);
    return;
  }
  if (answer.kind === "refused") {
    const remedy = refusedAnyhow(ctx, answer.code, answer.detail);
    if (remedy) run.heed(remedy);
    else if (answer.code === Refusal.slot_closed) takeClosed(ctx);
    else becomeBroken(ctx, "bug");
    return run.store();
  }
  if (answer.kind !== "attached" || hex(answer.mailbox) !== s.id) {
    becomeBroken(ctx, "bug");
    return run.store();
  }
  const { head } = answer;
  const mine = s.counter + (s.pending && !s.pending.accepted ? 1 : 0);
  const elsewhere = s.slot >= 0 && answer.slot !== s.slot;
  const another = s.seq > 0 && hex(head.incarnation) !== s.incarnation;
  // Taken out, and let in again, while this device was not there: the inbox has the new Welcome.
  if (elsewhere && s.side === "device") {
    becomeTaken(ctx, undefined);
    return run.store();
  }
  const older =
    head.seq < BigInt(s.seq) || answer.epoch < (ctx.group?.epoch ?? 0n) || answer.counter < BigInt(s.counter);
  if (elsewhere || another || older || answer.counter > BigInt(mine)) {
    if (another || older) becomeSetBack(ctx);
    else becomeBroken(ctx, "lost");
    return run.store();
  }
  if (s.seq === 0) s.incarnation = hex(head.incarnation);
  s.slot = answer.slot;
  run.attached = true;
  run.acknowledged = s.seq;
  run.known = Number(head.seq);
  run.missingSince = Date.now();
  await run.store();
  await run.at("attach.stored");
}

async function takeAcknowledged(run: Run, answer: Answer): Promise<void> {
  const { ctx } = run;
  await run.at("advance.answered");
  if (answer.kind !== "refused" || ctx.s.stage.kind !== "open") return;
  const remedy = refusedAnyhow(ctx, answer.code, answer.detail);
  if (remedy) run.heed(remedy);
  await run.store();
}

async function takeAnswered(run: Run, answer: Answer): Promise<void> {
  const { ctx } = run;
  const { s } = ctx;
  await run.at("resolve.answered");
  if (answer.kind !== "refused" || s.stage.kind !== "open") return;
  // The alarm rings once too often rather than never.
  if (answer.code === Refusal.busy || answer.code === Refusal.unavailable) s.told = 0;
  const remedy = refusedAnyhow(ctx, answer.code, answer.detail);
  if (remedy) run.heed(remedy);
  await run.store();
}

async function takeAccepted(run: Run, answer: Answer): Promise<void> {
  const { ctx } = run;
  const { s } = ctx;
  if (s.stage.kind === "broken" || s.stage.kind === "ended" || s.stage.kind === "taken") return;
  const what = s.pending?.what ?? "send";
  await run.at(`${what}.answered`);
  const notice = s.notice;
  run.heed(await answered(ctx, answer));
  const owes = (seq: number) => {
    run.known = Math.max(run.known, seq);
    run.missingSince = Date.now();
  };
  if (answer.kind === "accepted") {
    owes(Number(answer.cursor.seq));
    if (s.notice === notice && (notice === "full" || notice === "too_large")) s.notice = undefined;
  } else if (answer.kind === "refused" && answer.code === Refusal.epoch && answer.detail > (ctx.group?.epoch ?? 0n))
    owes(s.seq + 1);
  else if (answer.kind === "refused" && answer.code === Refusal.behind) owes(Number(answer.detail));
  await run.at(`${what}.decided`);
  await run.store();
  await run.at(`${what}.settled`);
}

/** The answer to deleting without a message: nothing but the deletion matters any more. */
async function takePlainAnswer(run: Run, answer: Answer): Promise<void> {
  const { ctx } = run;
  const { s } = ctx;
  if (s.stage.kind === "ended" || s.stage.kind === "taken") return;
  if (answer.kind === "refused") {
    if (answer.code === Refusal.busy || answer.code === Refusal.unavailable)
      return run.heed({ pause: ctx.env.rhythm.again });
    // A device may not delete what it has not read, nor before it has claimed. Nothing is left here to do it with.
    if (s.side === "device" && answer.code !== Refusal.no_mailbox && answer.code !== Refusal.ended) {
      s.ending = undefined;
    } else becomeEnded(ctx, ownSide(s), answer.code === Refusal.no_mailbox || answer.code === Refusal.ended, "theirs");
  } else becomeEnded(ctx, ownSide(s), true, "theirs");
  await run.store();
}
