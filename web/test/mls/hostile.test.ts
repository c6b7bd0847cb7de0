import { joinGroupExternal, createGroupInfoWithExternalPubAndRatchetTree } from "ts-mls/createCommit.js";
import { createApplicationMessage, createProposal } from "ts-mls/createMessage.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js";
import type { Proposal } from "ts-mls/proposal.js";
import type { PreSharedKeyID } from "ts-mls/presharedkey.js";
import { describe, expect, test } from "vitest";
import { encodeIdentity } from "../../src/mls/credential.ts";
import { encodeBound } from "../../src/wire/bound.ts";
import { Group } from "../../src/mls/group.ts";
import { checkKeyPackage } from "../../src/mls/keypackage.ts";
import type { Rule } from "../../src/mls/policy.ts";
import { suite, suiteName } from "../../src/mls/provider.ts";
import { encodePayload } from "../../src/wire/payload.ts";
import { add, keyPackageOf, rawCommit, rawGroup, rawKeyPackage, rawOf, rawProcess, remove } from "./raw.ts";
import {
  addOf,
  claimOf,
  follow,
  kommun,
  makeStaff,
  makeTeam,
  nextOf,
  now,
  openWith,
  opensOf,
  readText,
  removeOf,
  rosterOf,
  sealText,
  trustIn,
} from "./world.ts";

const broke = (rule: Rule) => expect.objectContaining({ name: "PolicyError", rule });

const pskId: PreSharedKeyID = { psktype: "external", pskId: Uint8Array.of(1, 2, 3), pskNonce: new Uint8Array(64) };
const psks = { findPsk: () => new Uint8Array(64).fill(9) };

/** Everybody refuses it, though a member without our rules would take it; and everybody goes on as before. */
async function everybodyRefuses(
  world: Awaited<ReturnType<typeof openWith>>,
  sender: number,
  message: Uint8Array,
  rule: Rule,
  raw = "newState",
): Promise<void> {
  const groups = [world.visitor, ...world.devices].filter((g) => g.self.leaf !== sender);
  for (const group of groups) {
    expect((await rawProcess(rawOf(group), message, psks)).kind).toBe(raw);
    await expect(group.open(message)).rejects.toEqual(broke(rule));
  }
  const text = await sealText(world.visitor, "vidare");
  expect((await readText(groups.at(-1)!, text.message)).text).toBe("vidare");
}

describe("a device's commit", () => {
  test("that adds a device", async () => {
    const team = await makeTeam(3);
    const world = await openWith(team.slice(0, 2), await rosterOf(team));
    const { message } = await rawCommit(rawOf(world.devices[0]!), {
      extraProposals: [add(keyPackageOf(team[2]!.own.keyPackage))],
    });
    await everybodyRefuses(world, 1, message, "add_by_device");
  });

  test("that removes the visitor", async () => {
    const world = await openWith(await makeTeam(3));
    const { message } = await rawCommit(rawOf(world.devices[0]!), { extraProposals: [remove(0)] });
    await everybodyRefuses(world, 1, message, "remove_visitor");
  });

  test("that makes its own leaf a second visitor", async () => {
    const world = await openWith(await makeTeam(2));
    const state = rawOf(world.devices[0]!);
    const tree = state.ratchetTree.slice();
    const own = tree[2]!;
    if (own.nodeType !== "leaf") throw new Error("not a leaf");
    tree[2] = {
      ...own,
      leaf: { ...own.leaf, credential: { credentialType: "basic", identity: encodeIdentity({ kind: "visitor" }) } },
    };
    const { message } = await rawCommit({ ...state, ratchetTree: tree }, {});
    await everybodyRefuses(world, 1, message, "visitor_leaf");
  });

  test("that brings an extension in its new leaf", async () => {
    const world = await openWith(await makeTeam(2));
    const state = rawOf(world.devices[0]!);
    const tree = state.ratchetTree.slice();
    const own = tree[2]!;
    if (own.nodeType !== "leaf") throw new Error("not a leaf");
    tree[2] = {
      ...own,
      leaf: { ...own.leaf, extensions: [{ extensionType: 0x000a, extensionData: new Uint8Array(8) }] },
    };
    const { message } = await rawCommit({ ...state, ratchetTree: tree }, {});
    await everybodyRefuses(world, 1, message, "extension");
  });

  test("after its certificate was taken back or has run out; its messages are counted, and marked", async () => {
    for (const change of ["revoked", "expired", "key"] as const) {
      const team = await makeTeam(3);
      const world = await openWith(team);
      const claim = await claimOf(world.devices[0]!);
      const text = await sealText(claim.next, "x");
      const claimed = await follow(world.visitor, claim.message);
      const before = world.trust.current;
      if (change === "revoked") world.trust.current = await rosterOf(team.slice(1), 8);
      if (change === "key") {
        world.trust.current = {
          ...before,
          devices: before.devices.map((d) => (d.id === team[0]!.id ? { ...d, key: new Uint8Array(32) } : d)),
        };
      }
      if (change === "expired") world.trust.clock = now + 30 * 86400;
      const rule = { revoked: "unknown_device", expired: "device_expired", key: "device_key" } as const;
      await expect(world.visitor.open(claim.message)).rejects.toEqual(broke(rule[change]));
      if (change === "key") await expect(claimed.open(text.message)).rejects.toEqual(broke(rule[change]));
      else expect(await claimed.open(text.message)).toMatchObject({ kind: "application", struck: true });
      if (change === "expired") continue;
      // The rest goes on, and the visitor can put the device out.
      const out = await removeOf(world.visitor, [team[0]!.id]);
      const after = await follow(world.devices[1]!, out.message);
      expect(after.members().map((m) => m.leaf)).toEqual([0, 2, 3]);
    }
  });
});

