import type { PageConfig } from "../../config.ts";
import { Group } from "../../mls/group.ts";
import { type StoredKeyPackage, makeKeyPackage } from "../../mls/keypackage.ts";
import type { Trust } from "../../mls/library.ts";
import { PolicyError } from "../../mls/policy.ts";
import { base64Text, object, whole } from "../../stored/check.ts";
import { type Form, jsonBytesForm } from "../../stored/form.ts";
import { base64, hex } from "../../wire/bytes.ts";
import type { DeviceRecord } from "./device.ts";
import { bytesOf, messageOf } from "../mailbox/state.ts";
import type { Hooks } from "../mailbox/steps.ts";
import type { Vault } from "../vault/vault.ts";

/**
 * A device's dated key packages (spec §7.3). Their private parts live in the vault for as long as a Welcome to them can
 * wait at the relay: a message left on the last day of one is still to be read when its retention ends.
 */

const prefix = "package/";
/** Today's and the next six days'. */
const daysAhead = 7;

export function dayOf(now: number): number {
  return Math.floor(now / 86_400_000);
}

/** Makes what is missing from today on, stores it before anybody can see it, and returns what is to be published. */
export async function currentPackages(
  vault: Vault,
  device: DeviceRecord,
  config: PageConfig,
  now: number,
  hooks: Hooks,
): Promise<StoredKeyPackage[]> {
  await erasePast(vault, now, config.retention);
  const packages: StoredKeyPackage[] = [];
  for (let day = dayOf(now); day < dayOf(now) + daysAhead; day++) {
    const name = prefix + String(day).padStart(8, "0");
    const known = await vault.get(name);
    if (known) {
      packages.push(packageForm.decode(known));
      continue;
    }
    const made = await makeKeyPackage({
      kommun: config.kommun.id,
      device: device.id,
      signatureSeed: bytesOf(device.seed),
      day,
    });
    await hooks.at?.("package.made");
    await vault.put({ [name]: packageForm.encode(made) });
    await hooks.at?.("package.stored");
    packages.push(made);
  }
  return packages;
}

async function erasePast(
  vault: Vault,
  now: number,
  { liveHours, messageDays }: PageConfig["retention"],
): Promise<void> {
  const longest = Math.max(liveHours * 3_600_000, messageDays * 86_400_000);
  for (const name of await vault.names(prefix)) {
    const stored = await vault.get(name);
    if (stored && packageForm.decode(stored).notAfter * 1000 + longest < now) await vault.put({ [name]: undefined });
  }
}

/**
 * Enters a group with whichever stored key package the Welcome was made for. Throws PolicyError where the group is not
 * allowed, and what the last attempt threw where the Welcome is for none of them.
 */
export async function joinWith(
  vault: Vault,
  welcome: Uint8Array,
  mailbox: string,
  device: DeviceRecord,
  trust: Trust,
): Promise<Group> {
  let failure: unknown = new Error("no key package");
  for (const name of (await vault.names(prefix)).reverse()) {
    const stored = await vault.get(name);
    if (!stored) continue;
    try {
      const group = await Group.join(welcome, packageForm.decode(stored), device.id, bytesOf(device.seed), trust);
      if (hex(group.mailbox) !== mailbox) throw new PolicyError("group");
      return group;
    } catch (error) {
      if (error instanceof PolicyError) throw error;
      failure = error;
    }
  }
  throw failure;
}

const storedForm = jsonBytesForm(
  "package",
  object({ day: whole, notAfter: whole, keyPackage: base64Text, secret: base64Text }),
);

export const packageForm: Form<StoredKeyPackage, Uint8Array> = {
  ...storedForm,
  encode: (p) => storedForm.encode({ ...p, keyPackage: base64(p.keyPackage), secret: base64(p.secret) }),
  decode(bytes) {
    const p = storedForm.decode(bytes);
    return { ...p, keyPackage: messageOf(p.keyPackage), secret: messageOf(p.secret) };
  },
};
