import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, equal, unhex } from "../wire/bytes.ts";

/** Head of a PKCS #8 Ed25519 key (RFC 8410): the only form in which WebCrypto takes a private key besides JWK. */
const pkcs8 = unhex("302e020100300506032b657004220420")!;

/**
 * An answer known to be right, with which a browser shows that its Ed25519 works (RFC 8032 §7.1, test 1: the empty
 * message).
 */
const known = {
  seed: unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")!,
  key: unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")!,
  signature: unhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  )!,
};

export interface Ed25519 {
  /** `seed` is the 32-byte private key of RFC 8032. */
  sign(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** False for whatever is not a good signature, keys and signatures of a wrong length included. Never rejects. */
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  publicKey(seed: Uint8Array): Promise<Uint8Array>;
}

const algorithm = { name: "Ed25519" };

/** Ed25519 by the platform: faster, and not open to a stopwatch. */
export const platformEd25519: Ed25519 = {
  async sign(seed, message) {
    const key = await importSeed(seed, false);
    return new Uint8Array(await crypto.subtle.sign(algorithm, key, message as BufferSource));
  },
  async verify(key, message, signature) {
    try {
      const imported = await crypto.subtle.importKey("raw", key as BufferSource, algorithm, false, ["verify"]);
      return await crypto.subtle.verify(algorithm, imported, signature as BufferSource, message as BufferSource);
    } catch {
      return false;
    }
  },
  async publicKey(seed) {
    const jwk = await crypto.subtle.exportKey("jwk", await importSeed(seed, true));
    return Uint8Array.from(atob(jwk.x!.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  },
};

/**
 * Ed25519 in script, for browsers whose WebCrypto lacks it. As strict as RFC 8032, so that both accept the same
 * signatures.
 */
export const scriptEd25519: Ed25519 = {
  async sign(seed, message) {
    return ed25519.sign(message, seed);
  },
  async verify(key, message, signature) {
    try {
      return ed25519.verify(signature, message, key, { zip215: false });
    } catch {
      return false;
    }
  },
  async publicKey(seed) {
    return ed25519.getPublicKey(seed);
  },
};

let chosen: Promise<Ed25519> | undefined;

/** The platform's Ed25519 where it gives the known answer, else the script's. Tried once for a page. */
export function chooseEd25519(): Promise<Ed25519> {
  chosen ??= works(platformEd25519).then((yes) => (yes ? platformEd25519 : scriptEd25519));
  return chosen;
}

/** True when an implementation gives the known answers, and refuses a false signature. */
export async function works(candidate: Ed25519): Promise<boolean> {
  try {
    const { seed, key, signature } = known;
    const nothing = new Uint8Array();
    return (
      equal(await candidate.sign(seed, nothing), signature) &&
      equal(await candidate.publicKey(seed), key) &&
      (await candidate.verify(key, nothing, signature)) &&
      !(await candidate.verify(key, new Uint8Array(1), signature))
    );
  } catch {
    return false;
  }
}

function importSeed(seed: Uint8Array, extractable: boolean): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", concat(pkcs8, seed) as BufferSource, algorithm, extractable, ["sign"]);
}
