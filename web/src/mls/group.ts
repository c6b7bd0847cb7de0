import type { ClientConfig } from "ts-mls/clientConfig.js";
import { createGroup, decodeGroupState, encodeGroupState, joinGroup, type ClientState } from "ts-mls/clientState.js";
import { createCommit } from "ts-mls/createCommit.js";
import { createApplicationMessage } from "ts-mls/createMessage.js";
import { defaultKeyPackageEqualityConfig } from "ts-mls/keyPackageEqualityConfig.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { processPrivateMessage } from "ts-mls/processMessages.js";
import type { Proposal } from "ts-mls/proposal.js";
import type { ProposalOrRef } from "ts-mls/proposalOrRefType.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { type Bound, decodeBound, encodeBound } from "../wire/bound.ts";
import { bytesForm } from "../stored/form.ts";
import { equal } from "../wire/bytes.ts";
import { CodecError, decode } from "../wire/codec.ts";
import { isBucket } from "../wire/payload.ts";
import {
  caughtUp,
  courseOnJoining,
  devicesOf,
  doneBy,
  heard,
  putCourse,
  readCourse,
  removedBy,
  turned,
} from "./course.ts";
import { type Joiner, type StoredKeyPackage, generate, publicKeyOf, readKeyPackage } from "./keypackage.ts";
import { type Trust, VerificationError, attempt, contextOf, decodeMessage, guard, leavesOf, view } from "./library.ts";
import {
  PolicyError,
  decideBound,
  decideCommit,
  decideKeyPackage,
  decideOutcome,
  decideProposed,
  decideSpeaker,
  describe,
  isStruck,
  validDevice,
  type Change,
  type Course,
  type Member,
} from "./policy.ts";
import { suite } from "./provider.ts";
import type { RosterDevice } from "./roster.ts";
import { judgeWelcome, openWelcome } from "./welcome.ts";

/**
 * Asks policy.ts before the library changes anything, and obeys the answers. Nothing outside this folder imports
 * ts-mls.
 */

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
  | {
      readonly kind: "application";
      readonly sender: Member;
      readonly counter: bigint;
      readonly payload: Uint8Array;
      readonly next: Group;
      /** From a device that is not valid any more: not to be believed, but to be counted. */
      readonly struck: boolean;
    }
  | {
      readonly kind: "commit";
      readonly sender: Member;
      readonly counter: bigint;
      readonly added: Member[];
      readonly removed: Member[];
      /** Absent: we were removed. */
      readonly next?: Group;
    };

const day = 86400;

