import type { Bound } from "../wire/bound.ts";
import { equal } from "../wire/bytes.ts";
import { decodeIdentity } from "./credential.ts";
import { type Role, type Roster, type RosterDevice, takesIntake } from "./roster.ts";

/**
 * The one place that decides who may be in a group and what a commit may do (spec §7.4). No I/O, and nothing of ts-mls.
 */

export type Member =
  | { readonly leaf: number; readonly kind: "visitor" }
  /** Alias and role are empty for a device that the newest roster does not hold any more. */
  | {
      readonly leaf: number;
      readonly kind: "device";
      readonly kommun: string;
      readonly device: string;
      readonly alias: string;
      readonly role: Role | "";
    };

export type Rule =
  // §7.4 rule 1: who may be a leaf
  | "visitor_leaf"
  | "identity"
  | "kommun"
  | "unknown_device"
  | "device_key"
  | "device_expired"
  | "device_twice"
  | "roster_expired"
  // rules 2 to 4: what a commit may do
  | "add_by_device"
  | "remove_visitor"
  | "remove_nobody"
  | "by_reference"
  | "proposal"
  | "standalone_proposal"
  | "wire_format"
  | "authenticated_data"
  | "counter"
  | "identity_changed"
  | "outcome"
  // §8: who speaks, and who may be proposed
  | "not_claimer"
  | "claim"
  | "proposed"
  // rule 5: how one may join
  | "own_leaf"
  | "epoch"
  | "signer"
  | "group"
  | "tree"
  // §7.1 and §7.3
  | "suite"
  | "extension"
  | "lifetime";

/** Somebody broke the rules of the group, or asks us to. `rule` names the one. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly rule: Rule;
  constructor(rule: Rule) {
    super(rule);
    this.rule = rule;
  }
}

/** A leaf of the tree, or of a key package, as far as policy needs it. */
export interface Leaf {
  readonly leaf: number;
  /** The basic credential's identity; undefined for another type of credential. */
  readonly identity: Uint8Array | undefined;
  /** Signature key. */
  readonly key: Uint8Array;
  /** Types of the leaf's extensions. */
  readonly extensions: readonly unknown[];
}

/** What a proposal does; `other` stands for every kind that this protocol has no use for. */
export type Change =
  | { readonly kind: "add"; readonly leaf: Omit<Leaf, "leaf"> }
  | { readonly kind: "remove"; readonly leaf: number }
  | { readonly kind: "other" }
  | { readonly kind: "reference" };

export interface Context {
  readonly kommun: string;
  /** The newest accepted one. */
  readonly roster: Roster;
  /** Other kommuner whose team keys are pinned, with their newest roster, where one was needed. */
  readonly partners?: readonly Partner[];
  /** Unix seconds. */
  readonly now: number;
}

export interface Partner {
  readonly kommun: string;
  readonly roster: Roster | undefined;
}

const day = 86400;

/**
 * The roster that a kommun's devices are judged by: null where the kommun is none of ours, undefined where it was not
 * loaded yet.
 */
export function rosterOf(kommun: string, c: Context): Roster | undefined | null {
  if (kommun === c.kommun) return c.roster.kommun === kommun ? c.roster : null;
  const partner = c.partners?.find((p) => p.kommun === kommun);
  return partner ? partner.roster : null;
}

/**
 * The leaf of the device that answers (spec §8); undefined while there is none. "unknown" to a member that came later:
 * the first device that speaks is the claimer, since the others would not have let another one.
 */
export type Claimer = number | "unknown" | undefined;

/** What a group knows of its course beyond the MLS state. */
export interface Course {
  readonly claimer: Claimer;
  /** The last counter of each leaf; a leaf without one was there before we came and has not been heard. */
  readonly counters: ReadonlyMap<number, bigint>;
}

