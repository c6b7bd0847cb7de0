import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA512, type Key } from "hpke";
import { KEM_MLKEM768_X25519 } from "@panva/hpke-noble";
import type { CiphersuiteImpl, CiphersuiteName } from "ts-mls/crypto/ciphersuite.js";
import type { Hpke, PrivateKey, PublicKey } from "ts-mls/crypto/hpke.js";
import { concat, equal } from "../wire/bytes.ts";
import { chooseEd25519 } from "./ed25519.ts";

/** The one suite of spec §7.1, code point 83. */
export const suiteName = "MLS_256_XWING_AES256GCM_SHA512_Ed25519" satisfies CiphersuiteName;

const hashLength = 64;

/**
 * X-Wing comes from `hpke`, whose key derivation is that of RFC 9180 and of Go's crypto/hpke; the provider that ts-mls
 * brings derives other keys. The rest is the platform's.
 */
const hpkeSuite = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA512, AEAD_AES_256_GCM);

// ts-mls names the platform's key types, and hands keys only back to this provider.
const toPrivate = (key: Key) => key as unknown as PrivateKey;
const toPublic = (key: Key) => key as unknown as PublicKey;
const own = (key: PrivateKey | PublicKey) => key as unknown as Key;

const hpke: Hpke = {
  keyLength: 32,
  nonceLength: 12,
  open: (key, enc, ciphertext, info, aad = new Uint8Array()) =>
    hpkeSuite.Open(own(key), enc, ciphertext, { info, aad }),
  async seal(key, plaintext, info, aad = new Uint8Array()) {
    const sealed = await hpkeSuite.Seal(own(key), plaintext, { info, aad });
    return { ct: sealed.ciphertext, enc: sealed.encapsulatedSecret };
  },
  importPrivateKey: async (seed) => toPrivate(await hpkeSuite.DeserializePrivateKey(seed, true)),
  importPublicKey: async (key) => toPublic(await hpkeSuite.DeserializePublicKey(key)),
  exportPublicKey: (key) => hpkeSuite.SerializePublicKey(own(key)),
  exportPrivateKey: (key) => hpkeSuite.SerializePrivateKey(own(key)),
  async encryptAead(key, nonce, aad, plaintext) {
    return new Uint8Array(
      await crypto.subtle.encrypt(gcm(nonce, aad), await gcmKey(key, "encrypt"), plaintext as BufferSource),
    );
  },
  async decryptAead(key, nonce, aad, ciphertext) {
    return new Uint8Array(
      await crypto.subtle.decrypt(gcm(nonce, aad), await gcmKey(key, "decrypt"), ciphertext as BufferSource),
    );
  },
  async exportSecret(key, context, length, info) {
    const sent = await hpkeSuite.SendExport(own(key), context, length, { info });
    return { enc: sent.encapsulatedSecret, secret: sent.exportedSecret };
  },
  importSecret: (key, context, enc, length, info) => hpkeSuite.ReceiveExport(own(key), enc, context, length, { info }),
  async deriveKeyPair(ikm) {
    const pair = await hpkeSuite.DeriveKeyPair(ikm, true);
    return { privateKey: toPrivate(pair.privateKey), publicKey: toPublic(pair.publicKey) };
  },
  async generateKeyPair() {
    const pair = await hpkeSuite.GenerateKeyPair(true);
    return { privateKey: toPrivate(pair.privateKey), publicKey: toPublic(pair.publicKey) };
  },
};

/** What ts-mls needs of cryptography, for our one suite. */
export const suite: CiphersuiteImpl = {
  name: suiteName,
  hpke,
  hash: {
    digest: async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-512", bytes as BufferSource)),
    mac: async (key, bytes) => hmac(await hmacKey(key), bytes),
    verifyMac: async (key, mac, bytes) => equal(await hmac(await hmacKey(key), bytes), mac),
  },
  kdf: {
    size: hashLength,
    extract: async (salt, ikm) => hmac(await hmacKey(salt), ikm),
    expand,
  },
  signature: {
    sign: async (seed, message) => (await chooseEd25519()).sign(seed, message),
    verify: async (key, message, signature) => (await chooseEd25519()).verify(key, message, signature),
    async keygen() {
      const signKey = crypto.getRandomValues(new Uint8Array(32));
      return { signKey, publicKey: await (await chooseEd25519()).publicKey(signKey) };
    },
  },
  rng: { randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
};

/** HKDF-Expand alone (RFC 5869 §2.3): WebCrypto offers it only together with Extract. */
async function expand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array> {
  if (length > 255 * hashLength) throw new RangeError("HKDF cannot expand that far");
  const key = await hmacKey(prk);
  const okm = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array();
  for (let i = 0; i * hashLength < length; i++) {
    block = await hmac(key, concat(block, info, Uint8Array.of(i + 1)));
    okm.set(block.subarray(0, length - i * hashLength), i * hashLength);
  }
  return okm;
}

function hmacKey(key: Uint8Array): Promise<CryptoKey> {
  // WebCrypto refuses an empty key; zeros up to the block are what HMAC makes of it.
  const bytes = key.length > 0 ? key : new Uint8Array(hashLength);
  return crypto.subtle.importKey("raw", bytes as BufferSource, { name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
}

async function hmac(key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes as BufferSource));
}

function gcm(nonce: Uint8Array, aad: Uint8Array | undefined): AesGcmParams {
  const params: AesGcmParams = { name: "AES-GCM", iv: nonce as BufferSource };
  return aad && aad.length > 0 ? { ...params, additionalData: aad as BufferSource } : params;
}

function gcmKey(key: Uint8Array, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key as BufferSource, "AES-GCM", false, [use]);
}
