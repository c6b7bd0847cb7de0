import type { Pushed } from "../../relay/link.ts";
import type { MailboxContext } from "./context.ts";
import { type Entry, readEntry } from "./incoming.ts";
import type { MailboxLoop } from "./loop.ts";
import { entryRead, replaced } from "./session.ts";
import { becomeBroken, becomeEnded, becomeLetGo, becomeSetBack, becomeTaken } from "./transitions.ts";

/** What a mailbox makes of what the relay says unasked. */
export async function takePushed(loop: MailboxLoop, frame: Pushed): Promise<void> {
  const { s, env } = loop.ctx;
  switch (frame.kind) {
    case "entry":
      return takeEntry(loop, frame);
    case "gone":
      if (takeGone(loop, frame.reason)) await loop.store();
      return;
    case "presence":
      s.presence = frame.state;
      return loop.store();
    case "alarm":
      // It holds for this connection, and is not stored.
      s.alarm = frame.state;
      return env.changed();
    case "waiting":
    case "duty":
    case "roster":
      return; // not said to a mailbox
    default:
      return frame satisfies never;
  }
}

/** What is read is stored, and only then may the slot move on over it. */
async function takeEntry(loop: MailboxLoop, entry: Entry): Promise<void> {
  const { ctx } = loop;
  const { s } = ctx;
  if (s.stage.kind !== "open") return;
  await loop.at("entry.came");
  const before = s.unconfirmed;
  await readEntry(ctx, entry);
  loop.update((session) => entryRead(session, s.seq, s.unconfirmed > before, Date.now()));
  await loop.at("entry.read");
  await loop.store();
  await loop.at("entry.stored");
}

/** Why a mailbox is gone (spec §5.9). */
const Gone = { visitor: 1, staff: 2, lost: 3, closed: 4, replaced: 5, left: 6 } as const;

/** Reports whether there is something to store. */
function takeGone(loop: MailboxLoop, reason: number): boolean {
  const { ctx } = loop;
  const { s } = ctx;
  if (reason === Gone.replaced) loop.update(replaced);
  const left = reason === Gone.left;
  const ended = left || reason === Gone.visitor || reason === Gone.staff;
  switch (s.stage.kind) {
    case "broken":
    case "taken":
      return false;
    case "ended":
      if (s.stage.end.confirmed || !ended) return false;
      becomeEnded(ctx, s.stage.end.by, true, "theirs", left);
      return true;
    case "opening":
    case "open":
      if (ended) becomeEnded(ctx, reason === Gone.staff ? "staff" : "visitor", true, "relay's", left);
      else if (reason === Gone.replaced) becomeBroken(ctx, "elsewhere");
      else if (reason === Gone.lost) becomeSetBack(ctx);
      else if (reason === Gone.closed) slotClosed(ctx);
      else becomeBroken(ctx, "lost");
      return true;
    default:
      return s.stage satisfies never;
  }
}

/**
 * This device's slot was closed, and the commit that did it is not kept any more, or was never read here. Nobody but
 * the visitor's client closes the claimer's slot, or that of who reads beside.
 */
export function slotClosed(ctx: MailboxContext): void {
  const { s } = ctx;
  if (s.side === "visitor") return becomeBroken(ctx, "lost");
  const self = ctx.group?.self;
  const own = self?.kind === "device" ? self.device : undefined;
  if (own !== undefined && own === s.claimer?.device) becomeLetGo(ctx, "invited");
  else if (own !== undefined && own === s.second?.device) becomeLetGo(ctx, "returned");
  else becomeTaken(ctx, undefined);
}
