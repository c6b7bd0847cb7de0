import { joinGroupExternal, createGroupInfoWithExternalPubAndRatchetTree } from "ts-mls/createCommit.js";
import { createApplicationMessage, createProposal } from "ts-mls/createMessage.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js";
import type { Proposal } from "ts-mls/proposal.js";
import type { PreSharedKeyID } from "ts-mls/presharedkey.js";
import { describe, expect, test } from "vitest";
import { encodeIdentity } from "../../src/mls/credential.ts";
import { Group, checkKeyPackage } from "../../src/mls/group.ts";
import type { Rule } from "../../src/mls/policy.ts";
import { suite, suiteName } from "../../src/mls/provider.ts";
import { encodePayload } from "../../src/wire/payload.ts";
import { add, keyPackageOf, rawCommit, rawGroup, rawKeyPackage, rawOf, rawProcess, remove } from "./raw.ts";
import { follow, kommun, makeStaff, makeTeam, now, openWith, readText, rosterOf, sealText, trustIn } from "./world.ts";

const broke = (rule: Rule) => expect.objectContaining({ name: "PolicyError", rule });

const pskId: PreSharedKeyID = { psktype: "external", pskId: Uint8Array.of(1, 2, 3), pskNonce: new Uint8Array(64) };
const psks = { findPsk: () => new Uint8Array(64).fill(9) };

/** Everybody refuses it, though a member without our rules would take it; and everybody goes on as before. */
async function everybodyRefuses(world: Awaited<ReturnType<typeof openWith>>, sender: number, message: Uint8Array, rule: Rule): Promise<void> {
  const groups = [world.visitor, ...world.devices].filter((g) => g.self.leaf !== sender);
  for (const group of groups) {
    expect((await rawProcess(rawOf(group), message, psks)).kind).toBe("newState");
    await expect(group.open(message)).rejects.toEqual(broke(rule));
  }
  const text = await sealText(groups[0]!, "vidare");
  expect((await readText(groups.at(-1)!, text.message)).text).toBe("vidare");
}

describe("a device's commit", () => {
  test("that adds a device", async () => {
    const team = await makeTeam(3);
    const world = await openWith(team.slice(0, 2), await rosterOf(team));
    const { message } = await rawCommit(rawOf(world.devices[0]!), { extraProposals: [add(keyPackageOf(team[2]!.own.keyPackage))] });
    await everybodyRefuses(world, 1, message, "add_by_device");
  });

  test("that removes the visitor", async () => {
    const world = await openWith(await makeTeam(3));
    const { message } = await rawCommit(rawOf(world.devices[0]!), { extraProposals: [remove(0)] });
    await everybodyRefuses(world, 1, message, "remove_visitor");
  });

  test("that makes its own leaf a second visitor", async () => {
    const world = await openWith(await makeTeam(3));
    const state = rawOf(world.devices[0]!);
    const tree = state.ratchetTree.slice();
    const own = tree[2]!;
    if (own.nodeType !== "leaf") throw new Error("not a leaf");
    tree[2] = { ...own, leaf: { ...own.leaf, credential: { credentialType: "basic", identity: encodeIdentity({ kind: "visitor" }) } } };
    const { message } = await rawCommit({ ...state, ratchetTree: tree }, {});
    await everybodyRefuses(world, 1, message, "visitor_leaf");
  });

  test("that brings an extension in its new leaf", async () => {
    const world = await openWith(await makeTeam(3));
    const state = rawOf(world.devices[0]!);
    const tree = state.ratchetTree.slice();
    const own = tree[2]!;
    if (own.nodeType !== "leaf") throw new Error("not a leaf");
    tree[2] = { ...own, leaf: { ...own.leaf, extensions: [{ extensionType: 0x000a, extensionData: new Uint8Array(8) }] } };
    const { message } = await rawCommit({ ...state, ratchetTree: tree }, {});
    await everybodyRefuses(world, 1, message, "extension");
  });

  test("after its certificate was taken back or has run out; so with its messages", async () => {
    for (const change of ["revoked", "expired", "key"] as const) {
      const team = await makeTeam(3);
      const world = await openWith(team);
      const claim = await world.devices[0]!.claim();
      const text = await sealText(world.devices[0]!, "x");
      const rest = team.slice(1);
      if (change === "revoked") world.trust.current = await rosterOf(rest, 8);
      if (change === "key") world.trust.current = await rosterOf([...rest, await makeStaff("Sara", { id: team[0]!.id })], 8);
      if (change === "expired") world.trust.clock = now + 30 * 86400;
      const rule = { revoked: "unknown_device", expired: "device_expired", key: "device_key" } as const;
      for (const message of [claim.message, text.message]) {
        await expect(world.visitor.open(message)).rejects.toEqual(broke(rule[change]));
      }
      if (change === "expired") continue;
      // The rest goes on, and the visitor can put the device out.
      const out = await world.visitor.remove([team[0]!.id]);
      const after = await follow(world.devices[1]!, out.message);
      expect(after.members().map((m) => m.leaf)).toEqual([0, 2, 3]);
    }
  });
});

