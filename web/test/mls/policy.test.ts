import { describe, expect, test } from "vitest";
import { decodeIdentity, encodeIdentity } from "../../src/mls/credential.ts";
import {
  decideCommit,
  decideJoin,
  decideKeyPackage,
  decideLifetime,
  decideOutcome,
  decideSize,
  decideTree,
  describe as name,
  lastResort,
  lifetimeOf,
  decideBound,
  decideSpeaker,
  validDevice,
  type Change,
  type Context,
  type Leaf,
  type Rule,
} from "../../src/mls/policy.ts";
import { roles, takesIntake, type Roster } from "../../src/mls/roster.ts";

/** The rules by themselves, with trees that no real group would reach. */

const kommun = "botkyrka";
const now = 1_800_000_000;
const id = (n: number) => n.toString(16).padStart(16, "0");
const key = (n: number) => new Uint8Array(32).fill(n);

const roster: Roster = {
  kommun,
  serial: 1n,
  issued: now,
  expires: now + 100,
  note: "",
  devices: [1, 2, 3].map((n) => ({
    id: id(n),
    role: "coordinator" as const,
    languages: ["sv"],
    expires: now + n,
    key: key(n),
    alias: `Sara ${n}`,
  })),
};
const c: Context = { kommun, roster, now };

const visitor: Leaf = { leaf: 0, identity: encodeIdentity({ kind: "visitor" }), key: key(99), extensions: [] };
const device = (leaf: number, n = leaf, o: Partial<Leaf> = {}): Leaf => ({
  leaf,
  identity: encodeIdentity({ kind: "device", kommun, device: id(n) }),
  key: key(n),
  extensions: [],
  ...o,
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
  test("has one visitor, at leaf 0, and devices, each once; the own one is valid", () => {
    decideTree(tree, 1, c);
    decideTree([visitor, device(1), device(2, 9)], 1, c);
    const faults: [Rule, Leaf[]][] = [
      ["visitor_leaf", []],
      ["visitor_leaf", [device(1)]],
      ["visitor_leaf", [device(0, 1), device(1, 2)]],
      ["visitor_leaf", [visitor, { ...visitor, leaf: 3 }]],
      ["identity", [{ ...visitor, identity: undefined }, device(1)]],
      ["identity", [visitor, device(1, 1, { identity: Uint8Array.of(0) })]],
      ["extension", [{ ...visitor, extensions: [1] }]],
      ["device_twice", [visitor, device(1), device(2, 1)]],
      ["unknown_device", [visitor, device(1, 9), device(2)]],
      ["own_leaf", [visitor, device(2)]],
      [
        "kommun",
        [
          visitor,
          device(1),
          device(2, 2, { identity: encodeIdentity({ kind: "device", kommun: "solna", device: id(2) }) }),
        ],
      ],
      ["device_key", [visitor, device(1), device(2, 2, { key: key(7) })]],
      ["device_key", [visitor, device(1, 1, { key: key(7) })]],
    ];
    for (const [rule, leaves] of faults) expect(() => decideTree(leaves, 1, c)).toThrow(broke(rule));
  });
});