/** The roster's device for a leaf, if the leaf is a valid device of the kommun; throws PolicyError. */
export function validDevice(leaf: Omit<Leaf, "leaf">, c: Context): RosterDevice {
  const identity = leaf.identity && decodeIdentity(leaf.identity);
  if (identity?.kind !== "device") throw new PolicyError("identity");
  const roster = rosterOf(identity.kommun, c);
  if (roster === null) throw new PolicyError("kommun");
  const device = roster?.devices.find((d) => d.id === identity.device);
  if (!device) throw new PolicyError("unknown_device");
  if (!equal(device.key, leaf.key)) throw new PolicyError("device_key");
  if (device.expires <= c.now) throw new PolicyError("device_expired");
  if (leaf.extensions.length !== 0) throw new PolicyError("extension");
  return device;
}

/** Whether a leaf may be added: a valid device, by a roster that is itself in force. Throws PolicyError. */
export function decideAdd(leaf: Omit<Leaf, "leaf">, c: Context): RosterDevice {
  const identity = leaf.identity && decodeIdentity(leaf.identity);
  const roster = identity?.kind === "device" ? rosterOf(identity.kommun, c) : undefined;
  if (roster && roster.expires <= c.now) throw new PolicyError("roster_expired");
  return validDevice(leaf, c);
}

/**
 * Whether a claimer may propose this device of a kommun (spec §8, «Proposals»): one of a roster in force, valid, not a
 * member, and, where it would be alone with the visitor, one that may claim. Throws PolicyError.
 */
export function decideProposed(
  kommun: string,
  device: string,
  alone: boolean,
  members: readonly Member[],
  c: Context,
): RosterDevice {
  const roster = rosterOf(kommun, c);
  if (!roster) throw new PolicyError("kommun");
  if (roster.expires <= c.now) throw new PolicyError("roster_expired");
  const listed = roster.devices.find((d) => d.id === device);
  if (!listed) throw new PolicyError("unknown_device");
  if (listed.expires <= c.now) throw new PolicyError("device_expired");
  if (members.some((m) => m.kind === "device" && m.device === device)) throw new PolicyError("device_twice");
  if (alone && !takesIntake(listed.role)) throw new PolicyError("proposed");
  return listed;
}

/**
 * A whole tree, as on joining: leaf 0 is the one visitor, and every other leaf has the form of a device. Only the own
 * leaf must be valid: what has become of the others meanwhile is no reason to stay outside. Throws PolicyError.
 */
export function decideTree(leaves: readonly Leaf[], own: number, c: Context): void {
  decideShape(leaves, c);
  const leaf = leaves.find((l) => l.leaf === own);
  if (!leaf) throw new PolicyError("own_leaf");
  validDevice(leaf, c);
}

/** Whether this sender may commit these proposals in this tree; returns who answers once it did. Throws PolicyError. */
export function decideCommit(
  sender: number,
  changes: readonly Change[],
  before: readonly Leaf[],
  claimer: Claimer,
  c: Context,
): Claimer {
  const device = decideSender(sender, before, c);
  const remaining = new Set(before.map((leaf) => leaf.leaf));
  for (const change of changes) {
    switch (change.kind) {
      case "add":
        if (sender !== 0) throw new PolicyError("add_by_device");
        decideAdd(change.leaf, c);
        break;
      case "remove":
        if (change.leaf === 0) throw new PolicyError("remove_visitor");
        if (!remaining.delete(change.leaf)) throw new PolicyError("remove_nobody");
        break;
      case "reference":
        throw new PolicyError("by_reference");
      case "other":
        throw new PolicyError("proposal");
    }
  }
  if (!device) return typeof claimer === "number" && !remaining.has(claimer) ? undefined : claimer;
  if (claimer === undefined)
    decideClaim(
      device,
      before.filter((l) => l.leaf !== 0 && l.leaf !== sender && remaining.has(l.leaf)),
      c,
    );
  else if (claimer !== "unknown" && claimer !== sender) throw new PolicyError("not_claimer");
  return sender;
}

/** A claim is by a device that takes part in intake, and keeps at most one other such device. Throws PolicyError. */
function decideClaim(device: RosterDevice, kept: readonly Leaf[], c: Context): void {
  if (!takesIntake(device.role) || kept.length > 1) throw new PolicyError("claim");
  for (const leaf of kept) {
    const identity = leaf.identity && decodeIdentity(leaf.identity);
    const listed =
      identity?.kind === "device"
        ? rosterOf(identity.kommun, c)?.devices.find((d) => d.id === identity.device)
        : undefined;
    // One that the roster does not hold any more is the visitor's to remove, and no reason to lose the group.
    if (listed && !takesIntake(listed.role)) throw new PolicyError("claim");
  }
}

