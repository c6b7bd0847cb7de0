import type { Answer } from "../../relay/link.ts";
import { hex } from "../../wire/bytes.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import { takeDeleted } from "./deleting.ts";
import type { MailboxLoop } from "./loop.ts";
import { refusedAnyhow } from "./refusals.ts";
import { attached, attachedToEnd } from "./session.ts";
import type { MailboxState } from "./state.ts";
import { becomeBroken, becomeEnded, becomeSetBack, becomeTaken } from "./transitions.ts";
import { slotClosed } from "./unasked.ts";

type Attached = Extract<Answer, { readonly kind: "attached" }>;

/**
 * What the relay's mailbox is to this state. readmitted: this device was taken out and let in again while it was not
 * there, and the inbox has the new Welcome. setBack: the relay has less than this state, or another mailbox. lost: it
 * has more of ours than we have said.
 */
export function standingOf(
  s: MailboxState,
  epoch: bigint | undefined,
  { mailbox, slot, head, counter, epoch: theirs }: Pick<Attached, "mailbox" | "slot" | "head" | "counter" | "epoch">,
): "ours" | "readmitted" | "setBack" | "lost" | "bug" {
  if (hex(mailbox) !== s.id) return "bug";
  const elsewhere = s.slot >= 0 && slot !== s.slot;
  if (elsewhere && s.side === "device") return "readmitted";
  const another = s.seq > 0 && hex(head.incarnation) !== s.incarnation;
  const older = head.seq < BigInt(s.seq) || theirs < (epoch ?? 0n) || counter < BigInt(s.counter);
  if (another || older) return "setBack";
  // What is pending may have arrived, and its answer not.
  const mine = s.counter + (s.pending && !s.pending.accepted ? 1 : 0);
  return elsewhere || counter > BigInt(mine) ? "lost" : "ours";
}

export async function takeAttached(loop: MailboxLoop, answer: Answer): Promise<void> {
  const { s } = loop.ctx;
  await loop.at("attach.answered");
  switch (s.stage.kind) {
    case "ended":
      return takeWhetherGone(loop, answer, s.stage.end.by);
    case "broken":
      if (answer.kind === "attached") loop.update(attachedToEnd);
      else if (answer.kind === "refused") await takeDeleted(loop, answer);
      return;
    case "opening":
    case "open":
    case "taken":
      return takeStanding(loop, answer);
    default:
      return s.stage satisfies never;
  }
}

/** The other side has ended it; the relay says whether it is deleted, by a refusal or as soon as it is. */
async function takeWhetherGone(loop: MailboxLoop, answer: Answer, by: "visitor" | "staff"): Promise<void> {
  const { ctx } = loop;
  if (answer.kind === "attached") loop.update(attachedToEnd);
  if (answer.kind !== "refused") return;
  if (answer.code === Refusal.ended || answer.code === Refusal.no_mailbox) becomeEnded(ctx, by, true, "theirs");
  else loop.heed({ pause: ctx.env.rhythm.again });
  return loop.store();
}

async function takeStanding(loop: MailboxLoop, answer: Answer): Promise<void> {
  const { ctx } = loop;
  if (answer.kind === "attached") return compare(loop, answer);
  const remedy = answer.kind === "refused" ? refusedAnyhow(ctx, answer.code, answer.detail) : undefined;
  if (remedy) loop.heed(remedy);
  else if (answer.kind === "refused" && answer.code === Refusal.slot_closed) slotClosed(ctx);
  else becomeBroken(ctx, "bug");
  return loop.store();
}

async function compare(loop: MailboxLoop, answer: Attached): Promise<void> {
  const { ctx } = loop;
  const { s } = ctx;
  const standing = standingOf(s, ctx.group?.epoch, answer);
  switch (standing) {
    case "readmitted":
      becomeTaken(ctx, undefined);
      return loop.store();
    case "setBack":
      becomeSetBack(ctx);
      return loop.store();
    case "lost":
    case "bug":
      becomeBroken(ctx, standing);
      return loop.store();
    case "ours":
      break;
    default:
      return standing satisfies never;
  }
  const { head } = answer;
  if (s.seq === 0) s.incarnation = hex(head.incarnation);
  s.slot = answer.slot;
  loop.update((session) => attached(session, s.seq, Number(head.seq), Date.now()));
  await loop.store();
  await loop.at("attach.stored");
}
