import { Damaged, any, object, record } from "../../stored/check.ts";
import { valueForm } from "../../stored/form.ts";
import { concat } from "../../wire/bytes.ts";
import { Writer } from "../../wire/codec.ts";
import { seal, unseal } from "./database.ts";
import { allowedCost, stretch, usualCost } from "./passphrase.ts";

/**
 * What a device's vault is locked with, and the keys that fit. A lock is no secret; whoever has one still lacks what
 * fits it.
 */
export type Lock = PassphraseLock | PasskeyLock;

export interface PassphraseLock {
  readonly kind: "passphrase";
  readonly salt: Uint8Array;
  /** Of one guess; `passphrase.ts`. */
  readonly cost: number;
}

/** A passkey that answers to the PRF extension of WebAuthn. */
export interface PasskeyLock {
  readonly kind: "passkey";
  readonly credential: Uint8Array;
  /** What the passkey is asked for. */
  readonly salt: Uint8Array;
}

/** A lock with what fits it. The key can wrap and unwrap a vault's secret, and cannot be taken out. */
export interface Key {
  readonly lock: Lock;
  readonly wrapping: CryptoKey;
}

/** The secret of a vault, wrapped for one lock. */
export interface Wrapped {
  readonly lock: Lock;
  readonly sealed: Uint8Array;
}

/** The passphrase or passkey does not open this vault. */
export class WrongKey extends Error {
  override readonly name = "WrongKey";
}

const saltLength = 32;

export function newSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(saltLength));
}

/** A lock for this passphrase; whoever calls it has asked whether it is strong. */
export async function newPassphraseKey(passphrase: string, cost = usualCost): Promise<Key> {
  return passphraseKey({ kind: "passphrase", salt: newSalt(), cost }, passphrase);
}

export async function passphraseKey(lock: PassphraseLock, passphrase: string): Promise<Key> {
  return keyFor(lock, await stretch(passphrase, lock.salt, lock.cost));
}

/** `output`: 32 bytes that the passkey gave for the lock's salt. They are overwritten. */
export function passkeyKey(lock: PasskeyLock, output: Uint8Array): Promise<Key> {
  if (output.length !== 32) throw new RangeError("not the output of a passkey");
  return keyFor(lock, output);
}

async function keyFor(lock: Lock, secret: Uint8Array): Promise<Key> {
  const base = await crypto.subtle.importKey("raw", secret as BufferSource, "HKDF", false, ["deriveKey"]);
  secret.fill(0);
  const info = new Writer().text(`utvag.1 vault ${lock.kind}`).bytes();
  const wrapping = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: lock.salt as BufferSource, info: info as BufferSource },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
  return { lock, wrapping };
}

/** Wraps a vault's secret. The vault's name and all of the lock are bound in. */
export async function wrap(vault: string, key: Key, secret: Uint8Array): Promise<Wrapped> {
  return { lock: key.lock, sealed: await seal(key.wrapping, bound(vault, key.lock), secret) };
}

/** Rejects with WrongKey. */
export async function unwrap(vault: string, key: Key, wrapped: Wrapped): Promise<Uint8Array> {
  try {
    return await unseal(key.wrapping, bound(vault, wrapped.lock), wrapped.sealed);
  } catch {
    throw new WrongKey("this key does not open the vault");
  }
}

function bound(vault: string, lock: Lock): Uint8Array {
  const w = new Writer().text("utvag.1 vault").text(vault).text(lock.kind).opaque(lock.salt);
  return lock.kind === "passphrase" ? w.uint8(lock.cost).bytes() : w.opaque(lock.credential).bytes();
}

/** How a wrapped secret lies in the browser's database; in a profile that anybody may have changed. */
export const lockForm = valueForm<Wrapped>("lock", (value) => {
  const { lock, sealed } = object({ lock: record(any), sealed: bytes })(value);
  const salt = bytes(lock["salt"]);
  if (salt.length !== saltLength) throw new Damaged("no salt");
  if (lock["kind"] === "passphrase" && allowedCost(lock["cost"]))
    return { lock: { kind: "passphrase", salt, cost: lock["cost"] }, sealed };
  if (lock["kind"] === "passkey")
    return { lock: { kind: "passkey", salt, credential: bytes(lock["credential"]) }, sealed };
  throw new Damaged("no lock");
});

// Another realm's Uint8Array is one, too.
function bytes(value: unknown): Uint8Array {
  if (Object.prototype.toString.call(value) !== "[object Uint8Array]") throw new Damaged("no bytes");
  return concat(value as Uint8Array);
}