/**
 * Whether this leaf may commit: a device only while it is valid. Returns the roster's device; none for the visitor.
 * Throws PolicyError.
 */
export function decideSender(sender: number, leaves: readonly Leaf[], c: Context): RosterDevice | undefined {
  if (sender === 0) return undefined;
  const leaf = leaves.find((l) => l.leaf === sender);
  if (!leaf) throw new PolicyError("identity");
  return validDevice(leaf, c);
}

/**
 * Whether this leaf is a device that was valid and is not any more. What it said before lies in the mailbox still (spec
 * §7.4, rule 1): it is counted, and not shown. Throws PolicyError for what never was in order.
 */
export function isStruck(sender: number, leaves: readonly Leaf[], c: Context): boolean {
  try {
    decideSender(sender, leaves, c);
    return false;
  } catch (error) {
    if (error instanceof PolicyError && (error.rule === "unknown_device" || error.rule === "device_expired"))
      return true;
    throw error;
  }
}

/**
 * The devices among the members that the newest rosters hold no more, or as expired: the visitor's client removes them.
 */
export function lapsed(members: readonly Member[], c: Context): string[] {
  return members.flatMap((m) => {
    if (m.kind !== "device") return [];
    const roster = rosterOf(m.kommun, c);
    return roster === undefined || roster?.devices.some((d) => d.id === m.device && d.expires > c.now)
      ? []
      : [m.device];
  });
}

/**
 * Whether this leaf, valid or `struck`, may send an application message; returns who answers once it did. Throws
 * PolicyError.
 */
export function decideSpeaker(
  sender: number,
  leaves: readonly Leaf[],
  claimer: Claimer,
  c: Context,
  struck = false,
): Claimer {
  if (!struck && !decideSender(sender, leaves, c)) return claimer;
  if (claimer !== "unknown" && claimer !== sender) throw new PolicyError("not_claimer");
  return sender;
}

/**
 * What a message says of its frame is what it does, and its counter follows its sender's last: a member that goes back,
 * or a relay that leaves something out, shows here. Throws PolicyError.
 */
export function decideBound(
  bound: Bound,
  sender: number,
  does: { readonly opens: readonly string[]; readonly closes: readonly string[] },
  counters: Course["counters"],
): void {
  const last = counters.get(sender);
  if (bound.counter < 1n || (last !== undefined && bound.counter !== last + 1n)) throw new PolicyError("counter");
  if (!sameDevices(bound.opens, does.opens) || !sameDevices(bound.closes, does.closes))
    throw new PolicyError("authenticated_data");
}

function sameDevices(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set(a).size === a.length && b.every((device) => a.includes(device));
}

/** The device that a leaf says it is; empty for the visitor. */
export function deviceOf(leaf: Omit<Leaf, "leaf">): string {
  const identity = leaf.identity && decodeIdentity(leaf.identity);
  return identity?.kind === "device" ? identity.device : "";
}

/**
 * Judges the tree that a commit left: it holds what the judged proposals say and nothing else, and whoever stayed is
 * who they were. A commit carries its sender's new leaf outside the proposals, and this is where that leaf is looked
 * at. Throws PolicyError. A device that stayed may have become invalid since it was added: the visitor's client removes
 * it, and others need not lose the group.
 */
export function decideOutcome(
  changes: readonly Change[],
  before: readonly Leaf[],
  after: readonly Leaf[],
  c: Context,
): void {
  decideShape(after, c);
  const gone = new Set(changes.flatMap((change) => (change.kind === "remove" ? [change.leaf] : [])));
  const stayed = before.filter((leaf) => !gone.has(leaf.leaf));
  for (const was of stayed) {
    const is = after.find((leaf) => leaf.leaf === was.leaf);
    if (!is || !same(was, is)) throw new PolicyError("identity_changed");
  }
  const added = changes.flatMap((change) => (change.kind === "add" ? [change.leaf] : []));
  const fresh = after.filter((leaf) => !stayed.some((was) => was.leaf === leaf.leaf));
  if (fresh.length !== added.length || !fresh.every((leaf) => added.some((a) => same(a, leaf))))
    throw new PolicyError("outcome");
}

