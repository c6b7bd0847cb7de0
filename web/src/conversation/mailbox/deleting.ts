import type { Answer } from "../../relay/link.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import type { MailboxLoop } from "./loop.ts";
import { ownSide } from "./state.ts";
import { becomeEnded } from "./transitions.ts";

/** The answer to deleting without a message: nothing but the deletion matters any more. */
export async function takeDeleted(loop: MailboxLoop, answer: Answer): Promise<void> {
  const { ctx } = loop;
  const { s } = ctx;
  if (s.stage.kind === "ended" || s.stage.kind === "taken") return;
  const code = answer.kind === "refused" ? answer.code : undefined;
  if (code === Refusal.busy || code === Refusal.unavailable) return loop.heed({ pause: ctx.env.rhythm.again });
  const gone = code === undefined || code === Refusal.no_mailbox || code === Refusal.ended;
  // A device may not delete what it has not read, nor before it has claimed. Nothing is left here to do it with.
  if (s.side === "device" && !gone) s.ending = undefined;
  else becomeEnded(ctx, ownSide(s), gone, "theirs");
  await loop.store();
}
