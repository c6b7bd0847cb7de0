import type { Group, Incoming } from "../mls/group.ts";
import { type Member, PolicyError } from "../mls/policy.ts";
import { hex } from "../wire/bytes.ts";
import type { RelayFrame } from "../wire/frames.ts";
import { type Payload, decodePayload } from "../wire/payload.ts";
import { foldTranscript, sha256 } from "../wire/transcript.ts";
import type { MailboxContext } from "./context.ts";
import { giveBack, noteMembers, settle } from "./effect.ts";
import { become, joined, readProposal } from "./proposing.ts";
import { anchor, readShared } from "./share.ts";
import {
  type Accepted,
  type MailboxState,
  type Pending,
  addLine,
  bytesOf,
  markReceived,
  sameMessage,
} from "./state.ts";
import { becomeBroken, becomeEnded, becomeLetGo, becomeSetBack, becomeTaken } from "./transitions.ts";

export type Entry = Extract<RelayFrame, { readonly kind: "entry" }>;

/** Rules by which a member that was in order is not any more. */
const expired: ReadonlySet<string> = new Set(["unknown_device", "device_expired"]);
/** Rules that a newer roster may take back. */
const outdated: ReadonlySet<string> = new Set(["unknown_device", "roster_expired"]);

/**
 * Reads the next entry into the mailbox: the caller stores the result before it acknowledges. Whatever the relay cannot
 * honestly have sent ends the mailbox with a named trouble, and its cursor stays before that entry.
 */
export async function readEntry(ctx: MailboxContext, entry: Entry): Promise<void> {
  const { s } = ctx;
  const seq = s.seq + 1;
  if (entry.seq > BigInt(seq)) return becomeBroken(ctx, "lost");
  if (entry.seq < BigInt(seq)) return becomeBroken(ctx, "split");
  const own = ownFrame(ctx, entry);
  if (own) readOwn(ctx, own, entry, seq);
  else if (entry.slot === s.slot) return becomeBroken(ctx, "split");
  else await readOther(ctx, entry, seq);
  if (ctx.s.stage.kind === "broken") return;
  s.seq = seq;
  s.tag = hex(entry.tag);
  await follow(s, entry, seq);
}

/** The transcript goes on; a joiner's cannot yet, and keeps what it will need. */
async function follow(s: MailboxState, entry: Entry, seq: number): Promise<void> {
  const hash = await sha256(entry.message);
  if (s.joiner) s.joiner = { ...s.joiner, hashes: [...s.joiner.hashes, hex(hash)] };
  else {
    s.transcript = hex(await foldTranscript(bytesOf(s.transcript), entry.seq, hash));
    if (s.stage.kind === "open") s.trail = [...s.trail, [seq, s.transcript]];
  }
}

/** An entry is an own one by its bytes; what the relay says of its slot decides nothing. */
function ownFrame(ctx: MailboxContext, entry: Entry): Accepted | Pending | undefined {
  const { accepted, pending } = ctx.s;
  return [...accepted, ...(pending ? [pending] : [])].find((sent) => sameMessage(sent.message, entry.message));
}

/** It stands at the place that the relay named when it accepted it. */
function readOwn(ctx: MailboxContext, sent: Accepted | Pending, entry: Entry, seq: number): void {
  const place = "what" in sent ? sent.accepted : sent;
  if (place && (place.seq !== seq || place.tag !== hex(entry.tag))) return becomeBroken(ctx, "split");
  if (!place) ctx.early = { counter: sent.counter, seq, tag: hex(entry.tag) };
  settle(ctx, sent.counter, { seq, tag: hex(entry.tag) }, true);
}

async function readOther(ctx: MailboxContext, entry: Entry, seq: number): Promise<void> {
  const { s } = ctx;
  if (s.accepted.some((a) => a.seq === seq) || s.pending?.accepted?.seq === seq) return becomeBroken(ctx, "split");
  if (!ctx.group) return becomeBroken(ctx, "bug");
  let incoming: Incoming;
  try {
    incoming = await openWith(ctx, ctx.group, entry.message);
  } catch (error) {
    // A counter that does not follow means that something between was left out, or that its sender has gone back.
    if (!(error instanceof PolicyError) || error.rule === "counter") return becomeBroken(ctx, "split");
    if (!expired.has(error.rule)) return becomeBroken(ctx, "policy");
    // A device that is not valid any more has changed the group: nobody follows it. The visitor's client makes another,
    // without it.
    return s.side === "visitor" ? becomeSetBack(ctx, "device") : becomeBroken(ctx, "device");
  }
  await ctx.env.hooks.at?.("entry.opened");
  if (incoming.kind === "commit") readCommit(ctx, incoming, seq);
  else await readMessage(ctx, incoming, seq);
}

/** The other side may know a newer roster: before a device is refused as unknown, the directory is loaded once. */
async function openWith(ctx: MailboxContext, group: Group, message: Uint8Array): Promise<Incoming> {
  try {
    const incoming = await group.open(message);
    if (incoming.kind === "commit" || !incoming.struck) return incoming;
  } catch (error) {
    if (!(error instanceof PolicyError) || !outdated.has(error.rule)) throw error;
  }
  await ctx.env.reload();
  return group.open(message);
}