describe("anybody's commit", () => {
  const unwanted: [string, Proposal][] = [
    [
      "GroupContextExtensions",
      { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } },
    ],
    ["PreSharedKey", { proposalType: "psk", psk: { preSharedKeyId: pskId } }],
    [
      "ReInit",
      {
        proposalType: "reinit",
        reinit: { groupId: new Uint8Array(32), version: "mls10", cipherSuite: suiteName, extensions: [] },
      },
    ],
    ["an unknown proposal", { proposalType: 0x1234, proposalData: new Uint8Array(3) }],
  ];
  test.each(unwanted)("with %s", async (_, proposal) => {
    const world = await openWith(await makeTeam(2));
    for (const [leaf, sender] of [world.visitor, world.devices[0]!].entries()) {
      const { message } = await rawCommit(rawOf(sender), { extraProposals: [proposal] }, { pskIndex: psks });
      await everybodyRefuses(world, leaf, message, "proposal");
    }
  });

  test("that names a proposal by reference, and the stand-alone proposal itself; neither blocks sending", async () => {
    const world = await openWith(await makeTeam(3));
    const { message, newState } = await createProposal(rawOf(world.visitor), false, remove(3), suite);
    const proposal = encodeMlsMessage(message);
    const victim = world.devices[0]!;
    const careless = await rawProcess(rawOf(victim), proposal);
    await expect(victim.open(proposal)).rejects.toEqual(broke("standalone_proposal"));
    const commit = await rawCommit(newState, {});
    // A member that kept the proposal would take the commit.
    if (careless.kind !== "newState") throw new Error("not a proposal");
    expect((await rawProcess({ ...careless.newState }, commit.message)).kind).toBe("newState");
    await expect(victim.open(commit.message)).rejects.toEqual(broke("by_reference"));
    expect((await follow(world.visitor, (await claimOf(victim)).message)).claimer).toEqual(victim.self);
  });

  test("or proposal as PublicMessage, and an external commit", async () => {
    const world = await openWith(await makeTeam(2));
    const { message } = await rawCommit(rawOf(world.visitor), { wireAsPublicMessage: true });
    await expect(world.devices[0]!.open(message)).rejects.toEqual(broke("wire_format"));
    const open = await createProposal(rawOf(world.visitor), true, remove(2), suite);
    await expect(world.devices[0]!.open(encodeMlsMessage(open.message))).rejects.toEqual(broke("wire_format"));

    const info = await createGroupInfoWithExternalPubAndRatchetTree(rawOf(world.devices[0]!), [], suite);
    const stranger = await rawKeyPackage({ kind: "device", kommun, device: "f".repeat(16) });
    const { publicMessage } = await joinGroupExternal(
      info,
      stranger.publicPackage,
      stranger.privatePackage,
      false,
      suite,
    );
    const external = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage });
    await expect(world.visitor.open(external)).rejects.toEqual(broke("wire_format"));
  });

  test("or message with authenticated data, which the relay could read", async () => {
    const world = await openWith(await makeTeam(2));
    const aad = new TextEncoder().encode("read me");
    const { message } = await rawCommit(rawOf(world.devices[0]!), { authenticatedData: aad });
    await everybodyRefuses(world, 1, message, "authenticated_data");
    const empty = await rawCommit(rawOf(world.devices[0]!), { authenticatedData: new Uint8Array() });
    await everybodyRefuses(world, 1, empty.message, "authenticated_data");
    const sealed = await createApplicationMessage(
      rawOf(world.visitor),
      encodePayload({ kind: "text", text: "x" }),
      suite,
      aad,
    );
    const text = encodeMlsMessage({
      version: "mls10",
      wireformat: "mls_private_message",
      privateMessage: sealed.privateMessage,
    });
    await expect(world.devices[0]!.open(text)).rejects.toEqual(broke("authenticated_data"));
  });
});

