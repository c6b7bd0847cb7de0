import type { Trouble } from "../api.ts";
import type { MailboxContext } from "./context.ts";
import { handing } from "./proposing.ts";
import { type Stage, addLine, failWaiting, ownSide } from "./state.ts";

/** How a mailbox comes from one stage to the next. `opening` to `open` stands where the relay's answer is taken in. */

/**
 * Reading stops for good. What was written stays; the keys go. Whoever's conversation is over or taken hears of the
 * trouble, and that is all.
 */
export function becomeBroken(ctx: MailboxContext, trouble: Trouble): void {
  const { s } = ctx;
  switch (s.stage.kind) {
    case "ended":
    case "taken":
      s.notice = trouble;
      break;
    case "opening":
    case "open":
      over(ctx, { kind: "broken", trouble });
      break;
    case "broken":
      over(ctx, { ...s.stage, trouble });
      break;
    default:
      return s.stage satisfies never;
  }
  // Another device goes on with it: nothing of it stays on this one.
  if (s.side === "visitor" && trouble === "elsewhere")
    Object.assign(s, { lines: [], intake: undefined, shut: undefined, second: undefined, capability: "" });
}

/** The mailbox cannot be gone on with, through nobody's fault: the visitor's client makes it anew (spec §7.5). */
export function becomeSetBack(ctx: MailboxContext, trouble: Trouble = "lost"): void {
  becomeBroken(ctx, trouble);
  const { s } = ctx;
  if (s.stage.kind === "broken") s.stage = { ...s.stage, setBack: true };
}

/**
 * The conversation is over. `confirmed`: the relay has said that nothing is left there. `word`: who says that it was
 * `by` who ended it; the relay's word is shown as the relay's. `left`: they left quickly.
 */
export function becomeEnded(
  ctx: MailboxContext,
  by: "visitor" | "staff",
  confirmed: boolean,
  word: "theirs" | "relay's",
  left = false,
): void {
  const { s } = ctx;
  const before = s.stage.kind === "ended" ? s.stage.end : undefined;
  if (!before) addLine(s, { id: `${s.era}.end`, era: s.era, from: "system", event: "ended" });
  const reported = before ? before.reported : word === "relay's" && !(s.ending && by === ownSide(s));
  // What broke it is still to be read.
  if (s.stage.kind === "broken") s.notice = s.stage.trouble;
  over(ctx, {
    kind: "ended",
    end: {
      by: before?.by ?? by,
      confirmed: confirmed || (before?.confirmed ?? false),
      ...(reported && { reported }),
      ...((left || before?.left) && { left: true }),
    },
  });
}

/** A colleague answers. */
export function becomeTaken(ctx: MailboxContext, alias: string | undefined): void {
  over(ctx, { kind: "taken", ...(alias !== undefined && { by: alias }) });
}

/** The visitor's client has taken this device out. One that has proposed it keeps nothing of what it has read. */
export function becomeLetGo(ctx: MailboxContext, why: "invited" | "returned"): void {
  const { s } = ctx;
  const handed = handing(s);
  over(ctx, { kind: "taken", letGo: handed ? "handed" : why });
  if (handed)
    Object.assign(s, {
      lines: [],
      intake: undefined,
      claimer: undefined,
      second: undefined,
      company: undefined,
      proposal: undefined,
    });
}

/** Nothing is sent or read any more: what waits has failed, and the keys go. */
function over(ctx: MailboxContext, stage: Stage): void {
  const { s } = ctx;
  s.stage = stage;
  s.pending = undefined;
  failWaiting(s);
  ctx.group = undefined;
  ctx.next = undefined;
  s.queue = [];
  s.accepted = [];
  s.trail = [];
  s.joiner = undefined;
}