function readCommit(ctx: MailboxContext, commit: Extract<Incoming, { kind: "commit" }>, seq: number): void {
  const { s } = ctx;
  const { sender } = commit;
  if (!commit.next) return readOwnRemoval(ctx, commit);
  ctx.group = commit.next;
  // A commit of ours that has not been accepted can no longer be: its epoch is over.
  if (ctx.next && s.pending && !s.pending.accepted) giveBack(ctx, s.pending);
  if (sender.kind === "visitor") {
    s.heard = seq;
    if (commit.added.length > 0) s.expects = "history";
    // Whoever is let in while somebody answers is company.
    if (commit.next.claimer)
      joined(
        s,
        commit.added.flatMap((m) => (m.kind === "device" ? [m.device] : [])),
      );
  }
  noteMembers(ctx, seq);
  ctx.env.committed();
}

function readOwnRemoval(ctx: MailboxContext, { sender, added, removed }: Extract<Incoming, { kind: "commit" }>): void {
  if (sender.kind === "device") return becomeTaken(ctx, sender.alias);
  const self = ctx.group?.self;
  const listed = removed.some(
    (m) => m.kind === "device" && self?.kind === "device" && m.device === self.device && m.alias !== "",
  );
  if (!listed) return becomeBroken(ctx, "device");
  becomeLetGo(ctx, added.length > 0 ? "invited" : "returned");
}

async function readMessage(
  ctx: MailboxContext,
  message: Extract<Incoming, { kind: "application" }>,
  seq: number,
): Promise<void> {
  const { s } = ctx;
  const { sender } = message;
  const visitor = sender.kind === "visitor";
  ctx.group = message.next;
  if (visitor) s.heard = seq;
  let payload: Payload | undefined;
  try {
    payload = decodePayload(message.payload);
  } catch {
    payload = undefined;
  }
  if (message.struck) {
    if (payload?.kind === "text" || payload?.kind === "phrase")
      addLine(s, { id: `${s.era}.s${seq}`, era: s.era, seq, from: "system", event: "unreadable" });
    return;
  }
  const expected = visitor ? s.expects : undefined;
  const next = payload?.kind === "history" && expected === "history" ? await readHistory(ctx, payload) : undefined;
  if (next) {
    s.expects = next;
    return;
  }
  if (expected === "shared" || expected === "repeated") {
    if (payload?.kind === "shared") {
      s.unconfirmed = seq;
      return expected === "shared" ? readShared(s, payload, seq) : undefined;
    }
    s.expects = undefined;
  }
  // Before its history a joiner could not judge what the visitor confirms, and reads nothing else.
  if (visitor && s.joiner) payload = undefined;
  if (payload?.kind === "proposal" && !visitor) {
    s.unconfirmed = seq;
    return s.side === "visitor" ? readProposal(ctx, payload) : undefined;
  }
  if (payload?.kind === "verdict" && visitor) {
    // A no is a word that a person wants answered.
    s.unconfirmed = seq;
    return become(s, hex(payload.nonce), payload.verdict === 0 ? "no" : "cannot");
  }
  if (payload?.kind === "receipt") return readReceipt(ctx, payload, sender, seq);
  if (payload?.kind === "end") return becomeEnded(ctx, visitor ? "visitor" : "staff", false, "theirs");
  s.unconfirmed = seq;
  // Nothing that nobody here has read is deleted by an end that was wished for before it came.
  if (s.side === "device" && !s.ending?.plain) s.ending = undefined;
  const line = {
    id: `${s.era}.s${seq}`,
    era: s.era,
    seq,
    ...(sender.kind === "visitor" ? { from: "visitor" as const } : { from: "staff" as const, alias: sender.alias }),
  };
  if (payload?.kind === "text") return addLine(s, { ...line, text: payload.text });
  if (payload?.kind === "phrase") return addLine(s, { ...line, phrase: { key: payload.key, slots: payload.slots } });
  if (payload?.kind === "intake" && seq === 1 && visitor) {
    s.intake = { lang: payload.lang, answers: payload.answers, text: payload.text };
    if (payload.text !== "") addLine(s, { ...line, text: payload.text });
    return;
  }
  addLine(s, { ...line, from: "system", event: "unreadable" });
}

/**
 * A joiner goes on from it; whoever was there before compares it with what they have seen, and has what follows
 * already. Undefined where it cannot be meant.
 */
async function readHistory(
  ctx: MailboxContext,
  history: Extract<Payload, { kind: "history" }>,
): Promise<"shared" | "repeated" | undefined> {
  const { s } = ctx;
  const seq = Number(history.seq);
  if (s.joiner) {
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
    noteMembers(ctx, Number(history.seq));
    return "shared";
  }
  const known = s.trail.find(([n]) => n === seq);
  if (known && known[1] !== hex(history.transcript)) becomeBroken(ctx, "split");
  return known && "repeated";
}

/**
 * A receipt tells what its sender has seen: if that is not what we have seen, the relay shows two histories. One that
 * cannot be meant, for what comes after it or for less than the last, tells nothing.
 */
function readReceipt(
  ctx: MailboxContext,
  receipt: Extract<Payload, { kind: "receipt" }>,
  sender: Member,
  seq: number,
): void {
  const { s } = ctx;
  if (receipt.seq >= BigInt(seq)) return;
  const covers = Number(receipt.seq);
  const from = sender.kind === "visitor" ? "visitor" : sender.device;
  if (s.receipt?.from === from && covers < s.receipt.seq) return;
  s.receipt = { from, seq: covers };
  const known = s.trail.find(([n]) => n === covers);
  if (!known) {
    // Only what an earlier receipt has covered is no longer known.
    if (covers > s.received) becomeBroken(ctx, "split");
    return;
  }
  if (known[1] !== hex(receipt.transcript)) return becomeBroken(ctx, "split");
  s.trail = s.trail.filter(([n]) => n >= covers);
  markReceived(s, covers);
}