describe("a frame that says something else than its message", () => {
  const said = (counter: bigint, opens: string[] = [], closes: string[] = []) =>
    encodeBound({ counter, opens, closes });

  test("is refused: a commit that closes or opens others than it removes or adds", async () => {
    const team = await makeTeam(3);
    const world = await openWith(team.slice(0, 2), await rosterOf(team));
    const [first, second, third] = [team[0]!.id, team[1]!.id, team[2]!.id];
    const commits: [number, Parameters<typeof rawCommit>[1]][] = [
      [1, { extraProposals: [remove(2)], authenticatedData: said(1n) }],
      [1, { extraProposals: [remove(2)], authenticatedData: said(1n, [], [first]) }],
      [1, { authenticatedData: said(1n, [], [second]) }],
      [1, { authenticatedData: said(1n, [third], []) }],
      [0, { extraProposals: [add(keyPackageOf(team[2]!.own.keyPackage))], authenticatedData: said(1n) }],
      [
        0,
        {
          extraProposals: [add(keyPackageOf(team[2]!.own.keyPackage))],
          authenticatedData: said(1n, [third], [second]),
        },
      ],
    ];
    for (const [sender, options] of commits) {
      const { message } = await rawCommit(rawOf(sender === 0 ? world.visitor : world.devices[0]!), options);
      await everybodyRefuses(world, sender, message, "authenticated_data");
    }
  });

  test("is refused: a first message that opens others than the members, and a later one that opens anybody", async () => {
    const world = await openWith(await makeTeam(2));
    const payload = encodePayload({ kind: "text", text: "x" });
    const [reader] = world.devices;
    for (const opens of [[], [world.staff[0]!.id], [...opensOf(world.visitor), "0".repeat(16)]]) {
      const { message } = await world.visitor.seal(payload, 1n, opens);
      await expect(reader!.open(message)).rejects.toEqual(broke("authenticated_data"));
    }
    const first = await sealText(world.visitor, "x");
    const second = await first.next.seal(payload, 2n, [world.staff[0]!.id]);
    await expect((await readText(reader!, first.message)).next.open(second.message)).rejects.toEqual(
      broke("authenticated_data"),
    );
  });

  test("is refused: a counter that skips one, comes again or goes back, in messages and commits, through a stored state", async () => {
    const world = await openWith(await makeTeam(2));
    const payload = encodePayload({ kind: "text", text: "x" });
    const first = await sealText(world.visitor, "x");
    const reader = Group.decode((await readText(world.devices[0]!, first.message)).next.encode(), world.trust);
    for (const counter of [0n, 1n, 3n]) {
      await expect(reader.open((await first.next.seal(payload, counter)).message)).rejects.toEqual(broke("counter"));
      await expect(reader.open((await first.next.remove([], counter)).message)).rejects.toEqual(broke("counter"));
    }
    await follow(reader, (await first.next.remove([], 2n)).message);
    // Each leaf has its own counters, and a claim does not begin anew.
    const claim = await reader.claim(1n);
    const claimed = await follow(first.next, claim.message);
    for (const counter of [1n, 3n]) {
      await expect(claimed.open((await claim.next.seal(payload, counter)).message)).rejects.toEqual(broke("counter"));
    }
    expect((await claimed.open((await claim.next.seal(payload, 2n)).message)).counter).toBe(2n);
  });

  test("a device that is added again begins anew, and is heard from its first message on", async () => {
    const team = await makeTeam(2);
    const world = await openWith(team);
    const out = await removeOf(world.visitor, [team[1]!.id]);
    const back = await addOf(out.next, team[1]!);
    const joined = await Group.join(back.welcome!, team[1]!.own, team[1]!.id, team[1]!.seed, world.trust);
    expect(nextOf(joined)).toBe(1n);
    const late = await joined.claim(2n);
    await expect(back.next.open(late.message)).rejects.toEqual(broke("counter"));
    expect((await follow(back.next, (await joined.claim(1n)).message)).claimer?.leaf).toBe(joined.self.leaf);
  });
});

