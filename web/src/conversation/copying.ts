import type { Answer, Request } from "../relay/link.ts";
import { Refusal } from "../wire/codes.gen.ts";
import type { Cursor } from "../wire/frames.ts";
import { type Copy, sealNext } from "./copy.ts";
import type { Run } from "./run.ts";
import { type Pending, bytesOf, cursorOf } from "./state.ts";
import { becomeBroken } from "./transitions.ts";

/** Keeps the copy that a return code opens ahead of everything that leaves this device (spec §8, «Sealed state»). */
export interface Copying {
  /** May this frame be sent? Only what the copy holds is, so that whoever comes back can repeat it. */
  covers(pending: Pending): boolean;
  /** How far entries may be acknowledged: what the copy does not hold must still be at the relay. */
  upTo(): Cursor;
  /** Does one thing for the copy, if there is one; `wanted`: an acknowledgement waits for it. */
  act(wanted: boolean): Promise<boolean>;
  /** What lies under any return code goes, once the conversation is over. */
  drop(): boolean;
  answered(to: "put" | "keep" | "drop", answer: Answer): Promise<void>;
}

/** `loaded`: the mailbox was just read from the copy, which so covers all of it. */
export function newCopying(run: Run, loaded: boolean): Copying {
  const { ctx } = run;
  const { s, env } = ctx;
  let of = env.copy;
  let covered: { pending: Pending | undefined; cursor: Cursor } | undefined = loaded ? held() : undefined;
  /** What the blob in flight will have covered, once it is confirmed. */
  let flying: typeof covered;

  function held() {
    return { pending: s.pending, cursor: cursorOf(s) };
  }

  /** The copy as it is now: under another code nothing is covered yet. */
  function current(): Copy | undefined {
    if (env.copy !== of) {
      of = env.copy;
      covered = flying = undefined;
    }
    return of;
  }

  const places = ({ keys, before }: Copy): Request[] =>
    [...before.map((b) => b.keys), keys].map(({ locator, capability }) => ({ kind: "drop", locator, capability }));

  async function put(copy: Copy): Promise<boolean> {
    if (!copy.flight) {
      await run.at("put.begun");
      flying = held();
      await sealNext(copy, s, ctx.group?.encode(), ctx.next?.encode());
      await run.store();
      await run.at("put.sealed");
      if (current() !== copy || !copy.flight) return true;
    }
    const { locator, capability } = copy.keys;
    run.ask("put", { kind: "put", locator, capability, version: copy.flight.version, keep: 1, blob: copy.flight.blob });
    await run.at("put.sent");
    return true;
  }

  async function takePut(copy: Copy, answer: Answer): Promise<void> {
    // Asked for an earlier code.
    if (!copy.flight) return;
    if (answer.kind === "ready") {
      copy.version = copy.flight.version;
      copy.flight = undefined;
      covered = flying;
      // The renewal is in the copy: whoever holds an older one is too late.
      if (covered?.pending?.what === "renew") s.returning = undefined;
      return;
    }
    if (answer.kind !== "refused") return;
    switch (answer.code) {
      case Refusal.stale:
        copy.flight = undefined;
        // What lies there is of the conversation that broke, and this one takes its place.
        if (s.era > 0 && !covered) return void (copy.version = answer.detail);
        // Where this device is only coming back, the one before it was still writing; the engine looks again.
        return becomeBroken(ctx, s.returning ? "lost" : "elsewhere");
      case Refusal.no_blob:
        // The copy has expired, or the store was emptied: it is made anew.
        copy.flight = undefined;
        copy.version = 0n;
        return;
      case Refusal.busy:
      case Refusal.unavailable:
        return run.heed({
          pause: answer.code === Refusal.busy ? 1000 * Math.min(60, Number(answer.detail)) : env.rhythm.again,
        });
      case Refusal.full:
        env.refused("full");
        return;
      default:
        // Not attached any more: who has the conversation now is told by the relay.
        return run.heed({ pause: env.rhythm.again });
    }
  }

  return {
    covers: (pending) => !current() || covered?.pending === pending,
    upTo: () => (current() ? (covered?.cursor ?? { ...cursorOf(s), seq: 0n }) : cursorOf(s)),
    async act(wanted) {
      const copy = current();
      if (!copy || run.asked.has("put")) return false;
      const unsent = s.pending && !s.pending.accepted ? s.pending : undefined;
      const behind = (unsent && covered?.pending !== unsent) || (wanted && (covered?.cursor.seq ?? 0n) < BigInt(s.seq));
      if (copy.flight || copy.version === 0n || behind) return put(copy);
      if (!s.retained && !run.asked.has("keep")) {
        run.ask("keep", { kind: "keep", mailbox: bytesOf(s.id) });
        await run.at("keep.sent");
        return true;
      }
      const old = copy.before[0];
      if (!s.retained || !old || run.asked.has("drop")) return false;
      run.ask("drop", { kind: "drop", locator: old.keys.locator, capability: old.keys.capability });
      await run.at("drop.sent");
      return true;
    },
    drop() {
      const copy = current();
      if (!copy || run.asked.has("drop")) return false;
      run.ask("drop", places(copy)[0]!);
      return true;
    },
    async answered(to, answer) {
      const copy = current();
      await run.at(`${to}.answered`);
      if (!copy) return;
      if (to === "put") await takePut(copy, answer);
      else if (answer.kind === "refused") run.heed({ pause: env.rhythm.again });
      else if (to === "keep") s.retained = true;
      else if (copy.before.length > 0) copy.before = copy.before.slice(1);
      else env.copy = undefined;
      await run.store();
      await run.at(`${to}.settled`);
    },
  };
}