describe("a commit", () => {
  test("of the visitor adds valid devices and removes devices", () => {
    decideCommit(0, [], tree, undefined, c);
    decideCommit(0, [addOf(device(3)), { kind: "remove", leaf: 1 }], tree, undefined, c);
    expect(() => decideCommit(0, [addOf(device(4))], tree, undefined, c)).toThrow(broke("unknown_device"));
    expect(() =>
      decideCommit(0, [addOf(device(3))], tree, undefined, { ...c, roster: { ...roster, expires: now } }),
    ).toThrow(broke("roster_expired"));
    expect(() => decideCommit(0, [addOf(visitor)], tree, undefined, c)).toThrow(broke("identity"));
    expect(() => decideCommit(0, [{ kind: "remove", leaf: 0 }], tree, undefined, c)).toThrow(broke("remove_visitor"));
    expect(() => decideCommit(0, [{ kind: "remove", leaf: 3 }], tree, undefined, c)).toThrow(broke("remove_nobody"));
    const twice: Change[] = [
      { kind: "remove", leaf: 1 },
      { kind: "remove", leaf: 1 },
    ];
    expect(() => decideCommit(0, twice, tree, undefined, c)).toThrow(broke("remove_nobody"));
  });

  test("of a device removes devices or nothing", () => {
    decideCommit(1, [], tree, undefined, c);
    decideCommit(1, [{ kind: "remove", leaf: 2 }], tree, undefined, c);
    expect(() => decideCommit(1, [addOf(device(3))], tree, undefined, c)).toThrow(broke("add_by_device"));
    expect(() =>
      decideCommit(
        1,
        [
          { kind: "remove", leaf: 2 },
          { kind: "remove", leaf: 0 },
        ],
        tree,
        undefined,
        c,
      ),
    ).toThrow(broke("remove_visitor"));
  });

  test("of a device that is no member, or not valid any more, is refused", () => {
    expect(() => decideCommit(5, [], tree, undefined, c)).toThrow(broke("identity"));
    expect(() => decideCommit(1, [], tree, undefined, { ...c, now: now + 1 })).toThrow(broke("device_expired"));
  });

  test("of anybody has no other proposal, and none by reference", () => {
    for (const sender of [0, 1]) {
      expect(() => decideCommit(sender, [{ kind: "other" }], tree, undefined, c)).toThrow(broke("proposal"));
      expect(() => decideCommit(sender, [{ kind: "reference" }], tree, undefined, c)).toThrow(broke("by_reference"));
    }
  });
});

describe("who answers", () => {
  const more = [...tree, device(3)];
  const remove = (leaf: number): Change => ({ kind: "remove", leaf });
  const rolled = (n: number, role: "interpreter" | "peer"): Context => ({
    ...c,
    roster: { ...roster, devices: roster.devices.map((d) => (d.id === id(n) ? { ...d, role } : d)) },
  });

  test("is the device whose commit removes every other, or every other but one", () => {
    expect(decideCommit(1, [remove(2), remove(3)], more, undefined, c)).toBe(1);
    expect(decideCommit(1, [remove(3)], more, undefined, rolled(1, "peer"))).toBe(1);
    expect(decideCommit(1, [], [visitor, device(1)], undefined, c)).toBe(1);
    expect(() => decideCommit(1, [], more, undefined, c)).toThrow(broke("claim"));
    expect(() => decideCommit(1, [remove(2), remove(3)], more, undefined, rolled(1, "interpreter"))).toThrow(
      broke("claim"),
    );
    expect(() => decideCommit(1, [remove(3)], more, undefined, rolled(2, "interpreter"))).toThrow(broke("claim"));
    // One that the roster holds no more is the visitor's to remove.
    expect(decideCommit(1, [], [visitor, device(1), device(2, 9)], undefined, c)).toBe(1);
  });

  test("commits on, until it is removed; nobody else does", () => {
    expect(decideCommit(1, [], more, 1, c)).toBe(1);
    expect(decideCommit(1, [remove(2)], more, 1, c)).toBe(1);
    expect(() => decideCommit(2, [remove(1), remove(3)], more, 1, c)).toThrow(broke("not_claimer"));
    expect(decideCommit(0, [remove(2)], more, 1, c)).toBe(1);
    expect(decideCommit(0, [remove(1)], more, 1, c)).toBe(undefined);
    expect(decideCommit(0, [], more, undefined, c)).toBe(undefined);
  });

  test("alone sends application messages besides the visitor", () => {
    expect(decideSpeaker(0, more, undefined, c)).toBe(undefined);
    expect(decideSpeaker(0, more, 2, c)).toBe(2);
    expect(decideSpeaker(2, more, 2, c)).toBe(2);
    for (const claimer of [undefined, 1])
      expect(() => decideSpeaker(2, more, claimer, c)).toThrow(broke("not_claimer"));
    expect(() => decideSpeaker(2, more, 2, { ...c, now: now + 2 })).toThrow(broke("device_expired"));
  });

  test("is to one who came later the first that speaks", () => {
    expect(decideSpeaker(2, more, "unknown", c)).toBe(2);
    expect(decideCommit(2, [], more, "unknown", c)).toBe(2);
    expect(decideCommit(0, [remove(1)], more, "unknown", c)).toBe("unknown");
  });
});