describe("who answers", () => {
  const payload = encodePayload({ kind: "text", text: "x" });

  test("before a claim no device speaks or commits but by a claim, and none can be made to", async () => {
    const world = await openWith(await makeTeam(3));
    const [device] = world.devices;
    await expect(device!.seal(payload, 1n)).rejects.toEqual(broke("not_claimer"));
    await expect(device!.remove([], 1n)).rejects.toEqual(broke("claim"));
    const spoken = await createApplicationMessage(
      rawOf(device!),
      payload,
      suite,
      encodeBound({ counter: 1n, opens: [], closes: [] }),
    );
    const text = encodeMlsMessage({
      version: "mls10",
      wireformat: "mls_private_message",
      privateMessage: spoken.privateMessage,
    });
    await everybodyRefuses(world, 1, text, "not_claimer", "applicationMessage");
    await everybodyRefuses(world, 1, (await rawCommit(rawOf(device!), {})).message, "claim");
  });

  test("a claim may keep one device, which reads and is silent until the claimer is gone, and then may claim", async () => {
    const world = await openWith(await makeTeam(3));
    const [first, second] = world.devices;
    const claim = await first!.remove([world.staff[2]!.id], 1n);
    const visitor = await follow(world.visitor, claim.message);
    const kept = Group.decode((await follow(second!, claim.message)).encode(), world.trust);
    for (const group of [visitor, kept, claim.next])
      expect(group.claimer).toMatchObject({ leaf: 1, device: world.staff[0]!.id });
    const secret = await sealText(visitor, "hemligt");
    expect((await readText(kept, secret.message)).text).toBe("hemligt");
    await expect(kept.seal(payload, 1n)).rejects.toEqual(broke("not_claimer"));
    await expect(kept.claim(1n)).rejects.toEqual(broke("not_claimer"));
    const usurped = await rawCommit(rawOf(kept), { extraProposals: [remove(1)] });
    await expect(visitor.open(usurped.message)).rejects.toEqual(broke("not_claimer"));
    // The claimer's own commits go on.
    await follow(visitor, (await claim.next.remove([world.staff[1]!.id], 2n)).message);

    const out = await removeOf(visitor, [world.staff[0]!.id]);
    expect(out.next.claimer).toBeUndefined();
    const free = await follow(kept, out.message);
    expect(free.claimer).toBeUndefined();
    const again = await free.claim(1n);
    expect((await follow(out.next, again.message)).claimer).toMatchObject({ device: world.staff[1]!.id });
  });

  test("a claim that keeps two, keeps an interpreter, or comes from one is refused", async () => {
    const world = await openWith(await makeTeam(4));
    const two = await rawCommit(rawOf(world.devices[0]!), { extraProposals: [remove(4)] });
    await everybodyRefuses(world, 1, two.message, "claim");

    const pair = await openWith(await makeTeam(2));
    const { current } = pair.trust;
    const claims = await Promise.all([0, 1].map(async (i) => (await rawCommit(rawOf(pair.devices[i]!), {})).message));
    const asInterpreter = (id: string) => ({
      ...current,
      devices: current.devices.map((d) => (d.id === id ? { ...d, role: "interpreter" as const } : d)),
    });
    pair.trust.current = asInterpreter(pair.staff[0]!.id);
    for (const message of claims) await expect(pair.visitor.open(message)).rejects.toEqual(broke("claim"));
    pair.trust.current = current;
    for (const message of claims) expect((await pair.visitor.open(message)).kind).toBe("commit");
  });
});

