import { bytesOf, cursorOf } from "./state.ts";
import { putCopy } from "./copying.ts";
import { dropOf } from "./coverage.ts";
import type { MailboxLoop } from "./loop.ts";
import type { Action, Sayable } from "./next.ts";
import { readBy, requestOf, seal } from "./outgoing.ts";
import { advanceBegun, askedAnew, openingTried, receiptBegun } from "./session.ts";
import { becomeBroken } from "./transitions.ts";

/** Does what was decided. Whatever leaves this device was stored before. */
export async function perform(loop: MailboxLoop, action: Action): Promise<void> {
  const { s, env } = loop.ctx;
  const mailbox = bytesOf(s.id);
  switch (action.do) {
    case "open":
    case "send":
      return sendPending(loop, action.do);
    case "seal":
      return sealAndStore(loop, action.item);
    case "attach":
      await loop.at("attach.begun");
      loop.ask("attach", { kind: "attach", mailbox, capability: bytesOf(s.capability), cursor: action.cursor });
      return loop.at("attach.sent");
    case "delete":
      return loop.ask("delete", { kind: "end", mailbox, counter: 0n, read: readBy(s, s), message: new Uint8Array() });
    case "resolve":
      s.told = s.seq;
      await loop.at("resolve.begun");
      loop.ask("resolve", { kind: "resolve", mailbox, cursor: cursorOf(s) });
      return loop.at("resolve.sent");
    case "advance": {
      const { cursor } = action;
      loop.update((session) => advanceBegun(session, Number(cursor.seq), Date.now()));
      await loop.at("advance.begun");
      loop.ask("advance", { kind: "advance", mailbox, cursor });
      return loop.at("advance.sent");
    }
    case "put":
      return env.copy && putCopy(loop, env.copy);
    case "keep":
      loop.ask("keep", { kind: "keep", mailbox });
      return loop.at("keep.sent");
    case "drop":
      if (!env.copy) return;
      loop.ask("drop", dropOf(env.copy));
      return loop.at("drop.sent");
    case "renew":
      loop.update((session) => askedAnew(session, Date.now()));
      return env.link.renew();
    case "lost":
      becomeBroken(loop.ctx, "lost");
      return loop.touch();
    default:
      return action satisfies never;
  }
}

async function sendPending(loop: MailboxLoop, to: "open" | "send"): Promise<void> {
  const { ctx } = loop;
  const { pending } = ctx.s;
  if (!pending) return;
  await loop.at(`${pending.what}.sending`);
  if (ctx.s.pending !== pending) return;
  loop.update(openingTried);
  loop.ask(to, requestOf(ctx, pending));
  await loop.at(`${pending.what}.sent`);
}

async function sealAndStore(loop: MailboxLoop, item: Sayable): Promise<void> {
  const what = item.kind;
  if (what === "receipt") loop.update((session) => receiptBegun(session, Date.now()));
  await loop.at(`${what}.begun`);
  await seal(loop.ctx, item);
  await loop.at(`${what}.sealed`);
  await loop.store();
  await loop.at(`${what}.stored`);
}