describe("what a message says of its frame", () => {
  const none = { opens: [], closes: [] };
  const counters = new Map([[1, 4n]]);

  test("is what it does, in any order, each once", () => {
    decideBound(
      { counter: 5n, opens: [id(1)], closes: [id(2), id(3)] },
      1,
      { opens: [id(1)], closes: [id(3), id(2)] },
      counters,
    );
    for (const bad of [
      { opens: [id(1)], closes: [] },
      { opens: [], closes: [id(1)] },
    ]) {
      expect(() => decideBound({ counter: 5n, ...bad }, 1, none, counters)).toThrow(broke("authenticated_data"));
      expect(() => decideBound({ counter: 5n, ...none }, 1, bad, counters)).toThrow(broke("authenticated_data"));
    }
    const twice = { opens: [], closes: [id(1), id(1)] };
    expect(() => decideBound({ counter: 5n, ...twice }, 1, { opens: [], closes: [id(1), id(2)] }, counters)).toThrow(
      broke("authenticated_data"),
    );
  });

  test("follows its sender's last counter; the first of one heard for the first time is any but 0", () => {
    decideBound({ counter: 5n, ...none }, 1, none, counters);
    for (const counter of [0n, 4n, 6n])
      expect(() => decideBound({ counter, ...none }, 1, none, counters)).toThrow(broke("counter"));
    decideBound({ counter: 17n, ...none }, 2, none, counters);
    expect(() => decideBound({ counter: 0n, ...none }, 2, none, counters)).toThrow(broke("counter"));
  });
});

describe("the outcome of a commit", () => {
  const removed: Change[] = [{ kind: "remove", leaf: 1 }];

  test("is what the proposals say", () => {
    decideOutcome([], tree, tree, c);
    decideOutcome(removed, tree, [visitor, device(2)], c);
    decideOutcome([addOf(device(9, 3))], tree, [...tree, device(3)], c);
    // The freed place is taken again.
    decideOutcome([...removed, addOf(device(9, 3))], tree, [visitor, device(1, 3), device(2)], c);
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
    expect(() => decideOutcome(changes, tree, after, c)).toThrow(broke(rule));
  });

  test("keeps a device that has become invalid meanwhile", () => {
    const stale = [visitor, device(1, 9)];
    decideOutcome([], stale, stale, c);
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
    for (const bad of [[], [lastResort, lastResort], [1], ["ratchet_tree"]])
      expect(() => decideKeyPackage(bad)).toThrow(broke("extension"));
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
  expect(name([visitor, device(1), device(2, 9)], { kommun, roster, now })).toEqual([
    { leaf: 0, kind: "visitor" },
    { leaf: 1, kind: "device", kommun, device: id(1), alias: "Sara 1", role: "coordinator" },
    { leaf: 2, kind: "device", kommun, device: id(9), alias: "", role: "" },
  ]);
});

test("an identity has one encoding", () => {
  const visitorBytes = encodeIdentity({ kind: "visitor" });
  expect(new TextDecoder().decode(visitorBytes)).toBe("\x0futvag.1 visitor");
  expect(decodeIdentity(visitorBytes)).toEqual({ kind: "visitor" });
  const bytes = encodeIdentity({ kind: "device", kommun, device: id(1) });
  expect(decodeIdentity(bytes)).toEqual({ kind: "device", kommun, device: id(1) });
  for (const bad of [
    new Uint8Array(),
    Uint8Array.of(...visitorBytes, 0),
    bytes.slice(0, -1),
    Uint8Array.of(...bytes, 0),
    visitorBytes.slice(1),
  ]) {
    expect(decodeIdentity(bad)).toBeUndefined();
  }
  expect(() => encodeIdentity({ kind: "device", kommun, device: "zz" })).toThrow();
});
