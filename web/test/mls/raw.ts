import type { ClientConfig } from "ts-mls/clientConfig.js";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { createGroup, decodeGroupState, makePskIndex, type ClientState } from "ts-mls/clientState.js";
import { createCommit, type CreateCommitOptions } from "ts-mls/createCommit.js";
import type { CiphersuiteImpl } from "ts-mls/crypto/ciphersuite.js";
import type { Extension } from "ts-mls/extension.js";
import { generateKeyPackageWithKey, type KeyPackage } from "ts-mls/keyPackage.js";
import type { LeafNode } from "ts-mls/leafNode.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js";
import { processPrivateMessage } from "ts-mls/processMessages.js";
import type { Proposal } from "ts-mls/proposal.js";
import type { PskIndex } from "ts-mls/pskIndex.js";
import { decodeIdentity, encodeIdentity, type Identity } from "../../src/mls/credential.ts";
import type { Group } from "../../src/mls/group.ts";
import { lastResort, lifetimeOf } from "../../src/mls/policy.ts";
import { suite, suiteName } from "../../src/mls/provider.ts";
import { encodeBound } from "../../src/wire/bound.ts";
import { decode } from "../../src/wire/codec.ts";
import { today } from "./world.ts";

/** ts-mls without our policy: what a hostile member could build. For tests only. */

/** Accepts everyone, and keeps what a careless client would keep. */
export const lax: ClientConfig = defaultClientConfig;

/** What a member who throws our rules away holds in hand. */
export function rawOf(group: Group): ClientState {
  const bytes = decode(group.encode(), (r) => {
    r.uint8();
    const state = r.opaque();
    r.uint32();
    r.opaque();
    return state;
  });
  return { ...decodeGroupState(bytes, 0)![0], clientConfig: lax };
}

export interface RawCommit {
  readonly message: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  readonly next: ClientState;
}

export async function rawCommit(
  state: ClientState,
  options: CreateCommitOptions,
  o: { suite?: CiphersuiteImpl; pskIndex?: PskIndex } = {},
): Promise<RawCommit> {
  const made = await createCommit(
    { state, cipherSuite: o.suite ?? suite, pskIndex: o.pskIndex ?? makePskIndex(state, {}) },
    { ratchetTreeExtension: true, authenticatedData: boundOf(state, options.extraProposals ?? []), ...options },
  );
  const { welcome } = made;
  return {
    message: encodeMlsMessage(made.commit),
    welcome: welcome && encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }),
    next: { ...made.newState, clientConfig: lax },
  };
}

/** What an honest first message would say of its frame. */
function boundOf(state: ClientState, proposals: readonly Proposal[]): Uint8Array {
  const device = (leaf: LeafNode) => {
    const { credential } = leaf;
    const identity =
      credential.credentialType === "basic" && "identity" in credential
        ? decodeIdentity(credential.identity)
        : undefined;
    return identity?.kind === "device" ? [identity.device] : [];
  };
  return encodeBound({
    counter: 1n,
    opens: proposals.flatMap((p) => ("add" in p ? device(p.add.keyPackage.leafNode) : [])),
    closes: proposals.flatMap((p) => {
      const node = "remove" in p ? state.ratchetTree[2 * p.remove.removed] : undefined;
      return node?.nodeType === "leaf" ? device(node.leaf) : [];
    }),
  });
}

export async function rawProcess(state: ClientState, message: Uint8Array, psk?: PskIndex) {
  const decoded = decodeMlsMessage(message, 0)![0];
  if (decoded.wireformat !== "mls_private_message") throw new Error("not a private message");
  return processPrivateMessage(state, decoded.privateMessage, psk ?? makePskIndex(state, {}), suite);
}

export function keyPackageOf(message: Uint8Array): KeyPackage {
  const decoded = decodeMlsMessage(message, 0)![0];
  if (decoded.wireformat !== "mls_key_package") throw new Error("not a key package");
  return decoded.keyPackage;
}

export async function rawKeyPackage(
  identity: Identity,
  o: { extensions?: Extension[]; leafExtensions?: Extension[] } = {},
) {
  const extensions = o.extensions ?? [{ extensionType: lastResort, extensionData: new Uint8Array() }];
  return generateKeyPackageWithKey(
    { credentialType: "basic", identity: encodeIdentity(identity) },
    {
      versions: ["mls10"],
      ciphersuites: [suiteName],
      extensions: [lastResort, 0x1234],
      proposals: [0x1234],
      credentials: ["basic"],
    },
    lifetimeOf(today),
    extensions,
    await suite.signature.keygen(),
    suite,
    o.leafExtensions,
  );
}

/** A visitor's group as a hostile visitor may make it. */
export async function rawGroup(groupId: Uint8Array, extensions: Extension[] = []): Promise<ClientState> {
  const made = await rawKeyPackage({ kind: "visitor" }, { extensions: [] });
  return createGroup(groupId, made.publicPackage, made.privatePackage, extensions, suite, lax);
}

export const add = (keyPackage: KeyPackage) => ({ proposalType: "add" as const, add: { keyPackage } });
export const remove = (removed: number) => ({ proposalType: "remove" as const, remove: { removed } });