describe("a member that is not valid any more", () => {
  test("is no reason to refuse another's claim, and goes with it", async () => {
    const team = await makeTeam(3);
    const world = await openWith(team);
    world.trust.current = await rosterOf(team.slice(0, 1), 8);
    const claim = await claimOf(world.devices[0]!);
    expect((await follow(world.visitor, claim.message)).members()).toHaveLength(2);
  });

  test("a roster that has expired stays in force for the members, and lets nobody in", async () => {
    const team = await makeTeam(3);
    const world = await openWith(team.slice(0, 2), await rosterOf(team));
    const more = await addOf(world.visitor, team[2]!);
    world.trust.clock = world.trust.current.expires;
    await expect(world.devices[0]!.open(more.message)).rejects.toEqual(broke("roster_expired"));
    await expect(addOf(world.visitor, team[2]!)).rejects.toEqual(broke("roster_expired"));
    const claim = await claimOf(world.devices[0]!);
    const claimed = await follow(world.visitor, claim.message);
    expect((await readText(claimed, (await sealText(claim.next, "jag är kvar")).message)).text).toBe("jag är kvar");
  });

  test("a key package is good to join with when its lifetime is over", async () => {
    const [sara] = await makeTeam(1);
    const world = await openWith([sara!]);
    const { trust } = world;
    trust.clock = now + 8 * 86400;
    expect((await Group.join(world.welcome, sara!.own, sara!.id, sara!.seed, trust)).members()).toHaveLength(2);
    trust.current = { ...trust.current, expires: now + 9 * 86400 };
    await expect(checkKeyPackage(sara!.id, sara!.own.keyPackage, trust)).rejects.toEqual(broke("lifetime"));
  });
});

describe("a visitor's commit", () => {
  test("that adds whom the roster does not hold, a second visitor, or another key", async () => {
    const world = await openWith(await makeTeam(2));
    const [stranger, other] = [await makeStaff("Falsk"), await makeStaff("Sara", { id: world.staff[1]!.id })];
    const cases: [Rule, Parameters<typeof add>[0]][] = [
      ["unknown_device", keyPackageOf(stranger.own.keyPackage)],
      ["device_key", keyPackageOf(other.own.keyPackage)],
      ["identity", (await rawKeyPackage({ kind: "visitor" })).publicPackage],
      ["kommun", (await rawKeyPackage({ kind: "device", kommun: "solna", device: world.staff[0]!.id })).publicPackage],
    ];
    for (const [rule, keyPackage] of cases) {
      const { message } = await rawCommit(rawOf(world.visitor), { extraProposals: [add(keyPackage)] });
      await everybodyRefuses(world, 0, message, rule);
    }
  });

  test("that adds a key package with another extension than last_resort, or none", async () => {
    const world = await openWith(await makeTeam(2));
    for (const extensions of [
      [],
      [
        { extensionType: 0x000a, extensionData: new Uint8Array() },
        { extensionType: 0x1234, extensionData: new Uint8Array() },
      ],
    ]) {
      const { publicPackage } = await rawKeyPackage(
        { kind: "device", kommun, device: world.staff[0]!.id },
        { extensions },
      );
      const { message } = await rawCommit(rawOf(world.visitor), { extraProposals: [add(publicPackage)] });
      await everybodyRefuses(world, 0, message, "extension");
    }
  });

  test("that changes the visitor's signature key", async () => {
    const world = await openWith(await makeTeam(2));
    const state = rawOf(world.visitor);
    const fresh = await suite.signature.keygen();
    const tree = state.ratchetTree.slice();
    const own = tree[0]!;
    if (own.nodeType !== "leaf") throw new Error("not a leaf");
    tree[0] = { ...own, leaf: { ...own.leaf, signaturePublicKey: fresh.publicKey } };
    const label = (message: Uint8Array) => new TextDecoder().decode(message.slice(1, 20));
    const twoKeys = {
      ...suite,
      signature: {
        ...suite.signature,
        sign: (key: Uint8Array, message: Uint8Array) =>
          suite.signature.sign(label(message) === "MLS 1.0 LeafNodeTBS" ? fresh.signKey : key, message),
      },
    };
    const { message } = await rawCommit({ ...state, ratchetTree: tree }, {}, { suite: twoKeys });
    await everybodyRefuses(world, 0, message, "identity_changed");
  });
});

