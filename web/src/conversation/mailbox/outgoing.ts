import type { Group, Outgoing } from "../../mls/group.ts";
import { PolicyError } from "../../mls/policy.ts";
import type { Request } from "../../relay/link.ts";
import { CodecError } from "../../wire/codec.ts";
import { type Cursor, beginning } from "../../wire/frames.ts";
import { type Payload, Reason, encodePayload } from "../../wire/payload.ts";
import type { Trouble } from "../api.ts";
import type { MailboxContext } from "./context.ts";
import type { Sayable } from "./next.ts";
import { failLine } from "./outcome.ts";
import { isCompany, openProposal, proposalPayload, unable } from "./proposing.ts";
import { sharedPayload } from "./share.ts";
import {
  type CommitItem,
  type MailboxState,
  type Pending,
  bytesOf,
  isCommit,
  messageOf,
  messageText,
} from "./state.ts";

const none = new Uint8Array();

/** Encrypts it and puts it down as pending; the caller stores that, and only then sends. */
export async function seal(ctx: MailboxContext, item: Sayable): Promise<void> {
  const { s } = ctx;
  const before = ctx.group!;
  const counter = s.counter + 1;
  if (isCommit(item)) {
    let commit: Outgoing;
    try {
      commit = await commitOf(ctx, before, item, BigInt(counter));
    } catch (error) {
      unqueue(ctx, item);
      if (item.kind === "accept") unable(s, item);
      else s.notice = troubleOf(error);
      return;
    }
    ctx.next = commit.next;
    const { opens, closes } = commit.bound;
    s.pending = {
      what: item.kind,
      item,
      opens,
      closes,
      counter,
      message: messageText(commit.message),
      ...(commit.welcome && { welcome: messageText(commit.welcome) }),
    };
  } else {
    let sealed: Outgoing;
    try {
      sealed = await before.seal(encodePayload(payloadOf(ctx, item)), BigInt(counter));
    } catch (error) {
      // Nothing that a person can do mends it: the line says that it failed, and the rest goes on.
      if (item.kind === "line") failLine(ctx, item.line);
      else if (item.kind === "receipt") s.confirmed = s.unconfirmed;
      else if (item.kind === "end") s.ending = undefined;
      unqueue(ctx, item);
      s.notice = troubleOf(error);
      return;
    }
    ctx.group = sealed.next;
    s.pending = {
      what: item.kind,
      counter,
      message: messageText(sealed.message),
      ...(item.kind === "receipt"
        ? { covers: s.seq }
        : item.kind === "end"
          ? { read: { incarnation: s.incarnation, seq: s.seq, tag: s.tag } }
          : { item }),
    };
  }
  s.awaits = undefined;
  unqueue(ctx, item);
}

async function commitOf(ctx: MailboxContext, group: Group, item: CommitItem, counter: bigint): Promise<Outgoing> {
  const { s, env } = ctx;
  const devices = group.members().flatMap((m) => (m.kind === "device" ? [m] : []));
  switch (item.kind) {
    case "claim": {
      if (!DEVICE) throw new PolicyError("visitor_leaf");
      if (s.presence !== 0 && s.presence !== 2) return group.claim(counter);
      // Away, or left: a laptop that dies must not orphan what waits for them. A colleague may be newer than our
      // roster.
      await env.reload();
      return group.claim(counter, env.second(devices));
    }
    case "remove":
      return group.remove(item.devices, counter);
    case "renew":
      return group.remove(
        s.claimer
          ? devices.flatMap((m) => (m.device === s.claimer?.device || isCompany(s, m.device) ? [] : [m.device]))
          : [],
        counter,
      );
    case "accept": {
      const proposed = openProposal(s);
      if (proposed?.nonce !== item.nonce) throw new PolicyError("proposed");
      const joiners = await env.welcome(proposed, ctx);
      return group.change(item.reason === Reason.colleague ? [] : devices.map((m) => m.device), joiners, counter);
    }
    case "invite": {
      const joiners = await env.colleagues(ctx);
      return group.change(
        devices.map((m) => m.device),
        joiners,
        counter,
      );
    }
  }
}

function payloadOf(ctx: MailboxContext, item: Exclude<Sayable, CommitItem>): Payload {
  const { s } = ctx;
  switch (item.kind) {
    case "receipt":
      return { kind: "receipt", seq: BigInt(s.seq), transcript: bytesOf(s.transcript) };
    case "end":
      return { kind: "end", reason: 0 };
    case "history":
    case "shared":
      return sharedPayload(ctx, item);
    case "propose":
      return proposalPayload(s, item.nonce);
    case "verdict":
      return { kind: "verdict", nonce: bytesOf(item.nonce), verdict: item.verdict };
    case "line": {
      const line = s.lines.find((l) => l.id === item.line);
      if (line?.phrase) return { kind: "phrase", key: line.phrase.key, slots: line.phrase.slots };
      if (line?.text !== undefined) return { kind: "text", text: line.text };
      throw new CodecError("nothing to say");
    }
  }
}

/** There is nobody to let in; or a device's own certificate has ended. */
function troubleOf(error: unknown): Trouble {
  const rule = error instanceof PolicyError && error.rule;
  return rule === "proposed" ? "nobody" : rule === "device_expired" || rule === "unknown_device" ? "device" : "bug";
}

function unqueue(ctx: MailboxContext, item: { readonly kind: string }): void {
  ctx.s.queue = ctx.s.queue.filter((queued) => queued !== item);
}

/** The pending frame as a request. */
export function requestOf(ctx: MailboxContext, pending: Pending): Request {
  const { s } = ctx;
  const mailbox = bytesOf(s.id);
  const message = messageOf(pending.message);
  switch (pending.what) {
    case "open":
      return {
        kind: "open",
        mailbox,
        slot: bytesOf(pending.slot ?? ""),
        retention: pending.retention ?? 0,
        devices: pending.opens ?? [],
        work: messageOf(pending.work ?? ""),
        welcome: messageOf(pending.welcome ?? ""),
        message,
      };
    case "end":
      return { kind: "end", mailbox, counter: BigInt(pending.counter), read: readBy(s, pending.read ?? s), message };
    default:
      return {
        kind: "send",
        mailbox,
        counter: BigInt(pending.counter),
        opens: pending.opens ?? [],
        closes: pending.closes ?? [],
        welcome: pending.welcome === undefined ? none : messageOf(pending.welcome),
        message,
      };
  }
}

/** How far an end has read: what it may delete. The visitor deletes whatever comes. */
export function readBy(
  s: MailboxState,
  at: { readonly incarnation: string; readonly seq: number; readonly tag: string },
): Cursor {
  return s.side === "visitor"
    ? beginning
    : { incarnation: bytesOf(at.incarnation), seq: BigInt(at.seq), tag: bytesOf(at.tag) };
}
