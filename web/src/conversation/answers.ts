import type { Answer, Said } from "../relay/link.ts";
import { Refusal } from "../wire/codes.gen.ts";
import { hex } from "../wire/bytes.ts";
import { type Box, fault, finish, leave, letGo, ownSide, refusedAnyhow, setBack } from "./box.ts";
import { answered } from "./outgoing.ts";
import type { Asked, Run } from "./run.ts";

/** What a mailbox makes of the relay's words, but for entries. */

export async function takeGone(run: Run, reason: number): Promise<void> {
  const { box } = run;
  const { s } = box;
  if (reason === 5) run.replaced = true;
  const ended = reason === 1 || reason === 2 || reason === 6;
  if (s.stage === "ended") {
    if (s.end?.confirmed || !ended) return;
    finish(box, s.end?.by ?? ownSide(s), true, "theirs", reason === 6);
  } else if (s.stage === "broken" || s.stage === "taken") return;
  else if (ended) finish(box, reason === 2 ? "staff" : "visitor", true, "relay's", reason === 6);
  else if (reason === 5) fault(box, "elsewhere");
  else if (reason === 3) setBack(box);
  else if (reason === 4) takeClosed(box);
  else fault(box, "lost");
  await run.store();
}

/**
 * This device's slot was closed, and the commit that did it is not kept any more, or was never read here. Nobody but
 * the visitor's client closes the claimer's slot, or that of who reads beside.
 */
function takeClosed(box: Box): void {
  const { s } = box;
  if (s.side === "visitor") return fault(box, "lost");
  const self = box.group?.self;
  const own = self?.kind === "device" ? self.device : undefined;
  if (own !== undefined && own === s.claimer?.device) letGo(box, "invited");
  else if (own !== undefined && own === s.second?.device) letGo(box, "returned");
  else leave(box, undefined);
}

export async function takePresence(run: Run, { state }: Extract<Said, { kind: "presence" }>): Promise<void> {
  run.box.s.presence = state;
  await run.store();
}

/** What is told of the alarm holds for this connection, and is not stored. */
export function takeAlarm(run: Run, { state }: Extract<Said, { kind: "alarm" }>): void {
  run.box.s.alarm = state;
  run.box.host.changed();
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
  const { box } = run;
  const { s, host } = box;
  await run.at("attach.answered");
  if (s.stage === "ended") {
    run.attached = answer.kind === "attached";
    if (answer.kind !== "refused") return;
    if (answer.code === Refusal.ended || answer.code === Refusal.no_mailbox)
      finish(box, s.end?.by ?? ownSide(s), true, "theirs");
    else run.heed({ pause: host.rhythm.again });
    return run.store();
  }
  if (s.stage === "broken") {
    if (answer.kind === "attached") run.attached = true;
    else if (answer.kind === "refused") await takePlainAnswer(run, answer);
    return;
  }
  if (answer.kind === "refused") {
    const remedy = refusedAnyhow(box, answer.code, answer.detail);
    if (remedy) run.heed(remedy);
    else if (answer.code === Refusal.slot_closed) takeClosed(box);
    else fault(box, "bug");
    return run.store();
  }
  if (answer.kind !== "attached" || hex(answer.mailbox) !== s.id) {
    fault(box, "bug");
    return run.store();
  }
  const { head } = answer;
  const mine = s.counter + (s.pending && !s.pending.accepted ? 1 : 0);
  const elsewhere = s.slot >= 0 && answer.slot !== s.slot;
  const another = s.seq > 0 && hex(head.incarnation) !== s.incarnation;
  // Taken out, and let in again, while this device was not there: the inbox has the new Welcome.
  if (elsewhere && s.side === "device") {
    leave(box, undefined);
    return run.store();
  }
  const older =
    head.seq < BigInt(s.seq) || answer.epoch < (box.group?.epoch ?? 0n) || answer.counter < BigInt(s.counter);
  if (elsewhere || another || older || answer.counter > BigInt(mine)) {
    if (another || older) setBack(box);
    else fault(box, "lost");
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
  const { box } = run;
  await run.at("advance.answered");
  if (answer.kind !== "refused" || box.s.stage !== "open") return;
  const remedy = refusedAnyhow(box, answer.code, answer.detail);
  if (remedy) run.heed(remedy);
  await run.store();
}

async function takeAnswered(run: Run, answer: Answer): Promise<void> {
  const { box } = run;
  const { s } = box;
  await run.at("resolve.answered");
  if (answer.kind !== "refused" || s.stage !== "open") return;
  // The alarm rings once too often rather than never.
  if (answer.code === Refusal.busy || answer.code === Refusal.unavailable) s.told = 0;
  const remedy = refusedAnyhow(box, answer.code, answer.detail);
  if (remedy) run.heed(remedy);
  await run.store();
}

async function takeAccepted(run: Run, answer: Answer): Promise<void> {
  const { box } = run;
  const { s } = box;
  if (s.stage === "broken" || s.stage === "ended" || s.stage === "taken") return;
  const what = s.pending?.what ?? "send";
  await run.at(`${what}.answered`);
  const trouble = s.trouble;
  run.heed(await answered(box, answer));
  const owes = (seq: number) => {
    run.known = Math.max(run.known, seq);
    run.missingSince = Date.now();
  };
  if (answer.kind === "accepted") {
    owes(Number(answer.cursor.seq));
    if (s.trouble === trouble && (trouble === "full" || trouble === "too_large")) s.trouble = undefined;
  } else if (answer.kind === "refused" && answer.code === Refusal.epoch && answer.detail > (box.group?.epoch ?? 0n))
    owes(s.seq + 1);
  else if (answer.kind === "refused" && answer.code === Refusal.behind) owes(Number(answer.detail));
  await run.at(`${what}.decided`);
  await run.store();
  await run.at(`${what}.settled`);
}

/** The answer to deleting without a message: nothing but the deletion matters any more. */
async function takePlainAnswer(run: Run, answer: Answer): Promise<void> {
  const { box } = run;
  const { s } = box;
  if (s.stage === "ended" || s.stage === "taken") return;
  if (answer.kind === "refused") {
    if (answer.code === Refusal.busy || answer.code === Refusal.unavailable)
      return run.heed({ pause: box.host.rhythm.again });
    // A device may not delete what it has not read, nor before it has claimed. Nothing is left here to do it with.
    if (s.side === "device" && answer.code !== Refusal.no_mailbox && answer.code !== Refusal.ended) {
      s.ending = false;
      s.plain = undefined;
    } else finish(box, ownSide(s), answer.code === Refusal.no_mailbox || answer.code === Refusal.ended, "theirs");
  } else finish(box, ownSide(s), true, "theirs");
  await run.store();
}
