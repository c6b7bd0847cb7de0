import { contextOf } from "../../mls/library.ts";
import { lapsed } from "../../mls/policy.ts";
import type { Trouble } from "../api.ts";
import type { VisitorContext } from "./context.ts";
import { mailboxIn } from "./life.ts";

/** Who may read the visitor's conversation, by the newest rosters. */

/** Looks at the rosters again, and takes out who may no longer read. */
export async function lookAgain(ctx: VisitorContext): Promise<void> {
  const trouble = await loadRosters(ctx);
  if (ctx.life.kind === "wiped") return;
  if (trouble !== "unreachable" && trouble !== ctx.notice) {
    ctx.notice = trouble;
    ctx.shown.changed();
  }
  expel(ctx);
}

/** Takes out who may no longer read, by the newest rosters. */
export function expel({ life, directories }: VisitorContext): void {
  const mailbox = mailboxIn(life);
  if (directories.own.roster) mailbox?.remove(lapsed(mailbox.group?.members() ?? [], contextOf(directories.trust)));
}

/** Loads the rosters by which the members are judged. */
export async function loadRosters({ life, directories }: VisitorContext): Promise<Trouble | undefined> {
  const members = (directories.own.roster && mailboxIn(life)?.group?.members()) ?? [];
  for (const m of members) if (m.kind === "device") directories.of(m.kommun);
  return directories.load();
}
