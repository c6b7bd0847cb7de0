import { Refusal } from "../../wire/codes.gen.ts";
import type { MailboxContext } from "./context.ts";
import { ownSide } from "./state.ts";
import { becomeBroken, becomeEnded, becomeSetBack } from "./transitions.ts";

/** What a refusal asks for beyond the change of state: a pause in milliseconds, or another connection. */
export interface Remedy {
  readonly pause?: number;
  readonly renew?: boolean;
}

/** Refusals that mean the same whatever was asked (spec §3.3). Returns undefined for the others. */
export function refusedAnyhow(ctx: MailboxContext, code: number, detail: bigint): Remedy | undefined {
  const { s } = ctx;
  switch (code) {
    case Refusal.busy:
      return { pause: 1000 * Math.min(60, Math.max(1, Number(detail))) };
    case Refusal.unavailable:
      return { pause: ctx.env.rhythm.again };
    case Refusal.not_logged_in:
      return { renew: true };
    case Refusal.ended:
      becomeEnded(ctx, detail === 2n ? "staff" : "visitor", true, "relay's", detail === 3n);
      return {};
    case Refusal.no_mailbox:
      if (s.ending) becomeEnded(ctx, ownSide(s), true, "theirs");
      else becomeSetBack(ctx);
      return {};
    case Refusal.cursor_mismatch:
    case Refusal.counter_gap:
      becomeSetBack(ctx);
      return {};
    case Refusal.trimmed:
    // This state is older than the relay's: another device has gone on with it, or it was brought back.
    case Refusal.counter_old:
    case Refusal.counter_reused:
    case Refusal.bad_capability:
    case Refusal.exists:
      becomeBroken(ctx, "lost");
      return {};
    default:
      return undefined;
  }
}
