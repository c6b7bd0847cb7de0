import { describe, expect, test } from "vitest";
import { decodeIdentity, encodeIdentity } from "../../src/mls/credential.ts";
import {
  decideCommit, decideJoin, decideKeyPackage, decideLifetime, decideOutcome, decideSize, decideTree, describe as name, lastResort, lifetimeOf,
  takesIntake, validDevice, type Change, type Context, type Leaf, type Rule,
} from "../../src/mls/policy.ts";
import { roles, type Roster } from "../../src/mls/roster.ts";

/** The rules by themselves, with trees that no real group would reach. */

const kommun = "botkyrka";
const now = 1_800_000_000;
const id = (n: number) => n.toString(16).padStart(16, "0");
const key = (n: number) => new Uint8Array(32).fill(n);

const roster: Roster = {
  kommun, serial: 1n, issued: now, expires: now + 1, note: "",
  devices: [1, 2, 3].map((n) => ({ id: id(n), role: "coordinator" as const, languages: ["sv"], expires: now + n, key: key(n), alias: `Sara ${n}` })),
};
const c: Context = { kommun, roster, now };

const visitor: Leaf = { leaf: 0, identity: encodeIdentity({ kind: "visitor" }), key: key(99), extensions: [] };
const device = (leaf: number, n = leaf, o: Partial<Leaf> = {}): Leaf => ({
  leaf, identity: encodeIdentity({ kind: "device", kommun, device: id(n) }), key: key(n), extensions: [], ...o,
});
const tree = [visitor, device(1), device(2)];
const addOf = (leaf: Leaf): Change => ({ kind: "add", leaf });
const broke = (rule: Rule) => expect.objectContaining({ name: "PolicyError", rule });

describe("a device", () => {
  test("is the roster's, with its key, until its certificate ends", () => {
    expect(validDevice(device(1), c).alias).toBe("Sara 1");
    const faults: [Rule, Leaf, Context?][] = [
      ["identity", visitor],
      ["identity", device(1, 1, { identity: undefined })],
      ["identity", device(1, 1, { identity: new Uint8Array(3) })],
      ["kommun", device(1, 1, { identity: encodeIdentity({ kind: "device", kommun: "solna", device: id(1) }) })],
      ["kommun", device(1), { ...c, roster: { ...roster, kommun: "solna" } }],
      ["unknown_device", device(1, 4)],
      ["device_key", device(1, 1, { key: key(2) })],
      ["device_expired", device(1), { ...c, now: now + 1 }],
      ["extension", device(1, 1, { extensions: [lastResort] })],
    ];
    for (const [rule, leaf, context] of faults) expect(() => validDevice(leaf, context ?? c)).toThrow(broke(rule));
  });

  test("takes intake unless it is an interpreter's", () => {
    expect(roles.filter(takesIntake)).toEqual(["coordinator", "caseworker", "peer", "lead"]);
  });
});

describe("a tree", () => {
  test("has one visitor, at leaf 0, and valid devices, each once", () => {
    decideTree(tree, c);
    decideTree([visitor], c);
    const faults: [Rule, Leaf[]][] = [
      ["visitor_leaf", []],
      ["visitor_leaf", [device(1)]],
      ["visitor_leaf", [device(0, 1), device(1, 2)]],
      ["visitor_leaf", [visitor, { ...visitor, leaf: 3 }]],
      ["identity", [{ ...visitor, identity: undefined }, device(1)]],
      ["identity", [visitor, device(1, 1, { identity: Uint8Array.of(0) })]],
      ["extension", [{ ...visitor, extensions: [1] }]],
      ["device_twice", [visitor, device(1), device(2, 1)]],
      ["unknown_device", [visitor, device(1), device(2, 9)]],
      ["device_key", [visitor, device(1, 1, { key: key(7) })]],
    ];
    for (const [rule, leaves] of faults) expect(() => decideTree(leaves, c)).toThrow(broke(rule));
  });
});

describe("a commit", () => {
  test("of the visitor adds valid devices and removes devices", () => {
    decideCommit(0, [], tree, c);
    decideCommit(0, [addOf(device(3)), { kind: "remove", leaf: 1 }], tree, c);
    expect(() => decideCommit(0, [addOf(device(4))], tree, c)).toThrow(broke("unknown_device"));
    expect(() => decideCommit(0, [addOf(visitor)], tree, c)).toThrow(broke("identity"));
    expect(() => decideCommit(0, [{ kind: "remove", leaf: 0 }], tree, c)).toThrow(broke("remove_visitor"));
    expect(() => decideCommit(0, [{ kind: "remove", leaf: 3 }], tree, c)).toThrow(broke("remove_nobody"));
    const twice: Change[] = [{ kind: "remove", leaf: 1 }, { kind: "remove", leaf: 1 }];
    expect(() => decideCommit(0, twice, tree, c)).toThrow(broke("remove_nobody"));
  });

  test("of a device removes devices or nothing", () => {
    decideCommit(1, [], tree, c);
    decideCommit(1, [{ kind: "remove", leaf: 2 }], tree, c);
    expect(() => decideCommit(1, [addOf(device(3))], tree, c)).toThrow(broke("add_by_device"));
    expect(() => decideCommit(1, [{ kind: "remove", leaf: 2 }, { kind: "remove", leaf: 0 }], tree, c)).toThrow(broke("remove_visitor"));
  });

  test("of a device that is no member, or not valid any more, is refused", () => {
    expect(() => decideCommit(5, [], tree, c)).toThrow(broke("identity"));
    expect(() => decideCommit(1, [], tree, { ...c, now: now + 1 })).toThrow(broke("device_expired"));
  });

  test("of anybody has no other proposal, and none by reference", () => {
    for (const sender of [0, 1]) {
      expect(() => decideCommit(sender, [{ kind: "other" }], tree, c)).toThrow(broke("proposal"));
      expect(() => decideCommit(sender, [{ kind: "reference" }], tree, c)).toThrow(broke("by_reference"));
    }
  });
});

