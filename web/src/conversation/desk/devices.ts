import type { PageConfig } from "../../config.ts";
import { text } from "../../stored/check.ts";
import { jsonBytesForm } from "../../stored/form.ts";
import { type Vault, browserVault } from "../vault/vault.ts";

/** A device on the list of those that this browser holds: its alias. */
export const deviceEntryForm = jsonBytesForm("device-entry", text);

/** The devices of this browser for a kommun, in the order of their ids. */
export async function storedDevices(
  config: PageConfig,
  vaults: (name: string) => Promise<Vault> = browserVault,
): Promise<readonly { readonly id: string; readonly alias: string }[]> {
  const index = await vaults(indexName(config));
  try {
    const found: { readonly id: string; readonly alias: string }[] = [];
    for (const name of await index.names("device/")) {
      const stored = await index.get(name);
      if (stored) found.push({ id: name.slice("device/".length), alias: deviceEntryForm.decode(stored) });
    }
    return found;
  } finally {
    index.close();
  }
}

/** What the vault of that list is called. */
export function indexName(config: PageConfig): string {
  return `utvag.${config.kommun.id}`;
}

/** What the vault of a device is called. */
export function vaultName(config: PageConfig, device: string): string {
  return `${indexName(config)}.${device}`;
}

/** Takes a device off the list of those that this browser holds. Its vault is another's to erase. */
export async function forgetDevice(
  config: PageConfig,
  device: string,
  vaults: (name: string) => Promise<Vault> = browserVault,
): Promise<void> {
  const index = await vaults(indexName(config));
  await index.put({ [`device/${device}`]: undefined });
  index.close();
}