describe("anybody's commit", () => {
  const unwanted: [string, Proposal][] = [
    ["GroupContextExtensions", { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } }],
    ["PreSharedKey", { proposalType: "psk", psk: { preSharedKeyId: pskId } }],
    ["ReInit", { proposalType: "reinit", reinit: { groupId: new Uint8Array(32), version: "mls10", cipherSuite: suiteName, extensions: [] } }],
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
    expect((await readText(world.devices[1]!, (await sealText(victim, "vidare")).message)).text).toBe("vidare");
  });

  test("or proposal as PublicMessage, and an external commit", async () => {
    const world = await openWith(await makeTeam(2));
    const { message } = await rawCommit(rawOf(world.visitor), { wireAsPublicMessage: true });
    await expect(world.devices[0]!.open(message)).rejects.toEqual(broke("wire_format"));
    const open = await createProposal(rawOf(world.visitor), true, remove(2), suite);
    await expect(world.devices[0]!.open(encodeMlsMessage(open.message))).rejects.toEqual(broke("wire_format"));

    const info = await createGroupInfoWithExternalPubAndRatchetTree(rawOf(world.devices[0]!), [], suite);
    const stranger = await rawKeyPackage({ kind: "device", kommun, device: "f".repeat(16) });
    const { publicMessage } = await joinGroupExternal(info, stranger.publicPackage, stranger.privatePackage, false, suite);
    const external = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage });
    await expect(world.visitor.open(external)).rejects.toEqual(broke("wire_format"));
  });

  test("or message with authenticated data, which the relay could read", async () => {
    const world = await openWith(await makeTeam(2));
    const aad = new TextEncoder().encode("read me");
    const { message } = await rawCommit(rawOf(world.devices[0]!), { authenticatedData: aad });
    await everybodyRefuses(world, 1, message, "authenticated_data");
    const sealed = await createApplicationMessage(rawOf(world.visitor), encodePayload({ kind: "text", text: "x" }), suite, aad);
    const text = encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage: sealed.privateMessage });
    await expect(world.devices[0]!.open(text)).rejects.toEqual(broke("authenticated_data"));
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
    for (const extensions of [[], [{ extensionType: 0x000a, extensionData: new Uint8Array() }, { extensionType: 0x1234, extensionData: new Uint8Array() }]]) {
      const { publicPackage } = await rawKeyPackage({ kind: "device", kommun, device: world.staff[0]!.id }, { extensions });
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
        sign: (key: Uint8Array, message: Uint8Array) => suite.signature.sign(label(message) === "MLS 1.0 LeafNodeTBS" ? fresh.signKey : key, message),
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

  const adds = (staff: readonly Awaited<ReturnType<typeof makeStaff>>[]) => staff.map((s) => add(keyPackageOf(s.own.keyPackage)));

  test("into a group with a device that the roster does not hold", async () => {
    const [sara, stranger] = [await makeStaff("Sara"), await makeStaff("Falsk")];
    const { welcome } = await rawCommit(await rawGroup(id), { extraProposals: adds([sara, stranger]) });
    await expect(join(welcome, [sara])).rejects.toEqual(broke("unknown_device"));
    expect((await join(welcome, [sara], [sara, stranger])).members()).toHaveLength(3);
  });

  test("into a group with two visitors, or without one at leaf 0", async () => {
    const sara = await makeStaff("Sara");
    const second = (await rawKeyPackage({ kind: "visitor" }, { extensions: [] })).publicPackage;
    const two = await rawCommit(await rawGroup(id), { extraProposals: [...adds([sara]), add(second)] });
    await expect(join(two.welcome, [sara])).rejects.toEqual(broke("visitor_leaf"));

    const start = await rawGroup(id);
    const own = start.ratchetTree[0]!;
    if (own.nodeType !== "leaf") throw new Error("not a leaf");
    const credential = { credentialType: "basic" as const, identity: encodeIdentity({ kind: "device", kommun, device: "0".repeat(16) }) };
    const none = await rawCommit({ ...start, ratchetTree: [{ ...own, leaf: { ...own.leaf, credential } }] }, { extraProposals: adds([sara]) });
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
      await rawCommit(await rawGroup(id), { extraProposals: adds([sara]), groupInfoExtensions: more, ratchetTreeExtension: false }),
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
    tree[1] = { nodeType: "parent", parent: { hpkePublicKey, parentHash: new Uint8Array(), unmergedLeaves: [0xffffffff] } };
    const { welcome } = await rawCommit({ ...first.next, ratchetTree: tree }, { extraProposals: adds(team.slice(0, 1)) });
    await expect(join(welcome, [team[0]!], team)).rejects.toEqual(broke("tree"));
  });

  test("whose tree has hundreds of empty leaves", async () => {
    const team = await makeTeam(2);
    const first = await rawCommit(await rawGroup(id), { extraProposals: adds(team.slice(1)) });
    // Valid in every other way: the first device stands far to the right.
    const tree = [first.next.ratchetTree[0], ...new Array<undefined>(511)];
    tree[510] = first.next.ratchetTree[2];
    const { welcome } = await rawCommit({ ...first.next, ratchetTree: tree }, { extraProposals: adds(team.slice(0, 1)) });
    await expect(join(welcome, [team[0]!], team)).rejects.toEqual(broke("tree"));
  });

  test("for another device's key package, or shown with another device's id or key", async () => {
    const team = await makeTeam(2);
    const world = await openWith(team);
    const [sara, amir] = [team[0]!, team[1]!];
    const outsider = await makeStaff("Ny");
    const trust = trustIn(await rosterOf([...team, outsider]));
    await expect(Group.join(world.welcome, outsider.own, outsider.id, outsider.seed, trust)).rejects.toThrow("not authentic");
    await expect(Group.join(world.welcome, sara.own, amir.id, sara.seed, trust)).rejects.toEqual(broke("own_leaf"));
    await expect(Group.join(world.welcome, sara.own, sara.id, amir.seed, trust)).rejects.toEqual(broke("own_leaf"));
    const mixed = { ...sara.own, secret: amir.own.secret };
    await expect(Group.join(world.welcome, mixed, sara.id, sara.seed, trust)).rejects.toThrow("not authentic");
    await expect(Group.join(sara.own.keyPackage, sara.own, sara.id, sara.seed, trust)).rejects.toEqual(broke("wire_format"));
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
