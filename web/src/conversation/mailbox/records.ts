import { groupForm } from "../../mls/group.ts";
import { Newer, isNewer } from "../../stored/form.ts";
import { copyForm } from "./copy.ts";
import type { Vault } from "../vault/vault.ts";
import { mailboxForm } from "./stored.ts";

/** Rejects with Newer where a later release has stored any of a mailbox's records. */
export async function judgeRecords(vault: Vault, prefix: string): Promise<void> {
  for (const [name, form] of [
    ["state", mailboxForm],
    ["copy", copyForm],
    ["group", groupForm],
    ["next", groupForm],
  ] as const) {
    const stored = await vault.get(prefix + name);
    if (stored && isNewer(form, stored)) throw new Newer("a later release has stored this");
  }
}