/**
 * A member's view of a conversation's group. Immutable: what changes it returns the next one, and this one stays
 * usable.
 */
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
    const state = await createGroup(
      mailbox,
      made.publicPackage,
      made.privatePackage,
      [],
      suite,
      config(messagePadding),
    );
    return new Group(state, { claimer: undefined, counters: new Map() }, trust);
  }

  /**
   * A device enters by Welcome. Throws PolicyError where the group is not one that §7.4 allows, VerificationError where
   * the Welcome is not for this key package or not authentic. The caller compares `mailbox` with the one that it asked
   * for.
   */
  static async join(
    welcome: Uint8Array,
    own: StoredKeyPackage,
    device: string,
    signatureSeed: Uint8Array,
    trust: Trust,
  ): Promise<Group> {
    if (DEVICE) {
      const message = decodeMessage(welcome);
      const stored = decodeMessage(own.keyPackage);
      if (message.wireformat !== "mls_welcome" || stored.wireformat !== "mls_key_package")
        throw new PolicyError("wire_format");
      const secret = decode(own.secret, (r) => ({ initPrivateKey: r.opaque(64), hpkePrivateKey: r.opaque(64) }));
      const { keyPackage } = stored;
      const { publicKey } = await publicKeyOf(signatureSeed);
      if (!equal(publicKey, keyPackage.leafNode.signaturePublicKey)) throw new PolicyError("own_leaf");
      if (validDevice(view(keyPackage.leafNode), contextOf(trust)).id !== device) throw new PolicyError("own_leaf");
      return guard(async () => {
        judgeWelcome(
          await openWelcome(message.welcome, keyPackage, secret.initPrivateKey),
          message.welcome,
          keyPackage,
          trust,
        );
        const keys = { ...secret, signaturePrivateKey: signatureSeed.slice() };
        const joined = await joinGroup(
          message.welcome,
          keyPackage,
          keys,
          emptyPskIndex,
          suite,
          undefined,
          undefined,
          config(messagePadding),
        );
        return new Group(
          joined,
          courseOnJoining(joined.privatePath.leafIndex, joined.groupContext.epoch, leavesOf(joined.ratchetTree)),
          trust,
        );
      });
    }
    throw new PolicyError("visitor_leaf");
  }

  /** What `encode` gave. Throws CodecError, or Newer. */
  static decode(bytes: Uint8Array, trust: Trust): Group {
    const { inner, course } = groupForm.decode(bytes);
    const read = attempt(() => decodeGroupState(inner, 0));
    if (!read || read[1] !== inner.length) throw new CodecError("state does not decode");
    return new Group({ ...read[0], clientConfig: config(messagePadding) }, course, trust);
  }

  /** Everything, secret keys included: seal it or keep it in memory. */
  encode(): Uint8Array {
    return groupForm.encode({ inner: encodeGroupState(this.#state), course: this.#course });
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
   * The visitor lets devices in. Throws PolicyError for anybody else, and when one key package is not good. Here and
   * below, `counter` is that of the frame; the commit that opens a conversation is never sent, and has 0.
   */
  async add(keyPackages: readonly Joiner[], counter: bigint): Promise<Outgoing> {
    return this.change([], keyPackages, counter);
  }

  /** A device removes every other device, but for one that it may keep, and so claims. */
  async claim(counter: bigint, keep?: string): Promise<Outgoing> {
    const self = this.self;
    if (DEVICE && self.kind === "device") {
      const others = this.members().filter((m) => m.kind === "device" && m.leaf !== self.leaf && m.device !== keep);
      return this.#commit(
        others.map((m) => removal(m.leaf)),
        counter,
      );
    }
    throw new PolicyError("visitor_leaf");
  }

  /** Removes these devices, which must be members; with none, renews the keys of the group. */
  async remove(devices: readonly string[], counter: bigint): Promise<Outgoing> {
    return this.change(devices, [], counter);
  }

  /** The visitor takes devices out and lets others in, at once. */
  async change(gone: readonly string[], keyPackages: readonly Joiner[], counter: bigint): Promise<Outgoing> {
    const read = await Promise.all(keyPackages.map((k) => readKeyPackage(k.device, k.keyPackage, this.#trust)));
    const members = this.members();
    const removals = gone.map((device) => {
      const member = members.find((m) => m.kind === "device" && m.device === device);
      if (!member) throw new PolicyError("unknown_device");
      return removal(member.leaf);
    });
    return this.#commit(
      [...removals, ...read.map((keyPackage): Proposal => ({ proposalType: "add", add: { keyPackage } }))],
      counter,
    );
  }

  /**
   * Encrypts a padded payload. The first message of a conversation opens every device that is a member, and says so in
   * `opens`. Throws CodecError for a length that is not a bucket's, PolicyError for a device that is not the claimer.
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
   * Reads another member's message of this epoch; each can be read once, and only in the order in which its sender
   * wrote. Throws CodecError for what is no MLSMessage, VerificationError for what is not authentic or was read before,
   * PolicyError for what an authentic member must not do. After any of them the group is unchanged.
   */
  async open(message: Uint8Array): Promise<Incoming> {
    const decoded = decodeMessage(message);
    if (decoded.wireformat !== "mls_private_message") throw new PolicyError("wire_format");
    const sealed = decoded.privateMessage;
    const state = this.#state;
    const { groupId, epoch } = state.groupContext;
    if (!equal(sealed.groupId, groupId) || sealed.epoch !== epoch)
      throw new VerificationError("another group or epoch");
    // ts-mls does not say who sent an application message, nor how a commit names its proposals: so unprotect it here
    // first.
    const {
      content: { content },
      tree: secretTree,
    } = await guard(() =>
      unprotectPrivateMessage(
        state.keySchedule.senderDataSecret,
        sealed,
        state.secretTree,
        state.ratchetTree,
        state.groupContext,
        state.clientConfig.keyRetentionConfig,
        suite,
      ),
    );
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
      const struck = isStruck(leaf, before, contextOf(this.#trust));
      const claimer = decideSpeaker(leaf, before, course.claimer, contextOf(this.#trust), struck);
      const opening = leaf === 0 && epoch === 1n && counter === 1n;
      decideBound(bound, leaf, { opens: opening ? devicesOf(before) : [], closes: [] }, course.counters);
      const next = new Group({ ...state, secretTree }, heard(course, claimer, leaf, counter), this.#trust);
      return { kind: "application", sender, counter, payload: content.applicationData, next, struck };
    }

    const changes = content.commit.proposals.map(changeOf);
    const claimer = decideCommit(leaf, changes, before, course.claimer, contextOf(this.#trust));
    decideBound(bound, leaf, doneBy(changes, before), course.counters);
    const result = await guard(() => processPrivateMessage(state, sealed, emptyPskIndex, suite));
    if (result.kind !== "newState" || result.actionTaken !== "accept")
      throw new VerificationError("commit was not taken");
    const after = leavesOf(result.newState.ratchetTree);
    decideOutcome(changes, before, after, contextOf(this.#trust));
    const gone = removedBy(changes);
    const stayed = new Set(before.flatMap((l) => (gone.has(l.leaf) ? [] : [l.leaf])));
    const told = {
      kind: "commit" as const,
      sender,
      counter,
      added: describe(
        after.filter((l) => !stayed.has(l.leaf)),
        contextOf(this.#trust),
      ),
      removed: describe(
        before.filter((l) => gone.has(l.leaf)),
        contextOf(this.#trust),
      ),
    };
    if (result.newState.groupActiveState.kind !== "active") return told;
    const led = heard(turned(course, changes, before, after), claimer, leaf, counter);
    return { ...told, next: new Group(result.newState, led, this.#trust) };
  }

  /**
   * This state once the visitor has told a joiner who answers: a device that is a member, or nobody. What was heard
   * since stands, and a device that is no member is nobody's claim. Throws PolicyError.
   */
  led(device: string | undefined): Group {
    const { claimer } = this.#course;
    const leaf =
      device === undefined ? undefined : this.members().find((m) => m.kind === "device" && m.device === device)?.leaf;
    if ((device !== undefined && leaf === undefined) || (claimer !== "unknown" && claimer !== leaf))
      throw new PolicyError("claim");
    return new Group(this.#state, { ...this.#course, claimer: leaf }, this.#trust);
  }

  /**
   * The roster's device that is proposed to be let in, `alone` or beside the claimer. Throws PolicyError where it may
   * not be.
   */
  proposed(kommun: string, device: string, alone: boolean): RosterDevice {
    return decideProposed(kommun, device, alone, this.members(), contextOf(this.#trust));
  }

  /**
   * This state of a commit that waited, with what was heard in the epoch before it, `until` it took effect: whoever
   * stays goes on counting from there.
   */
  since(until: Group): Group {
    const before = leavesOf(until.#state.ratchetTree);
    const own = this.#state.privatePath.leafIndex;
    const stayed = leavesOf(this.#state.ratchetTree).filter(
      (l) => l.leaf !== own && before.some((b) => b.leaf === l.leaf && equal(b.key, l.key)),
    );
    return new Group(this.#state, caughtUp(this.#course, until.#course, stayed), this.#trust);
  }

  /**
   * Overwrites this group's keys, except those that `keep` still needs; nothing works afterwards. As good as script can
   * do it: the engine may have copied them.
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

/** The state as ts-mls encodes it, and what is remembered beside it. */
export const groupForm = bytesForm<{ readonly inner: Uint8Array; readonly course: Course }>("group", {
  put: (w, { inner, course }) => putCourse(w.opaque(inner), course),
  get: (r) => ({ inner: r.opaque(), course: readCourse(r) }),
});

/** Payloads are padded before they come here. */
const messagePadding: ClientConfig["paddingConfig"] = { kind: "alwaysPad", paddingLength: 0 };
/** To a multiple, with the patch in `patches/ts-mls.json`. */
const commitPadding: ClientConfig["paddingConfig"] = { kind: "padUntilLength", padUntilLength: 256 };

function config(paddingConfig: ClientConfig["paddingConfig"]): ClientConfig {
  return {
    // 0 generations: what was skipped stays unreadable. 1 epoch, as 0 would keep every one; `settle` drops that one
    // too.
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
  return [
    ...Object.values(state.keySchedule),
    ...ratchets,
    ...Object.values(state.privatePath.privateKeys),
    state.signaturePrivateKey,
  ];
}

function changeOf(p: ProposalOrRef): Change {
  if (p.proposalOrRefType === "reference") return { kind: "reference" };
  const { proposal } = p;
  if (proposal.proposalType === "add" && "add" in proposal) {
    decideKeyPackage(proposal.add.keyPackage.extensions.map((e) => e.extensionType));
    return { kind: "add", leaf: view(proposal.add.keyPackage.leafNode) };
  }
  if (proposal.proposalType === "remove" && "remove" in proposal)
    return { kind: "remove", leaf: proposal.remove.removed };
  return { kind: "other" };
}

function removal(leaf: number): Proposal {
  return { proposalType: "remove", remove: { removed: leaf } };
}
