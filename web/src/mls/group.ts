import type { Capabilities } from "ts-mls/capabilities.js";
import type { ClientConfig } from "ts-mls/clientConfig.js";
import {
  createGroup, decodeGroupState, encodeGroupState, joinGroup, type ClientState,
} from "ts-mls/clientState.js";
import { createCommit } from "ts-mls/createCommit.js";
import { createApplicationMessage } from "ts-mls/createMessage.js";
import type { Credential } from "ts-mls/credential.js";
import type { GroupInfo } from "ts-mls/groupInfo.js";
import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js";
import { generateKeyPackageWithKey, makeKeyPackageRef, verifyKeyPackage, type KeyPackage } from "ts-mls/keyPackage.js";
import { defaultKeyPackageEqualityConfig } from "ts-mls/keyPackageEqualityConfig.js";
import { verifyLeafNodeSignatureKeyPackage, type LeafNode } from "ts-mls/leafNode.js";
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from "ts-mls/message.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { processPrivateMessage } from "ts-mls/processMessages.js";
import type { Proposal } from "ts-mls/proposal.js";
import type { ProposalOrRef } from "ts-mls/proposalOrRefType.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { findLeafIndex, type RatchetTree } from "ts-mls/ratchetTree.js";
import { decryptGroupInfo, decryptGroupSecrets, type Welcome } from "ts-mls/welcome.js";
import { type Bound, decodeBound, encodeBound } from "../wire/bound.ts";
import { equal } from "../wire/bytes.ts";
import { CodecError, Writer, decode } from "../wire/codec.ts";
import { isBucket } from "../wire/payload.ts";
import { caughtUp, courseOnJoining, devicesOf, doneBy, heard, putCourse, readCourse, removedBy, turned } from "./course.ts";
import { encodeIdentity, type Identity } from "./credential.ts";
import { chooseEd25519 } from "./ed25519.ts";
import {
  PolicyError, decideAdd, decideBound, decideCommit, decideJoin, decideKeyPackage, decideLifetime, decideOutcome, decideSize,
  decideProposed, decideSpeaker, decideTree, describe, lastResort, lifetimeOf, validDevice,
  type Change, type Context, type Course, type Leaf, type Member, type Partner,
} from "./policy.ts";
import { suite, suiteName } from "./provider.ts";
import type { Roster, RosterDevice } from "./roster.ts";

/** The only importer of ts-mls besides `provider.ts`. It turns bytes into questions for `policy.ts` and obeys the answers. */

/** A message that does not belong to this group and epoch, was changed, or was read before. Tells no more, on purpose. */
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
export interface Newcomer {
  readonly device: string;
  readonly keyPackage: Uint8Array;
}

export interface Outgoing {
  /** An MLSMessage for a frame. */
  readonly message: Uint8Array;
  /** What the message says of that frame: its counter, and in this order the devices that it opens and closes. */
  readonly bound: Bound;
  /** The group once the relay has accepted the message. */
  readonly next: Group;
  /** An MLSMessage for those whom the commit adds. */
  readonly welcome?: Uint8Array;
}

export type Incoming =
  | { readonly kind: "application"; readonly sender: Member; readonly counter: bigint; readonly payload: Uint8Array; readonly next: Group }
  | {
      readonly kind: "commit"; readonly sender: Member; readonly counter: bigint; readonly added: Member[]; readonly removed: Member[];
      /** Absent: we were removed. */
      readonly next?: Group;
    };

const day = 86400;

/** Makes a device's key package for a day (spec §7.3). `signatureSeed` is the private key whose public key the roster gives. */
export async function makeKeyPackage(o: {
  kommun: string; device: string; signatureSeed: Uint8Array; day: number;
}): Promise<StoredKeyPackage> {
  const made = await generate({ kind: "device", kommun: o.kommun, device: o.device }, o.signatureSeed, o.day, [lastResort]);
  return {
    day: o.day,
    keyPackage: encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: made.publicPackage }),
    secret: new Writer().opaque(made.privatePackage.initPrivateKey).opaque(made.privatePackage.hpkePrivateKey).bytes(),
    notAfter: Number(lifetimeOf(o.day).notAfter),
  };
}

/**
 * Checks a key package as `Group.add` does: that it is this device's, by the roster, current, and well signed.
 * Throws PolicyError, VerificationError or CodecError. Lets a caller leave out one bad device instead of failing with all.
 */
