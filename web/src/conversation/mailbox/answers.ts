import type { Answer } from "../../relay/link.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import { takeAttached } from "./attaching.ts";
import type { MailboxContext } from "./context.ts";
import { takeCopyAnswer } from "./copying.ts";
import { takeDeleted } from "./deleting.ts";
import type { MailboxLoop } from "./loop.ts";
import { takePendingAnswer } from "./pending.ts";
import { refusedAnyhow } from "./refusals.ts";
import { type Asked, owes } from "./session.ts";
import { goesOn } from "./state.ts";

/** What a mailbox makes of the relay's answers to its requests. */
export async function takeAnswer(loop: MailboxLoop, to: Asked, answer: Answer): Promise<void> {
  switch (to) {
    case "attach":
      return takeAttached(loop, answer);
    case "advance":
      return takeAdvanced(loop, answer);
    case "resolve":
      return takeResolved(loop, answer);
    case "delete":
      return takeDeleted(loop, answer);
    case "acknowledge":
      return; // what it does to the alarm comes as such
    case "open":
    case "send":
      return takeAccepted(loop, answer);
    case "put":
    case "keep":
    case "drop":
      return takeCopyAnswer(loop, to, answer);
    default:
      return to satisfies never;
  }
}

async function takeAdvanced(loop: MailboxLoop, answer: Answer): Promise<void> {
  const { ctx } = loop;
  await loop.at("advance.answered");
  if (answer.kind !== "refused" || ctx.s.stage.kind !== "open") return;
  const remedy = refusedAnyhow(ctx, answer.code, answer.detail);
  if (remedy) loop.heed(remedy);
  await loop.store();
}

async function takeResolved(loop: MailboxLoop, answer: Answer): Promise<void> {
  const { ctx } = loop;
  const { s } = ctx;
  await loop.at("resolve.answered");
  if (answer.kind !== "refused" || s.stage.kind !== "open") return;
  // The alarm rings once too often rather than never.
  if (answer.code === Refusal.busy || answer.code === Refusal.unavailable) s.told = 0;
  const remedy = refusedAnyhow(ctx, answer.code, answer.detail);
  if (remedy) loop.heed(remedy);
  await loop.store();
}

async function takeAccepted(loop: MailboxLoop, answer: Answer): Promise<void> {
  const { ctx } = loop;
  const { s } = ctx;
  if (!goesOn(s)) return;
  const what = s.pending?.what ?? "send";
  await loop.at(`${what}.answered`);
  const notice = s.notice;
  loop.heed(await takePendingAnswer(ctx, answer));
  const owed = owedBy(ctx, answer);
  if (owed !== undefined) loop.update((session) => owes(session, owed, Date.now()));
  if (answer.kind === "accepted" && s.notice === notice && (notice === "full" || notice === "too_large"))
    s.notice = undefined;
  await loop.at(`${what}.decided`);
  await loop.store();
  await loop.at(`${what}.settled`);
}

/** The entry that must come, by what the relay has said to the pending frame. */
function owedBy({ s, group }: MailboxContext, answer: Answer): number | undefined {
  if (answer.kind === "accepted") return Number(answer.cursor.seq);
  if (answer.kind !== "refused") return undefined;
  if (answer.code === Refusal.epoch && answer.detail > (group?.epoch ?? 0n)) return s.seq + 1;
  return answer.code === Refusal.behind ? Number(answer.detail) : undefined;
}
