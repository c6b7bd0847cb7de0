import { chooseEd25519 } from "../../mls/ed25519.ts";
import { deviceIdOf } from "../../mls/roster.ts";
import { flag, hexText, list, object, text } from "../../stored/check.ts";
import { jsonBytesForm } from "../../stored/form.ts";
import { base64, concat, hex, utf8 } from "../../wire/bytes.ts";
import { Writer } from "../../wire/codec.ts";
import { bytesOf } from "../mailbox/state.ts";
import type { Vault } from "../vault/vault.ts";

/** What makes this browser a device. It is only ever stored sealed. Bytes in hex. */
export interface DeviceRecord {
  readonly id: string;
  readonly alias: string;
  readonly languages: readonly string[];
  readonly seed: string;
  readonly key: string;
  /** It has been seen in a roster: to miss it later means that it was taken out. */
  readonly enrolled: boolean;
}

const enrolmentLabel = "utvag.1 enrolment request";
const loginLabel = "utvag.1 login";

/** New keys. */
export async function makeDevice(alias: string, languages: readonly string[]): Promise<DeviceRecord> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const made = await deviceOf(seed, alias, languages);
  seed.fill(0);
  return made;
}

/** The device of a private key: its id is the first 8 bytes of SHA-256 of the public key (spec §6.1). */
export async function deviceOf(seed: Uint8Array, alias: string, languages: readonly string[]): Promise<DeviceRecord> {
  const key = await (await chooseEd25519()).publicKey(seed);
  return {
    id: await deviceIdOf(key),
    alias,
    languages: [...languages],
    seed: hex(seed),
    key: hex(key),
    enrolled: false,
  };
}

/** The enrolment request as text (spec §6.3). */
export async function enrolmentRequest(device: DeviceRecord, kommun: string): Promise<string> {
  const lines = [
    "utvag enrolment 1",
    `kommun ${kommun}`,
    `device ${device.id}`,
    `key ${base64(bytesOf(device.key))}`,
    `languages ${device.languages.join(",")}`,
    `alias ${device.alias}`,
  ];
  const text = `${lines.join("\n")}\n`;
  const signature = await sign(device, utf8(enrolmentLabel + text));
  return `${text}signature ${base64(signature)}\n`;
}

/** The signature of a login (spec §4), over what the relay's hello says and the origin of the page. */
export function loginSignature(
  device: DeviceRecord,
  o: { kommun: string; origin: string; nonce: Uint8Array },
): Promise<Uint8Array> {
  const tbs = new Writer().text(loginLabel).text(o.kommun).text(o.origin).bytes();
  return sign(device, concat(tbs, o.nonce, bytesOf(device.id)));
}

async function sign(device: DeviceRecord, message: Uint8Array): Promise<Uint8Array> {
  const seed = bytesOf(device.seed);
  const signature = await (await chooseEd25519()).sign(seed, message);
  seed.fill(0);
  return signature;
}

export const deviceForm = jsonBytesForm<DeviceRecord>(
  "device",
  object({ id: hexText, alias: text, languages: list(text), seed: hexText, key: hexText, enrolled: flag }),
);

export async function storeDevice(vault: Vault, device: DeviceRecord): Promise<void> {
  await vault.put({ device: deviceForm.encode(device) });
}

/** Rejects with Newer, or Damaged. */
export async function loadDevice(vault: Vault): Promise<DeviceRecord | undefined> {
  const stored = await vault.get("device");
  return stored && deviceForm.decode(stored);
}
