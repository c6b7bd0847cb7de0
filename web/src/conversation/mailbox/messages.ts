import type { Incoming } from "../../mls/group.ts";
import type { Member } from "../../mls/policy.ts";
import { hex } from "../../wire/bytes.ts";
import { type Payload, decodePayload } from "../../wire/payload.ts";
import type { MailboxContext } from "./context.ts";
import { judgeHistory, judgeReceipt } from "./judging.ts";
import { noteMembers } from "./outcome.ts";
import { become, joined, readProposal } from "./proposing.ts";
import { anchor, readShared } from "./share.ts";
import { type MailboxState, type StoredLine, addLine, markReceived } from "./state.ts";
import { becomeBroken, becomeEnded } from "./transitions.ts";

type Message = Extract<Incoming, { readonly kind: "application" }>;
type History = Extract<Payload, { readonly kind: "history" }>;
type Receipt = Extract<Payload, { readonly kind: "receipt" }>;

/** Takes in what a member has said as entry `seq`. */
export async function readMessage(ctx: MailboxContext, message: Message, seq: number): Promise<void> {
  const { s } = ctx;
  const { sender } = message;
  const visitor = sender.kind === "visitor";
  ctx.group = message.next;
  if (visitor) s.heard = seq;
  let payload = decoded(message.payload);
  if (message.struck) {
    if (payload?.kind === "text" || payload?.kind === "phrase") addUnreadable(s, seq);
    return;
  }
  if (visitor && (await readThread(ctx, payload, seq))) return;
  // Before its history a joiner could not judge what the visitor confirms, and reads nothing else.
  if (visitor && s.joiner) payload = undefined;
  switch (payload?.kind) {
    case "receipt":
      return readReceipt(ctx, payload, sender, seq);
    case "end":
      return becomeEnded(ctx, visitor ? "visitor" : "staff", false, "theirs");
    case "proposal":
      if (visitor) break;
      s.unconfirmed = seq;
      return s.side === "visitor" ? readProposal(ctx, payload) : undefined;
    case "verdict":
      if (!visitor) break;
      // A no is a word that a person wants answered.
      s.unconfirmed = seq;
      return become(s, hex(payload.nonce), payload.verdict === 0 ? "no" : "cannot");
    default:
      // Words, or what nobody can read.
      break;
  }
  s.unconfirmed = seq;
  // Nothing that nobody here has read is deleted by an end that was wished for before it came.
  if (s.side === "device" && !s.ending?.plain) s.ending = undefined;
  readWords(s, payload, sender, seq);
}

function decoded(bytes: Uint8Array): Payload | undefined {
  try {
    return decodePayload(bytes);
  } catch {
    return undefined;
  }
}

function addUnreadable(s: MailboxState, seq: number): void {
  addLine(s, { id: `${s.era}.s${seq}`, era: s.era, seq, from: "system", event: "unreadable" });
}

/** What is said aloud: it stands in the thread, also where this client cannot read it. */
function readWords(s: MailboxState, payload: Payload | undefined, sender: Member, seq: number): void {
  const line: StoredLine = {
    id: `${s.era}.s${seq}`,
    era: s.era,
    seq,
    ...(sender.kind === "visitor" ? { from: "visitor" } : { from: "staff", alias: sender.alias }),
  };
  if (payload?.kind === "text") addLine(s, { ...line, text: payload.text });
  else if (payload?.kind === "phrase") addLine(s, { ...line, phrase: { key: payload.key, slots: payload.slots } });
  else if (payload?.kind === "intake" && seq === 1 && sender.kind === "visitor") {
    s.intake = { lang: payload.lang, answers: payload.answers, text: payload.text };
    if (payload.text !== "") addLine(s, { ...line, text: payload.text });
  } else addLine(s, { ...line, from: "system", event: "unreadable" });
}

/**
 * After a commit that lets somebody in, the visitor's client shares the thread: first where the joiner stands, then its
 * parts. Reports whether this was one of them.
 */
async function readThread(ctx: MailboxContext, payload: Payload | undefined, seq: number): Promise<boolean> {
  const { s } = ctx;
  switch (s.expects) {
    case undefined:
      return false;
    case "history": {
      const next = payload?.kind === "history" ? await readHistory(ctx, payload) : undefined;
      if (next) s.expects = next;
      return next !== undefined;
    }
    case "shared":
    case "repeated":
      if (payload?.kind !== "shared") {
        s.expects = undefined;
        return false;
      }
      s.unconfirmed = seq;
      if (s.expects === "shared") readShared(s, payload, seq);
      return true;
    default:
      return s.expects satisfies never;
  }
}

/**
 * A joiner goes on from it; whoever was there before compares it with what they have seen, and has what follows
 * already. Undefined where it cannot be meant.
 */
async function readHistory(ctx: MailboxContext, history: History): Promise<"shared" | "repeated" | undefined> {
  const { s } = ctx;
  const seq = Number(history.seq);
  if (!s.joiner) {
    const judged = judgeHistory(s, history);
    if (judged === "split") becomeBroken(ctx, "split");
    return judged === "meaningless" ? undefined : "repeated";
  }
  if (s.joiner.from !== seq) return undefined;
  const [claimer] = history.claimer;
  try {
    ctx.group = ctx.group?.led(claimer);
  } catch {
    return undefined;
  }
  await anchor(s, history.transcript);
  if (claimer !== undefined)
    joined(
      s,
      (ctx.group?.members() ?? []).flatMap((m) => (m.kind === "device" && m.device !== claimer ? [m.device] : [])),
    );
  noteMembers(ctx, seq);
  return "shared";
}

function readReceipt(ctx: MailboxContext, receipt: Receipt, sender: Member, seq: number): void {
  const { s } = ctx;
  const covers = Number(receipt.seq);
  const from = sender.kind === "visitor" ? "visitor" : sender.device;
  const judged = judgeReceipt(s, receipt, from, seq);
  if (judged === "meaningless") return;
  s.receipt = { from, seq: covers };
  if (judged === "split") return becomeBroken(ctx, "split");
  if (judged === "old") return;
  s.trail = s.trail.filter(([n]) => n >= covers);
  markReceived(s, covers);
}
