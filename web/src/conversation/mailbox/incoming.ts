import type { Group, Incoming } from "../../mls/group.ts";
import { PolicyError } from "../../mls/policy.ts";
import { hex } from "../../wire/bytes.ts";
import type { RelayFrame } from "../../wire/frames.ts";
import { foldTranscript, sha256 } from "../../wire/transcript.ts";
import type { MailboxContext } from "./context.ts";
import { giveBack, noteMembers, settle } from "./outcome.ts";
import { judgePosition } from "./judging.ts";
import { readMessage } from "./messages.ts";
import { joined } from "./proposing.ts";
import { type Accepted, type MailboxState, type Pending, bytesOf, sameMessage } from "./state.ts";
import { becomeBroken, becomeLetGo, becomeSetBack, becomeTaken } from "./transitions.ts";

export type Entry = Extract<RelayFrame, { readonly kind: "entry" }>;

/** Rules by which a member that was in order is not any more. */
const expired: ReadonlySet<string> = new Set(["unknown_device", "device_expired"]);
/** Rules that a newer roster may take back. */
const outdated: ReadonlySet<string> = new Set(["unknown_device", "roster_expired"]);

/**
 * Reads the next entry into the mailbox: the caller stores the result before the slot moves on over it. Whatever the
 * relay cannot honestly have sent ends the mailbox with a named trouble, and its cursor stays before that entry.
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

/** Its own frame has come back. */
function readOwn(ctx: MailboxContext, sent: Accepted | Pending, entry: Entry, seq: number): void {
  const position = { seq, tag: hex(entry.tag) };
  const judged = judgePosition(sent, seq, position.tag);
  if (judged === "split") return becomeBroken(ctx, "split");
  if (judged === "unanswered") ctx.early = { counter: sent.counter, ...position };
  settle(ctx, sent.counter, position, true);
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