describe("the outcome of a commit", () => {
  const removed: Change[] = [{ kind: "remove", leaf: 1 }];

  test("is what the proposals say", () => {
    decideOutcome([], tree, tree);
    decideOutcome(removed, tree, [visitor, device(2)]);
    decideOutcome([addOf(device(9, 3))], tree, [...tree, device(3)]);
    // The freed place is taken again.
    decideOutcome([...removed, addOf(device(9, 3))], tree, [visitor, device(1, 3), device(2)]);
  });

  test.each<[string, Rule, Change[], Leaf[]]>([
    ["somebody more", "outcome", [], [...tree, device(3)]],
    ["somebody else than was added", "outcome", [addOf(device(3, 3))], [...tree, device(3, 4)]],
    ["nobody, though one was added", "outcome", [addOf(device(3))], tree],
    ["one who was removed", "outcome", removed, tree],
    ["not one who stayed", "identity_changed", [], [visitor, device(1)]],
    ["another device at a leaf", "identity_changed", [], [visitor, device(1), device(2, 3)]],
    ["another key at a leaf", "identity_changed", [], [{ ...visitor, key: key(98) }, device(1), device(2)]],
    ["two visitors", "visitor_leaf", [], [visitor, { ...visitor, leaf: 1 }, device(2)]],
    ["no visitor", "visitor_leaf", [], [device(1), device(2)]],
    ["an extension", "extension", [], [visitor, device(1, 1, { extensions: [1] }), device(2)]],
    ["a device twice", "device_twice", [addOf(device(3, 1))], [...tree, device(3, 1)]],
  ])("with %s is refused", (_, rule, changes, after) => {
    expect(() => decideOutcome(changes, tree, after)).toThrow(broke(rule));
  });

  test("keeps a device that has become invalid meanwhile", () => {
    const stale = [visitor, device(1, 9)];
    decideOutcome([], stale, stale);
  });
});

describe("joining", () => {
  test("is into a tree that can be walked through", () => {
    decideSize(255, [0, 127]);
    expect(() => decideSize(511, [])).toThrow(broke("tree"));
    expect(() => decideSize(255, [128])).toThrow(broke("tree"));
  });

  test("is by the visitor's Welcome, at epoch 1 or later, and not as the visitor", () => {
    decideJoin(0, 1n, 1);
    expect(() => decideJoin(1, 1n, 2)).toThrow(broke("signer"));
    expect(() => decideJoin(0, 0n, 1)).toThrow(broke("epoch"));
    expect(() => decideJoin(0, 1n, 0)).toThrow(broke("own_leaf"));
  });
});

describe("a key package", () => {
  test("has last_resort and nothing else", () => {
    decideKeyPackage([lastResort]);
    for (const bad of [[], [lastResort, lastResort], [1], ["ratchet_tree"]]) expect(() => decideKeyPackage(bad)).toThrow(broke("extension"));
  });

  test("is current within three days around its day", () => {
    const { notBefore, notAfter } = lifetimeOf(20_000);
    expect(notBefore).toBe(BigInt(19_999 * 86400));
    expect(notAfter - notBefore).toBe(BigInt(3 * 86400));
    decideLifetime(notBefore, notAfter, Number(notBefore));
    decideLifetime(notBefore, notAfter, Number(notAfter));
    expect(() => decideLifetime(notBefore, notAfter, Number(notBefore) - 1)).toThrow(broke("lifetime"));
    expect(() => decideLifetime(notBefore, notAfter, Number(notAfter) + 1)).toThrow(broke("lifetime"));
    expect(() => decideLifetime(notBefore, notAfter + 1n, Number(notAfter))).toThrow(broke("lifetime"));
    expect(() => decideLifetime(0n, (1n << 64n) - 1n, now)).toThrow(broke("lifetime"));
  });
});

test("members are named by the roster; who has left it is named no more", () => {
  expect(name([visitor, device(1), device(2, 9)], roster)).toEqual([
    { leaf: 0, kind: "visitor" },
    { leaf: 1, kind: "device", device: id(1), alias: "Sara 1", role: "coordinator" },
    { leaf: 2, kind: "device", device: id(9), alias: "", role: "" },
  ]);
});

test("an identity has one encoding", () => {
  const visitorBytes = encodeIdentity({ kind: "visitor" });
  expect(new TextDecoder().decode(visitorBytes)).toBe("\x0futvag.1 visitor");
  expect(decodeIdentity(visitorBytes)).toEqual({ kind: "visitor" });
  const bytes = encodeIdentity({ kind: "device", kommun, device: id(1) });
  expect(decodeIdentity(bytes)).toEqual({ kind: "device", kommun, device: id(1) });
  for (const bad of [new Uint8Array(), Uint8Array.of(...visitorBytes, 0), bytes.slice(0, -1), Uint8Array.of(...bytes, 0), visitorBytes.slice(1)]) {
    expect(decodeIdentity(bad)).toBeUndefined();
  }
  expect(() => encodeIdentity({ kind: "device", kommun, device: "zz" })).toThrow();
});
