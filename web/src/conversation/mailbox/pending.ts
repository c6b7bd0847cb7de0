import type { Answer } from "../../relay/link.ts";
import { hex } from "../../wire/bytes.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import { nextTranscript } from "../../wire/transcript.ts";
import type { MailboxContext } from "./context.ts";
import { giveBack, giveUp, settle } from "./outcome.ts";
import { type Remedy, refusedAnyhow } from "./refusals.ts";
import { type Pending, bytesOf, messageOf, ownSide } from "./state.ts";
import { becomeBroken, becomeEnded, becomeSetBack } from "./transitions.ts";

/** Takes in what the relay said to the pending frame. */
export async function takePendingAnswer(ctx: MailboxContext, answer: Answer): Promise<Remedy> {
  const { s } = ctx;
  const { pending } = s;
  if (!pending) {
    // Its own entry came before its answer, or an end came before both.
    const { early } = ctx;
    if (answer.kind !== "accepted" || !early || answer.counter !== BigInt(early.counter)) return {};
    ctx.early = undefined;
    if (answer.cursor.seq !== BigInt(early.seq) || hex(answer.cursor.tag) !== early.tag) becomeBroken(ctx, "split");
    return {};
  }
  if (answer.kind === "refused") return refused(ctx, pending, answer.code, answer.detail);
  if (pending.what === "end") {
    if (answer.kind === "ready") becomeEnded(ctx, ownSide(s), true, "theirs");
    else becomeBroken(ctx, "bug");
    return {};
  }
  if (answer.kind !== "accepted" || answer.counter !== BigInt(pending.counter)) {
    becomeBroken(ctx, "bug");
    return {};
  }
  const incarnation = hex(answer.cursor.incarnation);
  const position = { seq: Number(answer.cursor.seq), tag: hex(answer.cursor.tag) };
  if (pending.what === "open") {
    if (answer.cursor.seq !== 1n) {
      becomeBroken(ctx, "split");
      return {};
    }
    s.incarnation = incarnation;
    s.seq = 1;
    s.tag = position.tag;
    s.transcript = hex(await nextTranscript(bytesOf(s.transcript), 1n, messageOf(pending.message)));
    s.trail = [...s.trail, [1, s.transcript]];
    s.slot = 0;
    s.stage = { kind: "open" };
    settle(ctx, pending.counter, position, true);
    return {};
  }
  if (incarnation !== s.incarnation) becomeBroken(ctx, "lost");
  else if (position.seq <= s.seq) becomeBroken(ctx, "split");
  else settle(ctx, pending.counter, position, false);
  return {};
}

function refused(ctx: MailboxContext, pending: Pending, code: number, detail: bigint): Remedy {
  const { s } = ctx;
  switch (code) {
    case Refusal.epoch:
      if (pending.what === "open") {
        becomeBroken(ctx, "bug");
        return {};
      }
      // An epoch that is over cannot come again: the relay's store is not what it was.
      if (!ctx.group || detail < ctx.group.epoch) {
        becomeSetBack(ctx);
        return {};
      }
      s.awaits = Number(detail);
      giveBack(ctx, pending);
      return {};
    case Refusal.behind:
      // There is more to read. Where it is only receipts, the end is said again; where it is text, the person decides
      // anew.
      giveBack(ctx, pending);
      if (s.ending) s.ending = { ...s.ending, behind: Number(detail) };
      return {};
    case Refusal.slot_closed:
      // The entry that closed the slot is still to be read, and says who answers.
      giveUp(ctx, pending);
      if (s.side === "visitor") becomeBroken(ctx, "lost");
      return {};
    case Refusal.work:
    case Refusal.unknown_device:
      if (pending.what === "open") {
        ctx.env.reopen();
        return { pause: ctx.env.rhythm.again };
      }
      giveUp(ctx, pending);
      s.notice = "bug";
      return {};
    case Refusal.too_large:
    case Refusal.full:
      s.notice = code === Refusal.full ? "full" : "too_large";
      if (pending.what === "open") becomeBroken(ctx, s.notice);
      else giveUp(ctx, pending);
      return {};
  }
  const remedy = refusedAnyhow(ctx, code, detail);
  if (remedy) return remedy;
  // malformed, policy, bad_message and whatever else a correct client never hears.
  if (pending.what === "open") becomeBroken(ctx, "bug");
  else {
    giveUp(ctx, pending);
    s.notice = "bug";
  }
  return {};
}
