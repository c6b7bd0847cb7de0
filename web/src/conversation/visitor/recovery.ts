import { loadRosters } from "./membership.ts";
import { openSuccessor } from "./opener.ts";
import { soundDevices } from "./opening.ts";
import { pause } from "../mailbox/steps.ts";
import type { VisitorContext } from "./context.ts";
import { mailboxIn, nextRecovery, readersOfSuccessor } from "./life.ts";

/**
 * Another mailbox in the place of one that the relay's store has lost, without anybody having to understand why (spec
 * §7.5).
 */
export async function recover(ctx: VisitorContext): Promise<void> {
  const mailbox = mailboxIn(ctx.life);
  if (!mailbox) return;
  const { s } = mailbox;
  const mine = { kind: "recovering", mailbox } as const;
  ctx.session = { ...ctx.session, recoveries: ctx.session.recoveries + 1 };
  ctx.become(mine);
  const only = readersOfSuccessor(s);
  for (let looks = 1; ; looks++) {
    // Everybody's comes at once, and the nodes have to put the key packages back into an empty store.
    await pause(ctx.rhythm.again * (0.5 + Math.random()));
    await loadRosters(ctx);
    const { own, trust } = ctx.directories;
    const found = own.roster ? (await soundDevices(own, trust, only)).devices.map(({ device }) => device) : [];
    if (ctx.life !== mine) return;
    const next = nextRecovery(s, found, looks);
    if (next === "open") return openSuccessor(ctx, s, only, true);
    if (next === "stay") return ctx.become({ kind: "held", mailbox });
  }
}