/** Rule 5's part that is not the tree: a Welcome comes from the visitor, for epoch 1 or later. Throws PolicyError. */
export function decideJoin(signer: number, epoch: bigint, ownLeaf: number): void {
  if (signer !== 0) throw new PolicyError("signer");
  if (epoch < 1n) throw new PolicyError("epoch");
  if (ownLeaf === 0) throw new PolicyError("own_leaf");
}

/**
 * Whether a tree may be walked through at all, before anything else is asked of it: each `unmerged` is a leaf that an
 * inner node names, and one beyond the tree would be a path without end. A roster names 64 devices, so that 128 leaves
 * hold every group; a stranger's Welcome could otherwise hold a reader up with 100,000 empty ones. Throws PolicyError.
 */
export function decideSize(nodes: number, unmerged: readonly number[]): void {
  if (nodes > 255 || unmerged.some((leaf) => 2 * leaf >= nodes)) throw new PolicyError("tree");
}

/** The key package extension by which one key package serves for its whole day. */
export const lastResort = 0x000a;

/** A key package carries `last_resort` and no other extension (spec §7.1). Throws PolicyError. */
export function decideKeyPackage(extensions: readonly unknown[]): void {
  if (extensions.length !== 1 || extensions[0] !== lastResort) throw new PolicyError("extension");
}

/**
 * A key package's lifetime holds `now` and is no longer than three days (spec §7.3). Unix seconds. Throws PolicyError.
 */
export function decideLifetime(notBefore: bigint, notAfter: bigint, now: number): void {
  const at = BigInt(now);
  if (at < notBefore || at > notAfter || notAfter - notBefore > BigInt(3 * day)) throw new PolicyError("lifetime");
}

/** First and last second of a key package for a day counted from 1970-01-01 UTC (spec §7.3). */
export function lifetimeOf(dayNumber: number): { notBefore: bigint; notAfter: bigint } {
  return { notBefore: BigInt((dayNumber - 1) * day), notAfter: BigInt((dayNumber + 2) * day) };
}

/** Names for the leaves of a tree that was judged before. */
export function describe(leaves: readonly Leaf[], c: Context): Member[] {
  return leaves.map((leaf): Member => {
    const identity = leaf.identity && decodeIdentity(leaf.identity);
    if (identity?.kind !== "device") return { leaf: leaf.leaf, kind: "visitor" };
    const { kommun, device } = identity;
    const listed = rosterOf(kommun, c)?.devices.find((d) => d.id === device);
    return { leaf: leaf.leaf, kind: "device", kommun, device, alias: listed?.alias ?? "", role: listed?.role ?? "" };
  });
}

/**
 * Leaf 0 is a visitor, every other leaf a device of the kommun or of a partner, none twice, and with the roster's key
 * where the roster has it.
 */
function decideShape(leaves: readonly Leaf[], c: Context): void {
  const devices = new Set<string>();
  for (const { leaf, identity: bytes, key, extensions } of leaves) {
    const identity = bytes && decodeIdentity(bytes);
    if (!identity) throw new PolicyError("identity");
    if ((identity.kind === "visitor") !== (leaf === 0)) throw new PolicyError("visitor_leaf");
    if (extensions.length !== 0) throw new PolicyError("extension");
    if (identity.kind === "device") {
      const roster = rosterOf(identity.kommun, c);
      if (roster === null) throw new PolicyError("kommun");
      const listed = roster?.devices.find((d) => d.id === identity.device);
      if (listed && !equal(listed.key, key)) throw new PolicyError("device_key");
      if (devices.has(identity.device)) throw new PolicyError("device_twice");
      devices.add(identity.device);
    }
  }
  if (!leaves.some((leaf) => leaf.leaf === 0)) throw new PolicyError("visitor_leaf");
}

function same(a: Omit<Leaf, "leaf">, b: Omit<Leaf, "leaf">): boolean {
  return a.identity !== undefined && b.identity !== undefined && equal(a.identity, b.identity) && equal(a.key, b.key);
}