describe("a Welcome", () => {
  const id = new Uint8Array(32).fill(5);

  async function join(welcome: Uint8Array | undefined, staff: Awaited<ReturnType<typeof makeStaff>>[], known = staff) {
    const own = staff[0]!;
    return Group.join(welcome!, own.own, own.id, own.seed, trustIn(await rosterOf(known)));
  }

  const adds = (staff: readonly Awaited<ReturnType<typeof makeStaff>>[]) =>
    staff.map((s) => add(keyPackageOf(s.own.keyPackage)));

  test("into a group with a device that the roster does not hold is good, with a false key or of another kommun not; the own device must be in it", async () => {
    const [sara, stranger] = [await makeStaff("Sara"), await makeStaff("Falsk")];
    const { welcome } = await rawCommit(await rawGroup(id), { extraProposals: adds([sara, stranger]) });
    expect((await join(welcome, [sara])).members()).toHaveLength(3);
    await expect(join(welcome, [sara], [stranger])).rejects.toEqual(broke("unknown_device"));
    const impostor = await makeStaff("Falsk", { id: stranger.id });
    const forged = await rawCommit(await rawGroup(id), { extraProposals: adds([sara, impostor]) });
    await expect(join(forged.welcome, [sara], [sara, stranger])).rejects.toEqual(broke("device_key"));
    const foreign = await makeStaff("Grannen", { kommun: "solna" });
    const other = await rawCommit(await rawGroup(id), { extraProposals: adds([sara, foreign]) });
    await expect(join(other.welcome, [sara])).rejects.toEqual(broke("kommun"));
  });

  test("into a group with two visitors, or without one at leaf 0", async () => {
    const sara = await makeStaff("Sara");
    const second = (await rawKeyPackage({ kind: "visitor" }, { extensions: [] })).publicPackage;
    const two = await rawCommit(await rawGroup(id), { extraProposals: [...adds([sara]), add(second)] });
    await expect(join(two.welcome, [sara])).rejects.toEqual(broke("visitor_leaf"));

    const start = await rawGroup(id);
    const own = start.ratchetTree[0]!;
    if (own.nodeType !== "leaf") throw new Error("not a leaf");
    const credential = {
      credentialType: "basic" as const,
      identity: encodeIdentity({ kind: "device", kommun, device: "0".repeat(16) }),
    };
    const none = await rawCommit(
      { ...start, ratchetTree: [{ ...own, leaf: { ...own.leaf, credential } }] },
      { extraProposals: adds([sara]) },
    );
    await expect(join(none.welcome, [sara])).rejects.toEqual(broke("visitor_leaf"));
  });

  test("from a device instead of the visitor", async () => {
    const team = await makeTeam(2);
    const world = await openWith(team.slice(0, 1), await rosterOf(team));
    const { welcome } = await rawCommit(rawOf(world.devices[0]!), { extraProposals: adds(team.slice(1)) });
    await expect(join(welcome, [team[1]!], team)).rejects.toEqual(broke("signer"));
  });

  test("with group context extensions, another GroupInfo extension, or without the tree", async () => {
    const sara = await makeStaff("Sara");
    const context = await rawGroup(id, [{ extensionType: 0x000a, extensionData: new Uint8Array() }]);
    const more = [{ extensionType: 0x1234, extensionData: new Uint8Array() }];
    const welcomes = [
      await rawCommit(context, { extraProposals: adds([sara]) }),
      await rawCommit(await rawGroup(id), { extraProposals: adds([sara]), groupInfoExtensions: more }),
      await rawCommit(await rawGroup(id), { extraProposals: adds([sara]), ratchetTreeExtension: false }),
      await rawCommit(await rawGroup(id), {
        extraProposals: adds([sara]),
        groupInfoExtensions: more,
        ratchetTreeExtension: false,
      }),
    ];
    for (const { welcome } of welcomes) await expect(join(welcome, [sara])).rejects.toEqual(broke("extension"));
  });

  test("or key package of another suite, or another kind of message in its place", async () => {
    const sara = await makeStaff("Sara");
    const trust = trustIn(await rosterOf([sara]));
    const other = "MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519";
    const { welcome } = await rawCommit(await rawGroup(id), { extraProposals: adds([sara]) });
    const decoded = decodeMlsMessage(welcome!, 0)![0];
    if (decoded.wireformat !== "mls_welcome") throw new Error("not a Welcome");
    // Nothing authenticates this field: a relay can change it.
    const renamed = encodeMlsMessage({ ...decoded, welcome: { ...decoded.welcome, cipherSuite: other } });
    await expect(join(renamed, [sara])).rejects.toEqual(broke("suite"));
    const keyPackage = { ...keyPackageOf(sara.own.keyPackage), cipherSuite: other } as const;
    const published = encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage });
    await expect(checkKeyPackage(sara.id, published, trust)).rejects.toEqual(broke("suite"));
    await expect(checkKeyPackage(sara.id, welcome!, trust)).rejects.toEqual(broke("wire_format"));
  });

  test("with a pre-shared key, or for a group id of another length", async () => {
    const sara = await makeStaff("Sara");
    const psk: Proposal = { proposalType: "psk", psk: { preSharedKeyId: pskId } };
    const keyed = await rawCommit(await rawGroup(id), { extraProposals: [...adds([sara]), psk] }, { pskIndex: psks });
    await expect(join(keyed.welcome, [sara])).rejects.toEqual(broke("proposal"));
    const short = await rawCommit(await rawGroup(new Uint8Array(16)), { extraProposals: adds([sara]) });
    await expect(join(short.welcome, [sara])).rejects.toEqual(broke("group"));
  });

  test("whose tree would send the reader up a path without end", async () => {
    const team = await makeTeam(2);
    const first = await rawCommit(await rawGroup(id), { extraProposals: adds(team.slice(1)) });
    const tree = first.next.ratchetTree.slice();
    const { publicKey } = await suite.hpke.generateKeyPair();
    const hpkePublicKey = await suite.hpke.exportPublicKey(publicKey);
    tree[1] = {
      nodeType: "parent",
      parent: { hpkePublicKey, parentHash: new Uint8Array(), unmergedLeaves: [0xffffffff] },
    };
    const { welcome } = await rawCommit(
      { ...first.next, ratchetTree: tree },
      { extraProposals: adds(team.slice(0, 1)) },
    );
    await expect(join(welcome, [team[0]!], team)).rejects.toEqual(broke("tree"));
  });

  test("whose tree has hundreds of empty leaves", async () => {
    const team = await makeTeam(2);
    const first = await rawCommit(await rawGroup(id), { extraProposals: adds(team.slice(1)) });
    // Valid in every other way: the first device stands far to the right.
    const tree = [first.next.ratchetTree[0], ...new Array<undefined>(511)];
    tree[510] = first.next.ratchetTree[2];
    const { welcome } = await rawCommit(
      { ...first.next, ratchetTree: tree },
      { extraProposals: adds(team.slice(0, 1)) },
    );
    await expect(join(welcome, [team[0]!], team)).rejects.toEqual(broke("tree"));
  });

  test("for another device's key package, or shown with another device's id or key", async () => {
    const team = await makeTeam(2);
    const world = await openWith(team);
    const [sara, amir] = [team[0]!, team[1]!];
    const outsider = await makeStaff("Ny");
    const trust = trustIn(await rosterOf([...team, outsider]));
    await expect(Group.join(world.welcome, outsider.own, outsider.id, outsider.seed, trust)).rejects.toThrow(
      "not authentic",
    );
    await expect(Group.join(world.welcome, sara.own, amir.id, sara.seed, trust)).rejects.toEqual(broke("own_leaf"));
    await expect(Group.join(world.welcome, sara.own, sara.id, amir.seed, trust)).rejects.toEqual(broke("own_leaf"));
    const mixed = { ...sara.own, secret: amir.own.secret };
    await expect(Group.join(world.welcome, mixed, sara.id, sara.seed, trust)).rejects.toThrow("not authentic");
    await expect(Group.join(sara.own.keyPackage, sara.own, sara.id, sara.seed, trust)).rejects.toEqual(
      broke("wire_format"),
    );
  });

  test("changed anywhere is refused", async () => {
    const team = await makeTeam(1);
    const world = await openWith(team);
    for (let at = 0; at < world.welcome.length; at += 401) {
      const bad = world.welcome.slice();
      bad[at]! ^= 1;
      await expect(Group.join(bad, team[0]!.own, team[0]!.id, team[0]!.seed, world.trust)).rejects.toThrow();
    }
  });
});