export async function checkKeyPackage(device: string, keyPackage: Uint8Array, trust: Trust): Promise<void> {
  await readKeyPackage(device, keyPackage, trust);
}

/** A member's view of a conversation's group. Immutable: what changes it returns the next one, and this one stays usable. */
export class Group {
  readonly #state: ClientState;
  readonly #course: Course;
  readonly #trust: Trust;

  private constructor(state: ClientState, course: Course, trust: Trust) {
    this.#state = settle(state);
    this.#course = course;
    this.#trust = trust;
  }

  /** The visitor's new group at epoch 0, with a fresh signature key. `mailbox` is 32 random bytes. */
  static async create(mailbox: Uint8Array, trust: Trust): Promise<Group> {
    if (mailbox.length !== 32) throw new CodecError("mailbox of another length");
    const seed = suite.rng.randomBytes(32);
    const made = await generate({ kind: "visitor" }, seed, Math.floor(trust.now() / day), []);
    const state = await createGroup(mailbox, made.publicPackage, made.privatePackage, [], suite, config(messagePadding));
    return new Group(state, { claimer: undefined, counters: new Map() }, trust);
  }

  /**
   * A device enters by Welcome. Throws PolicyError where the group is not one that §7.4 allows, VerificationError where the
   * Welcome is not for this key package or not authentic. The caller compares `mailbox` with the one that it asked for.
   */
  static async join(welcome: Uint8Array, own: StoredKeyPackage, device: string, signatureSeed: Uint8Array, trust: Trust): Promise<Group> {
    if (DEVICE) {
      const message = decodeMessage(welcome);
      const stored = decodeMessage(own.keyPackage);
      if (message.wireformat !== "mls_welcome" || stored.wireformat !== "mls_key_package") throw new PolicyError("wire_format");
      const secret = decode(own.secret, (r) => ({ initPrivateKey: r.opaque(64), hpkePrivateKey: r.opaque(64) }));
      const { keyPackage } = stored;
      const { publicKey } = await publicKeyOf(signatureSeed);
      if (!equal(publicKey, keyPackage.leafNode.signaturePublicKey)) throw new PolicyError("own_leaf");
      if (validDevice(view(keyPackage.leafNode), contextOf(trust)).id !== device) throw new PolicyError("own_leaf");
      return guard(async () => {
        judgeWelcome(await openWelcome(message.welcome, keyPackage, secret.initPrivateKey), message.welcome, keyPackage, trust);
        const keys = { ...secret, signaturePrivateKey: signatureSeed.slice() };
        const joined = await joinGroup(
          message.welcome, keyPackage, keys, emptyPskIndex, suite, undefined, undefined, config(messagePadding),
        );
        return new Group(joined, courseOnJoining(joined.privatePath.leafIndex, joined.groupContext.epoch, leavesOf(joined.ratchetTree)), trust);
      });
    }
    throw new PolicyError("visitor_leaf");
  }

  /** What `encode` gave. Throws CodecError. */
  static decode(bytes: Uint8Array, trust: Trust): Group {
    const { inner, course } = decode(bytes, (r) => {
      if (r.uint8() !== stateVersion) throw new CodecError("state of another version");
      return { inner: r.opaque(), course: readCourse(r) };
    });
    const read = attempt(() => decodeGroupState(inner, 0));
    if (!read || read[1] !== inner.length) throw new CodecError("state does not decode");
    return new Group({ ...read[0], clientConfig: config(messagePadding) }, course, trust);
  }

