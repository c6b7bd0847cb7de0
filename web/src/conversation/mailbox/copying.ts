import type { Answer } from "../../relay/link.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import { type Copy, sealNext } from "./copy.ts";
import { coverageUnder, heldIn } from "./coverage.ts";
import type { MailboxLoop } from "./loop.ts";

import { becomeBroken } from "./transitions.ts";

/** What is done for the copy, and what the relay's answers to that mean. */

/** Seals the next version where none is in flight, stores that, and puts it. */
export async function putCopy(loop: MailboxLoop, copy: Copy): Promise<void> {
  const { ctx } = loop;
  if (!copy.flight) {
    await loop.at("put.begun");
    const { covered } = coverageUnder(copy, loop.coverage);
    loop.coverage = { of: copy, covered, flying: heldIn(ctx.s) };
    await sealNext(copy, ctx.s, ctx.group?.encode(), ctx.next?.encode());
    await loop.store();
    await loop.at("put.sealed");
    if (ctx.env.copy !== copy || !copy.flight) return;
  }
  const { locator, capability } = copy.keys;
  loop.ask("put", { kind: "put", locator, capability, version: copy.flight.version, keep: 1, blob: copy.flight.blob });
  await loop.at("put.sent");
}

/** Takes in what the relay says to what was asked for the copy. */
export async function takeCopyAnswer(loop: MailboxLoop, to: "put" | "keep" | "drop", answer: Answer): Promise<void> {
  const { s, env } = loop.ctx;
  const { copy } = env;
  await loop.at(`${to}.answered`);
  if (!copy) return;
  if (to === "put") takePut(loop, copy, answer);
  else if (answer.kind === "refused") loop.heed({ pause: env.rhythm.again });
  else if (to === "keep") s.retained = true;
  else if (copy.before.length > 0) copy.before = copy.before.slice(1);
  else env.copy = undefined;
  await loop.store();
  await loop.at(`${to}.settled`);
}

function takePut(loop: MailboxLoop, copy: Copy, answer: Answer): void {
  // Asked for an earlier return code.
  if (!copy.flight) return;
  if (answer.kind === "refused") return takePutRefusal(loop, copy, answer.code, answer.detail);
  if (answer.kind !== "ready") return;
  const { s } = loop.ctx;
  copy.version = copy.flight.version;
  copy.flight = undefined;
  const covered = coverageUnder(copy, loop.coverage).flying;
  loop.coverage = { of: copy, covered, flying: covered };
  // The renewal is in the copy: whoever holds an older one is too late.
  if (covered?.pending?.what === "renew") s.returning = undefined;
}

function takePutRefusal(loop: MailboxLoop, copy: Copy, code: number, detail: bigint): void {
  const { s, env } = loop.ctx;
  switch (code) {
    case Refusal.stale:
      copy.flight = undefined;
      // What lies there is of the conversation that broke, and this one takes its place.
      if (s.era > 0 && !coverageUnder(copy, loop.coverage).covered) copy.version = detail;
      // Where this device is only coming back, the one before it was still writing; the engine looks again.
      else becomeBroken(loop.ctx, s.returning ? "lost" : "elsewhere");
      return;
    case Refusal.no_blob:
      // The copy has expired, or the store was emptied: it is made anew.
      copy.flight = undefined;
      copy.version = 0n;
      return;
    case Refusal.busy:
      return loop.heed({ pause: 1000 * Math.min(60, Number(detail)) });
    case Refusal.full:
      return env.refused("full");
    // For now, or not attached any more: who has the conversation then is told by the relay.
    default:
      return loop.heed({ pause: env.rhythm.again });
  }
}
