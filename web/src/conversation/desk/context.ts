import type { PageConfig } from "../../config.ts";
import type { Rules } from "../../flow/priority.ts";
import type { Answer, Link, Request } from "../../relay/link.ts";
import type { Case, DeskView, Trouble } from "../api.ts";
import { caseOf } from "./case.ts";
import { type DeskLife, type DeskSession, type Opened, openedIn, stoppedBy } from "./life.ts";
import type { Directories } from "../directory/directories.ts";
import type { Inbox } from "./inbox.ts";
import type { Mailbox } from "../mailbox/mailbox.ts";
import { Crash, type Hooks, type Rhythm } from "../mailbox/steps.ts";
import type { ViewStore } from "../viewstore.ts";

/** A mailbox on the desk, and what was last shown of it. */
export interface HeldCase {
  readonly mailbox: Mailbox;
  shown: Case | undefined;
}

/** The console's engine, as its parts share it. */
export interface DeskContext {
  readonly config: PageConfig;
  readonly rules: Rules;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly rhythm: Rhythm;
  readonly hooks: Hooks;
  readonly link: Link;
  readonly directories: Directories;
  readonly inbox: Inbox;
  readonly cases: Map<string, HeldCase>;
  readonly shown: ViewStore<DeskView>;
  readonly life: DeskLife;
  become(next: DeskLife): void;
  readonly session: DeskSession;
  remember(change: Partial<DeskSession>): void;
  /** Aborted when this start ends: what it still has under way stops by itself. */
  readonly signal: AbortSignal;
  /** Ends what is under way. Returns the signal of what begins. */
  newSignal(): AbortSignal;
  /** Gives the device back to other tabs. */
  release: (() => void) | undefined;
  ticker: ReturnType<typeof setInterval> | undefined;
}

/** The device with its open vault, where there has to be one. */
export function ownIn({ life }: DeskContext): Opened {
  const own = openedIn(life);
  if (!own) throw new Error("no device is open");
  return own;
}

/** A case as the page is shown it. */
export function shownOf(ctx: DeskContext, held: HeldCase): Case {
  held.shown ??= caseOf(held.mailbox.s, ownIn(ctx).device.id, ctx.rules);
  return held.shown;
}

export async function answerOf(ctx: DeskContext, request: Request): Promise<Answer | undefined> {
  try {
    return await ctx.link.request(request);
  } catch {
    return undefined;
  }
}

/** Stops for a reason that only a person can mend. */
export function halt(ctx: DeskContext, why: Trouble): void {
  const next = stoppedBy(ctx.life, why);
  if (next === ctx.life) return;
  ctx.become(next);
  rest(ctx);
}

/** Lets everything come to rest, then gives the device to other tabs. */
export function rest(ctx: DeskContext): void {
  ctx.link.close();
  const { release } = ctx;
  ctx.release = undefined;
  void restMailboxes(ctx).then(() => release?.());
}

export function restMailboxes(ctx: DeskContext): Promise<unknown> {
  ctx.newSignal();
  clearInterval(ctx.ticker);
  return Promise.all(
    [...ctx.cases.values()].map(({ mailbox }) => {
      mailbox.disconnect();
      mailbox.stop();
      return mailbox.rested;
    }),
  );
}

/** Drops what is known of conversations; the vault holds it. */
export function clearCases(ctx: DeskContext): void {
  ctx.cases.clear();
  ctx.inbox.forget();
  ctx.shown.changed();
}

/** Does it; a crash ends the engine, any other fault stops it. */
export async function guarded(ctx: DeskContext, work: () => Promise<void>): Promise<void> {
  const { signal } = ctx;
  try {
    await work();
  } catch (error) {
    if (error instanceof Crash) crashed(ctx);
    // What an earlier start had under way finds its vault closed, or its device gone.
    else if (!signal.aborted) halt(ctx, "bug");
  }
}

/** Nothing goes on, and nobody is told. */
function crashed(ctx: DeskContext): void {
  const own = openedIn(ctx.life);
  if (own) ctx.become({ kind: "idle", own });
  rest(ctx);
}