  /** Everything, secret keys included: seal it or keep it in memory. */
  encode(): Uint8Array {
    const w = new Writer().uint8(stateVersion).opaque(encodeGroupState(this.#state));
    putCourse(w, this.#course);
    return w.bytes();
  }

  get mailbox(): Uint8Array {
    return this.#state.groupContext.groupId.slice();
  }

  get epoch(): bigint {
    return this.#state.groupContext.epoch;
  }

  get self(): Member {
    return this.#member(this.#state.privatePath.leafIndex);
  }

  /** In the order of the leaves: the visitor first. */
  members(): Member[] {
    return describe(leavesOf(this.#state.ratchetTree), contextOf(this.#trust));
  }

  /** The device that answers: it claimed, and nobody has removed it since. Absent where that is not known. */
  get claimer(): Member | undefined {
    const { claimer } = this.#course;
    return typeof claimer === "number" ? this.members().find((m) => m.leaf === claimer) : undefined;
  }

  /**
   * The visitor lets devices in. Throws PolicyError for anybody else, and when one key package is not good. Here and below, `counter`
   * is that of the frame; the commit that opens a conversation is never sent, and has 0.
   */
  async add(keyPackages: readonly Newcomer[], counter: bigint): Promise<Outgoing> {
    return this.change([], keyPackages, counter);
  }

  /** A device removes every other device, but for one that it may keep, and so claims. */
  async claim(counter: bigint, keep?: string): Promise<Outgoing> {
    const self = this.self;
    if (DEVICE && self.kind === "device") {
      const others = this.members().filter((m) => m.kind === "device" && m.leaf !== self.leaf && m.device !== keep);
      return this.#commit(others.map((m) => removal(m.leaf)), counter);
    }
    throw new PolicyError("visitor_leaf");
  }

  /** Removes these devices, which must be members; with none, renews the keys of the group. */
  async remove(devices: readonly string[], counter: bigint): Promise<Outgoing> {
    return this.change(devices, [], counter);
  }

  /** The visitor takes devices out and lets others in, at once. */
  async change(gone: readonly string[], keyPackages: readonly Newcomer[], counter: bigint): Promise<Outgoing> {
    const read = await Promise.all(keyPackages.map((k) => readKeyPackage(k.device, k.keyPackage, this.#trust)));
    const members = this.members();
    const removals = gone.map((device) => {
      const member = members.find((m) => m.kind === "device" && m.device === device);
      if (!member) throw new PolicyError("unknown_device");
      return removal(member.leaf);
    });
    return this.#commit([...removals, ...read.map((keyPackage): Proposal => ({ proposalType: "add", add: { keyPackage } }))], counter);
  }

  /**
   * Encrypts a padded payload. The first message of a conversation opens every device that is a member, and says so in `opens`.
   * Throws CodecError for a length that is not a bucket's, PolicyError for a device that is not the claimer.
   */
  async seal(payload: Uint8Array, counter: bigint, opens: readonly string[] = []): Promise<Outgoing> {
    if (!isBucket(payload.length)) throw new CodecError("payload is not padded");
    const state = this.#state;
    const sender = state.privatePath.leafIndex;
    const bound: Bound = { counter, opens, closes: [] };
    const claimer = decideSpeaker(sender, leavesOf(state.ratchetTree), this.#course.claimer, contextOf(this.#trust));
    return guard(async () => {
      const { newState, privateMessage } = await createApplicationMessage(state, payload, suite, encodeBound(bound));
      const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage });
      return { message, bound, next: new Group(newState, heard(this.#course, claimer, sender, counter), this.#trust) };
    });
  }

  /**
   * Reads another member's message of this epoch; each can be read once, and only in the order in which its sender wrote.
   * Throws CodecError for what is no MLSMessage, VerificationError for what is not authentic or was read before, PolicyError
   * for what an authentic member must not do. After any of them the group is unchanged.
   */
  async open(message: Uint8Array): Promise<Incoming> {
    const decoded = decodeMessage(message);
    if (decoded.wireformat !== "mls_private_message") throw new PolicyError("wire_format");
    const sealed = decoded.privateMessage;
    const state = this.#state;
    const { groupId, epoch } = state.groupContext;
    if (!equal(sealed.groupId, groupId) || sealed.epoch !== epoch) throw new VerificationError("another group or epoch");
    // ts-mls does not say who sent an application message, nor how a commit names its proposals: so unprotect it here first.
    const { content: { content }, tree: secretTree } = await guard(() => unprotectPrivateMessage(
      state.keySchedule.senderDataSecret, sealed, state.secretTree, state.ratchetTree, state.groupContext,
      state.clientConfig.keyRetentionConfig, suite,
    ));
    if (content.sender.senderType !== "member" || content.sender.leafIndex === state.privatePath.leafIndex) {
      throw new VerificationError("not from another member");
    }
    const leaf = content.sender.leafIndex;
    const sender = this.#member(leaf);
    const before = leavesOf(state.ratchetTree);
    if (content.contentType === "proposal") throw new PolicyError("standalone_proposal");
    const bound = attempt(() => decodeBound(content.authenticatedData));
    if (!bound) throw new PolicyError("authenticated_data");
    const { counter } = bound;
    const course = this.#course;
    if (content.contentType === "application") {
      const claimer = decideSpeaker(leaf, before, course.claimer, contextOf(this.#trust));
      const opening = leaf === 0 && epoch === 1n && counter === 1n;
      decideBound(bound, leaf, { opens: opening ? devicesOf(before) : [], closes: [] }, course.counters);
      const next = new Group({ ...state, secretTree }, heard(course, claimer, leaf, counter), this.#trust);
      return { kind: "application", sender, counter, payload: content.applicationData, next };
    }

    const changes = content.commit.proposals.map(changeOf);
    const claimer = decideCommit(leaf, changes, before, course.claimer, contextOf(this.#trust));
    decideBound(bound, leaf, doneBy(changes, before), course.counters);
    const result = await guard(() => processPrivateMessage(state, sealed, emptyPskIndex, suite));
    if (result.kind !== "newState" || result.actionTaken !== "accept") throw new VerificationError("commit was not taken");
    const after = leavesOf(result.newState.ratchetTree);
    decideOutcome(changes, before, after, contextOf(this.#trust));
    const gone = removedBy(changes);
    const stayed = new Set(before.flatMap((l) => (gone.has(l.leaf) ? [] : [l.leaf])));
    const told = {
      kind: "commit" as const, sender, counter,
      added: describe(after.filter((l) => !stayed.has(l.leaf)), contextOf(this.#trust)),
      removed: describe(before.filter((l) => gone.has(l.leaf)), contextOf(this.#trust)),
    };
    if (result.newState.groupActiveState.kind !== "active") return told;
    const led = heard(turned(course, changes, before, after), claimer, leaf, counter);
    return { ...told, next: new Group(result.newState, led, this.#trust) };
  }

  /**
   * This state once the visitor has told a newcomer who answers: a device that is a member, or nobody. What was heard since stands, and
   * a device that is no member is nobody's claim. Throws PolicyError.
   */
  led(device: string | undefined): Group {
    const { claimer } = this.#course;
    const leaf = device === undefined ? undefined : this.members().find((m) => m.kind === "device" && m.device === device)?.leaf;
    if ((device !== undefined && leaf === undefined) || (claimer !== "unknown" && claimer !== leaf)) throw new PolicyError("claim");
    return new Group(this.#state, { ...this.#course, claimer: leaf }, this.#trust);
  }

  /** The roster's device that is proposed to be let in, `alone` or beside the claimer. Throws PolicyError where it may not be. */
  proposed(kommun: string, device: string, alone: boolean): RosterDevice {
    return decideProposed(kommun, device, alone, this.members(), contextOf(this.#trust));
  }

  /**
   * This state of a commit that waited, with what was heard in the epoch before it, `until` it took effect: whoever stays goes on counting
   * from there.
   */
  since(until: Group): Group {
    const before = leavesOf(until.#state.ratchetTree);
    const own = this.#state.privatePath.leafIndex;
    const stayed = leavesOf(this.#state.ratchetTree).filter((l) => l.leaf !== own && before.some((b) => b.leaf === l.leaf && equal(b.key, l.key)));
    return new Group(this.#state, caughtUp(this.#course, until.#course, stayed), this.#trust);
  }

  /**
   * Overwrites this group's keys, except those that `keep` still needs; nothing works afterwards. As good as script can do it: the
   * engine may have copied them.
   */
  forget(keep?: Group): void {
    const needed = new Set(keep ? secretsOf(keep.#state) : []);
    for (const secret of secretsOf(this.#state)) if (!needed.has(secret)) secret.fill(0);
  }

  async #commit(proposals: Proposal[], counter: bigint): Promise<Outgoing> {
    const state = this.#state;
    const sender = state.privatePath.leafIndex;
    const before = leavesOf(state.ratchetTree);
    const changes = proposals.map((proposal) => changeOf({ proposalOrRefType: "proposal", proposal }));
    const claimer = decideCommit(sender, changes, before, this.#course.claimer, contextOf(this.#trust));
    const bound: Bound = { counter, ...doneBy(changes, before) };
    return guard(async () => {
      const { newState, commit, welcome } = await createCommit(
        { state: { ...state, clientConfig: config(commitPadding) }, cipherSuite: suite, pskIndex: emptyPskIndex },
        { extraProposals: proposals, ratchetTreeExtension: true, authenticatedData: encodeBound(bound) },
      );
      const after = leavesOf(newState.ratchetTree);
      decideOutcome(changes, before, after, contextOf(this.#trust));
      const led = heard(turned(this.#course, changes, before, after), claimer, sender, counter);
      const out = { message: encodeMlsMessage(commit), bound, next: new Group(newState, led, this.#trust) };
      if (!welcome) return out;
      return { ...out, welcome: encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }) };
    });
  }

  #member(leaf: number): Member {
    const member = this.members().find((m) => m.leaf === leaf);
    if (!member) throw new VerificationError("no such member");
    return member;
  }
}

const stateVersion = 2;

/** Payloads are padded before they come here. */
const messagePadding: ClientConfig["paddingConfig"] = { kind: "alwaysPad", paddingLength: 0 };
/** To a multiple, with the patch in `patches/ts-mls.json`. */
const commitPadding: ClientConfig["paddingConfig"] = { kind: "padUntilLength", padUntilLength: 256 };

function config(paddingConfig: ClientConfig["paddingConfig"]): ClientConfig {
  return {
    // 0 generations: what was skipped stays unreadable. 1 epoch, as 0 would keep every one; `settle` drops that one too.
    keyRetentionConfig: { retainKeysForGenerations: 0, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 256 },
    lifetimeConfig: { maximumTotalLifetime: BigInt(3 * day), validateLifetimeOnReceive: false },
    keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
    paddingConfig,
    authService: {
      // Every leaf of every tree is judged by policy.ts, which knows when validity counts; here nothing is left to ask.
      validateCredential: async () => true,
    },
  };
}

/** What is kept between messages: no key of an earlier epoch, and none of a node that is no more. */
function settle(state: ClientState): ClientState {
  const { leafIndex, privateKeys } = state.privatePath;
  const living = Object.entries(privateKeys).filter(([node]) => state.ratchetTree[Number(node)] !== undefined);
  return {
    ...state,
    privatePath: { leafIndex, privateKeys: Object.fromEntries(living) },
    historicalReceiverData: new Map(),
    clientConfig: config(messagePadding),
  };
}

function secretsOf(state: ClientState): Uint8Array[] {
  const ratchets = state.secretTree.flatMap((node) => [node.handshake.secret, node.application.secret]);
  return [...Object.values(state.keySchedule), ...ratchets, ...Object.values(state.privatePath.privateKeys), state.signaturePrivateKey];
}

async function generate(identity: Identity, seed: Uint8Array, dayNumber: number, extensions: number[]) {
  const credential: Credential = { credentialType: "basic", identity: encodeIdentity(identity) };
  const capabilities: Capabilities = { versions: ["mls10"], ciphersuites: [suiteName], extensions, proposals: [], credentials: ["basic"] };
  const list = extensions.map((extensionType) => ({ extensionType, extensionData: new Uint8Array() }));
  return generateKeyPackageWithKey(credential, capabilities, lifetimeOf(dayNumber), list, await publicKeyOf(seed), suite);
}

async function publicKeyOf(seed: Uint8Array): Promise<{ signKey: Uint8Array; publicKey: Uint8Array }> {
  return { signKey: seed.slice(), publicKey: await (await chooseEd25519()).publicKey(seed) };
}

async function readKeyPackage(device: string, bytes: Uint8Array, trust: Trust): Promise<KeyPackage> {
  const message = decodeMessage(bytes);
  if (message.wireformat !== "mls_key_package") throw new PolicyError("wire_format");
  const { keyPackage } = message;
  const { leafNode } = keyPackage;
  if (keyPackage.version !== "mls10" || keyPackage.cipherSuite !== suiteName) throw new PolicyError("suite");
  decideKeyPackage(keyPackage.extensions.map((e) => e.extensionType));
  if (decideAdd(view(leafNode), contextOf(trust)).id !== device) throw new PolicyError("unknown_device");
  decideLifetime(leafNode.lifetime.notBefore, leafNode.lifetime.notAfter, trust.now());
  const signed = await guard(async () =>
    (await verifyLeafNodeSignatureKeyPackage(leafNode, suite.signature)) && (await verifyKeyPackage(keyPackage, suite.signature)));
  if (!signed) throw new VerificationError("key package is not signed by its device");
  return keyPackage;
}

/** Decrypts a Welcome's GroupInfo to be judged before ts-mls walks through its tree; ts-mls then authenticates the very same bytes. */
async function openWelcome(welcome: Welcome, keyPackage: KeyPackage, initPrivateKey: Uint8Array): Promise<GroupInfo> {
  const key = await suite.hpke.importPrivateKey(initPrivateKey);
  const secrets = await decryptGroupSecrets(key, await makeKeyPackageRef(keyPackage, suite.hash), welcome, suite.hpke);
  if (!secrets) throw new CodecError("Welcome does not decode");
  if (secrets.psks.length !== 0) throw new PolicyError("proposal");
  const info = await decryptGroupInfo(welcome, secrets.joinerSecret, new Uint8Array(suite.kdf.size), suite);
  secrets.joinerSecret.fill(0);
  secrets.pathSecret?.fill(0);
  if (!info) throw new CodecError("Welcome does not decode");
  return info;
}

function judgeWelcome(info: GroupInfo, welcome: Welcome, keyPackage: KeyPackage, trust: Trust): void {
  const { version, cipherSuite, groupId, epoch, extensions } = info.groupContext;
  if (version !== "mls10" || cipherSuite !== suiteName || welcome.cipherSuite !== suiteName) throw new PolicyError("suite");
  if (extensions.length !== 0 || info.extensions.length !== 1) throw new PolicyError("extension");
  if (groupId.length !== 32) throw new PolicyError("group");
  const tree = ratchetTreeFromExtension(info);
  if (!tree) throw new PolicyError("extension");
  decideSize(tree.length, tree.flatMap((node) => (node?.nodeType === "parent" ? node.parent.unmergedLeaves : [])));
  const own = findLeafIndex(tree, keyPackage.leafNode);
  if (own === undefined) throw new PolicyError("own_leaf");
  decideJoin(info.signer, epoch, own);
  decideTree(leavesOf(tree), own, contextOf(trust));
}

/** An MLSMessage in its one encoding, with nothing after it. */
function decodeMessage(bytes: Uint8Array): MLSMessage {
  const read = attempt(() => decodeMlsMessage(bytes, 0));
  if (!read || read[1] !== bytes.length) throw new CodecError("not an MLSMessage");
  const again = attempt(() => encodeMlsMessage(read[0]));
  if (!again || !equal(again, bytes)) throw new CodecError("not the encoding of an MLSMessage");
  return read[0];
}

function leavesOf(tree: RatchetTree): Leaf[] {
  return tree.flatMap((node, index) => (node?.nodeType === "leaf" ? [{ ...view(node.leaf), leaf: index / 2 }] : []));
}

function view(leaf: LeafNode): Omit<Leaf, "leaf"> {
  return {
    identity: identityOf(leaf.credential), key: leaf.signaturePublicKey,
    extensions: leaf.extensions.map((e) => e.extensionType),
  };
}

function identityOf(credential: Credential): Uint8Array | undefined {
  return credential.credentialType === "basic" && "identity" in credential ? credential.identity : undefined;
}

function changeOf(p: ProposalOrRef): Change {
  if (p.proposalOrRefType === "reference") return { kind: "reference" };
  const { proposal } = p;
  if (proposal.proposalType === "add" && "add" in proposal) {
    decideKeyPackage(proposal.add.keyPackage.extensions.map((e) => e.extensionType));
    return { kind: "add", leaf: view(proposal.add.keyPackage.leafNode) };
  }
  if (proposal.proposalType === "remove" && "remove" in proposal) return { kind: "remove", leaf: proposal.remove.removed };
  return { kind: "other" };
}

function removal(leaf: number): Proposal {
  return { proposalType: "remove", remove: { removed: leaf } };
}

/** What policy judges by, at this moment. */
export function contextOf(trust: Trust): Context {
  const partners = trust.partners?.();
  return { kommun: trust.kommun, roster: trust.roster(), now: trust.now(), ...(partners && { partners }) };
}

function attempt<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;
  }
}

/** Whatever ts-mls or the platform throws says to the caller only that something was not authentic. */
async function guard<T>(f: () => Promise<T>): Promise<T> {
  try {
    return await f();
  } catch (error) {
    if (error instanceof PolicyError || error instanceof CodecError || error instanceof VerificationError) throw error;
    throw new VerificationError("not authentic");
  }
}
