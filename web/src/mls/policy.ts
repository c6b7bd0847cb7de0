import { equal } from "../wire/bytes.ts";
import { decodeIdentity } from "./credential.ts";
import type { Role, Roster, RosterDevice } from "./roster.ts";

/** The one place that decides who may be in a group and what a commit may do (spec §7.4). No I/O, and nothing of ts-mls. */

export type Member =
  | { readonly leaf: number; readonly kind: "visitor" }
  /** Alias and role are empty for a device that the newest roster does not hold any more. */
  | { readonly leaf: number; readonly kind: "device"; readonly device: string; readonly alias: string; readonly role: Role | "" };

export type Rule =
  // §7.4 rule 1: who may be a leaf
  | "visitor_leaf" | "identity" | "kommun" | "unknown_device" | "device_key" | "device_expired" | "device_twice"
  // rules 2 to 4: what a commit may do
  | "add_by_device" | "remove_visitor" | "remove_nobody" | "by_reference" | "proposal" | "standalone_proposal" | "wire_format"
  | "authenticated_data" | "identity_changed" | "outcome"
  // rule 5: how one may join
  | "own_leaf" | "epoch" | "signer" | "group" | "tree"
  // §7.1 and §7.3
  | "suite" | "extension" | "lifetime";

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
  /** Unix seconds. */
  readonly now: number;
}

const day = 86400;

/** Whether devices of this role are added when a conversation is opened (spec §6.1). */
export function takesIntake(role: Role): boolean {
  return role !== "interpreter";
}

/** The roster's device for a leaf, if the leaf is a valid device of the kommun; throws PolicyError. */
export function validDevice(leaf: Omit<Leaf, "leaf">, c: Context): RosterDevice {
  const identity = leaf.identity && decodeIdentity(leaf.identity);
  if (identity?.kind !== "device") throw new PolicyError("identity");
  if (identity.kommun !== c.kommun || c.roster.kommun !== c.kommun) throw new PolicyError("kommun");
  const device = c.roster.devices.find((d) => d.id === identity.device);
  if (!device) throw new PolicyError("unknown_device");
  if (!equal(device.key, leaf.key)) throw new PolicyError("device_key");
  if (device.expires <= c.now) throw new PolicyError("device_expired");
  if (leaf.extensions.length !== 0) throw new PolicyError("extension");
  return device;
}

/** Rule 1 for a whole tree, as on joining: leaf 0 is the one visitor, and every other leaf is a valid device. Throws PolicyError. */
export function decideTree(leaves: readonly Leaf[], c: Context): void {
  decideShape(leaves);
  for (const leaf of leaves) if (leaf.leaf !== 0) validDevice(leaf, c);
}

/** Whether this sender may commit these proposals in this tree. Throws PolicyError. */
export function decideCommit(sender: number, changes: readonly Change[], before: readonly Leaf[], c: Context): void {
  decideSender(sender, before, c);
  const remaining = new Set(before.map((leaf) => leaf.leaf));
  for (const change of changes) {
    switch (change.kind) {
      case "add":
        if (sender !== 0) throw new PolicyError("add_by_device");
        validDevice(change.leaf, c);
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
}

/** Whether this leaf may speak at all: a device may only while it is valid. Throws PolicyError. */
export function decideSender(sender: number, leaves: readonly Leaf[], c: Context): void {
  if (sender === 0) return;
  const leaf = leaves.find((l) => l.leaf === sender);
  if (!leaf) throw new PolicyError("identity");
  validDevice(leaf, c);
}

/**
 * Judges the tree that a commit left: it holds what the judged proposals say and nothing else, and whoever stayed is who they were.
 * A commit carries its sender's new leaf outside the proposals, and this is where that leaf is looked at. Throws PolicyError.
 * A device that stayed may have become invalid since it was added: the visitor's client removes it, and others need not lose the group.
 */
export function decideOutcome(changes: readonly Change[], before: readonly Leaf[], after: readonly Leaf[]): void {
  decideShape(after);
  const gone = new Set(changes.flatMap((change) => (change.kind === "remove" ? [change.leaf] : [])));
  const stayed = before.filter((leaf) => !gone.has(leaf.leaf));
  for (const was of stayed) {
    const is = after.find((leaf) => leaf.leaf === was.leaf);
    if (!is || !same(was, is)) throw new PolicyError("identity_changed");
  }
  const added = changes.flatMap((change) => (change.kind === "add" ? [change.leaf] : []));
  const fresh = after.filter((leaf) => !stayed.some((was) => was.leaf === leaf.leaf));
  if (fresh.length !== added.length || !fresh.every((leaf) => added.some((a) => same(a, leaf)))) throw new PolicyError("outcome");
}

/** Rule 5's part that is not the tree: a Welcome comes from the visitor, for epoch 1 or later. Throws PolicyError. */
export function decideJoin(signer: number, epoch: bigint, ownLeaf: number): void {
  if (signer !== 0) throw new PolicyError("signer");
  if (epoch < 1n) throw new PolicyError("epoch");
  if (ownLeaf === 0) throw new PolicyError("own_leaf");
}

/**
 * Whether a tree may be walked through at all, before anything else is asked of it: each `unmerged` is a leaf that an inner node
 * names, and one beyond the tree would be a path without end. A roster names 64 devices, so that 128 leaves hold every group; a
 * stranger's Welcome could otherwise hold a reader up with 100,000 empty ones. Throws PolicyError.
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

/** A key package's lifetime holds `now` and is no longer than three days (spec §7.3). Unix seconds. Throws PolicyError. */
export function decideLifetime(notBefore: bigint, notAfter: bigint, now: number): void {
  const at = BigInt(now);
  if (at < notBefore || at > notAfter || notAfter - notBefore > BigInt(3 * day)) throw new PolicyError("lifetime");
}

/** First and last second of a key package for a day counted from 1970-01-01 UTC (spec §7.3). */
export function lifetimeOf(dayNumber: number): { notBefore: bigint; notAfter: bigint } {
  return { notBefore: BigInt((dayNumber - 1) * day), notAfter: BigInt((dayNumber + 2) * day) };
}

/** Names for the leaves of a tree that was judged before. */
export function describe(leaves: readonly Leaf[], roster: Roster): Member[] {
  return leaves.map((leaf): Member => {
    const identity = leaf.identity && decodeIdentity(leaf.identity);
    if (identity?.kind !== "device") return { leaf: leaf.leaf, kind: "visitor" };
    const listed = roster.devices.find((d) => d.id === identity.device);
    return { leaf: leaf.leaf, kind: "device", device: identity.device, alias: listed?.alias ?? "", role: listed?.role ?? "" };
  });
}

/** Leaf 0 is a visitor, every other leaf a device, none twice. */
function decideShape(leaves: readonly Leaf[]): void {
  const devices = new Set<string>();
  for (const { leaf, identity: bytes, extensions } of leaves) {
    const identity = bytes && decodeIdentity(bytes);
    if (!identity) throw new PolicyError("identity");
    if ((identity.kind === "visitor") !== (leaf === 0)) throw new PolicyError("visitor_leaf");
    if (extensions.length !== 0) throw new PolicyError("extension");
    if (identity.kind === "device") {
      if (devices.has(identity.device)) throw new PolicyError("device_twice");
      devices.add(identity.device);
    }
  }
  if (!leaves.some((leaf) => leaf.leaf === 0)) throw new PolicyError("visitor_leaf");
}

function same(a: Omit<Leaf, "leaf">, b: Omit<Leaf, "leaf">): boolean {
  return a.identity !== undefined && b.identity !== undefined && equal(a.identity, b.identity) && equal(a.key, b.key);
}
