import type { MailboxContext } from "./context.ts";
import { claimedHere } from "./next.ts";
import { failLine } from "./outcome.ts";
import { isCompany } from "./proposing.ts";
import { type Item, type MailboxState, ownSide } from "./state.ts";
import { becomeEnded } from "./transitions.ts";

/** What a person wants of an open conversation, put down in its state; each reports whether that changed anything. */

/** Commits go before words, the newest first. */
function first(s: MailboxState, item: Item): true {
  s.queue = [item, ...s.queue];
  return true;
}

function queued(s: MailboxState, kind: Item["kind"]): boolean {
  return s.queue.some((item) => item.kind === kind);
}

/** Waits to be sealed, or is on its way. */
function underWay(s: MailboxState, kind: Item["kind"]): boolean {
  return s.pending?.what === kind || queued(s, kind);
}

export function claim(s: MailboxState): boolean {
  if (s.stage.kind !== "open" || s.claimer || underWay(s, "claim")) return false;
  return first(s, { kind: "claim", answers: s.seq });
}

export function remove(s: MailboxState, devices: readonly string[]): boolean {
  if (s.stage.kind !== "open" || devices.length === 0 || underWay(s, "remove")) return false;
  return first(s, { kind: "remove", devices });
}

/** A claimer's: takes out who reads beside. */
export function dismiss(s: MailboxState, device: string): boolean {
  if (s.stage.kind !== "open" || !isCompany(s, device) || queued(s, "remove")) return false;
  return first(s, { kind: "remove", devices: [device] });
}

export function invite(s: MailboxState): boolean {
  if (s.stage.kind !== "open" || (!s.claimer && !s.shut) || underWay(s, "invite")) return false;
  if (s.notice === "nobody") s.notice = undefined;
  return first(s, { kind: "invite" });
}

/** `tried`: the opening may have reached the relay; what never left this device is over at once. */
export function end(ctx: MailboxContext, tried: boolean): boolean {
  const { s } = ctx;
  if (s.ending) return false;
  switch (s.stage.kind) {
    case "ended":
    case "taken":
      return false;
    case "opening":
      if (tried) break;
      becomeEnded(ctx, ownSide(s), true, "theirs");
      return true;
    case "open":
      // Before its claim a device would delete what another may be about to answer.
      if (s.side === "device" && !claimedHere(ctx)) return false;
      break;
    case "broken":
      break;
    default:
      return s.stage satisfies never;
  }
  s.ending = {};
  for (const item of s.queue) if (item.kind === "line") failLine(ctx, item.line);
  s.queue = s.queue.filter((item) => item.kind !== "claim");
  return true;
}
