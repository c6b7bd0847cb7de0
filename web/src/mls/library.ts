import type { Credential } from "ts-mls/credential.js";
import type { LeafNode } from "ts-mls/leafNode.js";
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from "ts-mls/message.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { equal } from "../wire/bytes.ts";
import { CodecError } from "../wire/codec.ts";
import { PolicyError, type Context, type Leaf, type Partner } from "./policy.ts";
import type { Roster } from "./roster.ts";

/** Between what ts-mls reads and throws, and what policy.ts judges. */

/**
 * A message that does not belong to this group and epoch, was changed, or was read before. Tells no more, on purpose.
 */
export class VerificationError extends Error {
  override readonly name = "VerificationError";
}

export interface Trust {
  readonly kommun: string;
  /** The newest accepted roster. */
  roster(): Roster;
  /** Unix seconds. */
  now(): number;
  /** Other kommuner whose team keys are pinned; none by default. */
  partners?(): readonly Partner[];
}

/** An MLSMessage in its one encoding, with nothing after it. */
export function decodeMessage(bytes: Uint8Array): MLSMessage {
  const read = attempt(() => decodeMlsMessage(bytes, 0));
  if (!read || read[1] !== bytes.length) throw new CodecError("not an MLSMessage");
  const again = attempt(() => encodeMlsMessage(read[0]));
  if (!again || !equal(again, bytes)) throw new CodecError("not the encoding of an MLSMessage");
  return read[0];
}

export function leavesOf(tree: RatchetTree): Leaf[] {
  return tree.flatMap((node, index) => (node?.nodeType === "leaf" ? [{ ...view(node.leaf), leaf: index / 2 }] : []));
}

export function view(leaf: LeafNode): Omit<Leaf, "leaf"> {
  return {
    identity: identityOf(leaf.credential),
    key: leaf.signaturePublicKey,
    extensions: leaf.extensions.map((e) => e.extensionType),
  };
}

function identityOf(credential: Credential): Uint8Array | undefined {
  return credential.credentialType === "basic" && "identity" in credential ? credential.identity : undefined;
}

/** What policy judges by, at this moment. */
export function contextOf(trust: Trust): Context {
  const partners = trust.partners?.();
  return { kommun: trust.kommun, roster: trust.roster(), now: trust.now(), ...(partners && { partners }) };
}

/** Undefined where it throws. */
export function attempt<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;
  }
}

/** Whatever ts-mls or the platform throws says to the caller only that something was not authentic. */
export async function guard<T>(f: () => Promise<T>): Promise<T> {
  try {
    return await f();
  } catch (error) {
    if (error instanceof PolicyError || error instanceof CodecError || error instanceof VerificationError) throw error;
    throw new VerificationError("not authentic");
  }
}
