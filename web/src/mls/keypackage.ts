import type { Capabilities } from "ts-mls/capabilities.js";
import type { Credential } from "ts-mls/credential.js";
import { generateKeyPackageWithKey, verifyKeyPackage, type KeyPackage } from "ts-mls/keyPackage.js";
import { verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { Writer } from "../wire/codec.ts";
import { encodeIdentity, type Identity } from "./credential.ts";
import { chooseEd25519 } from "./ed25519.ts";
import { type Trust, VerificationError, contextOf, decodeMessage, guard, view } from "./library.ts";
import { PolicyError, decideAdd, decideKeyPackage, decideLifetime, lastResort, lifetimeOf } from "./policy.ts";
import { suite, suiteName } from "./provider.ts";

export interface StoredKeyPackage {
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  /** An MLSMessage, to publish. */
  readonly keyPackage: Uint8Array;
  /** The private part: never leaves the device, and is erased once no Welcome to it can be waiting any more. */
  readonly secret: Uint8Array;
  /** Unix seconds. */
  readonly notAfter: number;
}

/** A device with its key package of the day. */
export interface Joiner {
  readonly device: string;
  readonly keyPackage: Uint8Array;
}

/**
 * Makes a device's key package for a day (spec §7.3). `signatureSeed` is the private key whose public key the roster
 * gives.
 */
export async function makeKeyPackage(o: {
  kommun: string;
  device: string;
  signatureSeed: Uint8Array;
  day: number;
}): Promise<StoredKeyPackage> {
  const made = await generate({ kind: "device", kommun: o.kommun, device: o.device }, o.signatureSeed, o.day, [
    lastResort,
  ]);
  return {
    day: o.day,
    keyPackage: encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: made.publicPackage }),
    secret: new Writer().opaque(made.privatePackage.initPrivateKey).opaque(made.privatePackage.hpkePrivateKey).bytes(),
    notAfter: Number(lifetimeOf(o.day).notAfter),
  };
}

/**
 * Checks a key package as `Group.add` does: that it is this device's, by the roster, current, and well signed. Throws
 * PolicyError, VerificationError or CodecError. Lets a caller leave out one bad device instead of failing with all.
 */
export async function checkKeyPackage(device: string, keyPackage: Uint8Array, trust: Trust): Promise<void> {
  await readKeyPackage(device, keyPackage, trust);
}

export async function generate(identity: Identity, seed: Uint8Array, dayNumber: number, extensions: number[]) {
  const credential: Credential = { credentialType: "basic", identity: encodeIdentity(identity) };
  const capabilities: Capabilities = {
    versions: ["mls10"],
    ciphersuites: [suiteName],
    extensions,
    proposals: [],
    credentials: ["basic"],
  };
  const list = extensions.map((extensionType) => ({ extensionType, extensionData: new Uint8Array() }));
  return generateKeyPackageWithKey(
    credential,
    capabilities,
    lifetimeOf(dayNumber),
    list,
    await publicKeyOf(seed),
    suite,
  );
}

export async function publicKeyOf(seed: Uint8Array): Promise<{ signKey: Uint8Array; publicKey: Uint8Array }> {
  return { signKey: seed.slice(), publicKey: await (await chooseEd25519()).publicKey(seed) };
}

export async function readKeyPackage(device: string, bytes: Uint8Array, trust: Trust): Promise<KeyPackage> {
  const message = decodeMessage(bytes);
  if (message.wireformat !== "mls_key_package") throw new PolicyError("wire_format");
  const { keyPackage } = message;
  const { leafNode } = keyPackage;
  if (keyPackage.version !== "mls10" || keyPackage.cipherSuite !== suiteName) throw new PolicyError("suite");
  decideKeyPackage(keyPackage.extensions.map((e) => e.extensionType));
  if (decideAdd(view(leafNode), contextOf(trust)).id !== device) throw new PolicyError("unknown_device");
  decideLifetime(leafNode.lifetime.notBefore, leafNode.lifetime.notAfter, trust.now());
  const signed = await guard(
    async () =>
      (await verifyLeafNodeSignatureKeyPackage(leafNode, suite.signature)) &&
      (await verifyKeyPackage(keyPackage, suite.signature)),
  );
  if (!signed) throw new VerificationError("key package is not signed by its device");
  return keyPackage;
}
