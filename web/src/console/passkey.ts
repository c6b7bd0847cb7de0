import { type Key, type PasskeyLock, newSalt, passkeyKey } from "../conversation/vault/keys.ts";

/**
 * Passkeys that answer to the PRF extension of WebAuthn: the authenticator makes 32 bytes of a salt, the same each
 * time, and only after it has made sure that it is its owner who asks. No server takes part; the challenge and the
 * signature are of no use.
 */

/** The authenticator or the browser has no PRF, so that its passkey could unlock nothing. */
export class NoPrf extends Error {
  override readonly name = "NoPrf";
}

const timeout = 120_000;
/** Of the flags in the authenticator's data: it has verified its user. */
const userVerified = 4;

interface Prf {
  readonly enabled?: boolean;
  readonly results?: { readonly first?: ArrayBuffer | Uint8Array };
}

/** Whether it is worth offering one. Only trying tells of the authenticator. */
export async function passkeysOffered(): Promise<boolean> {
  // A passkey belongs to a name: an address of numbers can have none.
  const host = location.hostname;
  if (!globalThis.PublicKeyCredential || !globalThis.isSecureContext || /^[\d.]+$|:/.test(host)) return false;
  const ask = (PublicKeyCredential as { getClientCapabilities?: () => Promise<Record<string, boolean>> })
    .getClientCapabilities;
  try {
    return (await ask?.call(PublicKeyCredential))?.["extension:prf"] !== false;
  } catch {
    return true;
  }
}

/** Makes a passkey and a lock for it. Rejects with NoPrf, or with what the browser says. */
export async function newPasskeyKey(alias: string): Promise<Key> {
  const salt = newSalt();
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { id: location.hostname, name: "Kontakt" },
      user: { id: crypto.getRandomValues(new Uint8Array(16)), name: alias, displayName: alias },
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
      attestation: "none",
      timeout,
      extensions: { prf: { eval: { first: salt as BufferSource } } },
    },
  })) as PublicKeyCredential | null;
  if (!made) throw new Error("no passkey was made");
  const prf = (made.getClientExtensionResults() as { prf?: Prf }).prf;
  if (!prf?.enabled && !prf?.results) throw new NoPrf("the passkey has no PRF");
  // Most authenticators give the output only when they are asked the second time. This also shows that the passkey can
  // be found again.
  return passkeyOf({ kind: "passkey", credential: new Uint8Array(made.rawId), salt });
}

/** Asks the passkey of a lock. Rejects with NoPrf, or with what the browser says. */
export async function passkeyOf(lock: PasskeyLock): Promise<Key> {
  const found = (await navigator.credentials.get({
    publicKey: {
      rpId: location.hostname,
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      allowCredentials: [{ type: "public-key", id: lock.credential as BufferSource }],
      userVerification: "required",
      timeout,
      extensions: { prf: { eval: { first: lock.salt as BufferSource } } },
    },
  })) as PublicKeyCredential | null;
  if (!found) throw new Error("no passkey answered");
  const flags = new Uint8Array((found.response as AuthenticatorAssertionResponse).authenticatorData)[32] ?? 0;
  const output = (found.getClientExtensionResults() as { prf?: Prf }).prf?.results?.first;
  if (!output || (flags & userVerified) === 0) throw new NoPrf("the passkey has no PRF");
  const bytes = new Uint8Array(output as ArrayBuffer);
  return passkeyKey(lock, bytes);
}
