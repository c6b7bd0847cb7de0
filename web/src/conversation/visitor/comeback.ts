import type { Return, ReturnKeys } from "../api.ts";
import { copyForm } from "../mailbox/copy.ts";
import { loadMailbox } from "../mailbox/mailbox.ts";
import { lookAgain } from "./membership.ts";
import { type Found, lookUp, lookUpAgain, recordsOf } from "./returning.ts";
import { pause } from "../mailbox/steps.ts";
import { type VisitorContext, hold, reach } from "./context.ts";
import { mailboxIn } from "./life.ts";

/** Takes a conversation up: from this page's vault, or from what lies at the relay under a return code. */

/** Goes on with what the vault holds, if anything. Waits for a roster to judge it by. */
export async function restore(ctx: VisitorContext): Promise<void> {
  const { directories, env, vault } = ctx;
  if (!(await vault.get(`${env.prefix}state`))) return;
  for (let wait = 500; ctx.life.kind !== "wiped" && !directories.own.roster; wait = Math.min(15_000, 2 * wait)) {
    ctx.notice = await directories.own.load();
    if (directories.own.roster) break;
    ctx.shown.changed();
    await pause(wait);
  }
  if (ctx.life.kind === "wiped") return;
  const copy = await vault.get(`${env.prefix}copy`);
  env.copy = copy && copyForm.decode(copy);
  await hold(ctx, () => loadMailbox(env, directories.trust));
  const mailbox = mailboxIn(ctx.life);
  if (mailbox) directories.remember(mailbox.s);
  if (!isWiped(ctx)) ctx.link.start();
}

/** Goes on with what lies under a return code. */
export async function comeBack(ctx: VisitorContext, keys: ReturnKeys): Promise<Return> {
  const { directories, link } = ctx;
  if (ctx.life.kind !== "idle") return { trouble: "bug" };
  const found = await find(ctx, keys);
  if (!("copy" in found)) {
    link.close();
    return found;
  }
  directories.remember(found.seen);
  const trouble = await directories.own.load();
  if (!isIdle(ctx)) return { trouble: "bug" };
  if (!directories.own.roster) {
    link.close();
    return { trouble: trouble ?? "bug" };
  }
  ctx.notice = trouble === "unreachable" ? undefined : trouble;
  await takeUp(ctx, found);
  return { found: true };
}

/** Connections that may go between hello and the answer before a relay counts as unreachable. */
const maxTries = 3;

/** Asks what lies under a return code, over another connection where one goes before it has answered. */
async function find(ctx: VisitorContext, keys: ReturnKeys): Promise<Found | Return> {
  const { at, link } = ctx;
  for (let tries = 1; ; tries++) {
    if (!(await reach(ctx))) return { trouble: "unreachable" };
    await at("return.begun");
    const found = await lookUp(link, keys);
    await at("return.found");
    const unanswered = "trouble" in found && found.trouble === "unreachable" && !link.up;
    if (!unanswered || tries === maxTries || ctx.life.kind !== "idle") return found;
  }
}

/** Takes up what a return code has found. */
async function takeUp(ctx: VisitorContext, found: Found): Promise<void> {
  const { at, directories, env, vault } = ctx;
  await vault.put(recordsOf(found, env.prefix));
  await at("return.stored");
  if (isWiped(ctx)) return;
  env.copy = found.copy;
  await hold(ctx, () => loadMailbox(env, directories.trust, "copy"));
  // Who could read then may have lost the right to since.
  void lookAgain(ctx);
}

/**
 * The mailbox has moved on from what lay under the code. Where another device wrote there while this one came, it has
 * stopped by now, and the newer copy is the one to go on from; else the relay's store or the copy is not what it was,
 * and that stands.
 */
export async function reread(ctx: VisitorContext): Promise<void> {
  const mailbox = mailboxIn(ctx.life);
  const { copy } = ctx.env;
  if (!mailbox || !copy) return;
  const mine = { kind: "rereading", mailbox } as const;
  ctx.become(mine);
  mailbox.stop();
  await mailbox.rested;
  const found = await lookUpAgain(ctx.link, copy.keys, {
    reach: () => reach(ctx),
    over: () => ctx.life !== mine,
    again: ctx.rhythm.again,
  });
  if (ctx.life !== mine) return;
  if (found && "copy" in found && found.copy.version > copy.version) return takeUp(ctx, found);
  mailbox.s.returning = undefined;
  ctx.become({ kind: "held", mailbox });
}

// The compiler holds on to what it saw of `life` before an await.
function isWiped({ life }: VisitorContext): boolean {
  return life.kind === "wiped";
}

function isIdle({ life }: VisitorContext): boolean {
  return life.kind === "idle";
}
