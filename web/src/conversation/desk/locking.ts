import { isNewer } from "../../stored/form.ts";
import { fromUtf8, utf8 } from "../../wire/bytes.ts";
import { type DeskContext, clearCases, restMailboxes, shownOf } from "./context.ts";
import { lockedDesk, openedIn } from "./life.ts";
import { type DeviceRecord, loadDevice } from "./device.ts";
import { memoForm } from "./memo.ts";
import type { Vault } from "../vault/vault.ts";

/**
 * Takes away what is in memory: at once what can be reached from here, then, when all has come to rest, the keys of the
 * conversations.
 */
export async function lockDesk(ctx: DeskContext, memo: string | undefined): Promise<void> {
  const own = openedIn(ctx.life);
  if (!own?.device.enrolled) return;
  const connected = ctx.life.kind === "online";
  const cases = [...ctx.cases.values()].map((held) => shownOf(ctx, held));
  const mailboxes = [...ctx.cases.values()].map(({ mailbox }) => mailbox);
  ctx.become(lockedDesk(own.device, cases, ctx.inbox.opening().length > 0, connected));
  ctx.remember({ notice: undefined, duty: undefined });
  if (!connected) ctx.link.close();
  const resting = restMailboxes(ctx);
  clearCases(ctx);
  try {
    await resting;
    await own.vault.put({ memo: memo === undefined ? undefined : utf8(memo) });
  } finally {
    for (const mailbox of mailboxes) mailbox.forget();
    own.vault.close();
  }
}

/** Goes on from the vault of the device, opened anew: it stands idle then. Returns what was handed to `lockDesk`. */
export async function unlockDesk(
  ctx: DeskContext,
  opened: Vault,
  recall: (device: DeviceRecord, vault: Vault) => Promise<void>,
): Promise<string | undefined> {
  const locked = ctx.life.kind === "locked" ? ctx.life : undefined;
  const loaded = locked && (await loadDevice(opened));
  if (!loaded || loaded.id !== locked.device.id) throw new Error("not the vault of this device");
  const memo = await opened.get("memo");
  // What a later release has put away is left to it.
  if (memo && !isNewer(memoForm, fromUtf8(memo))) await opened.put({ memo: undefined });
  await recall(loaded, opened);
  // A new connection tells everything that the locked one was told, and did not keep.
  ctx.link.close();
  return memo && fromUtf8(memo);
}
