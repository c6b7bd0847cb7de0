import { describe, expect, test } from "vitest";
import { CodecError, Writer, decode } from "../../src/wire/codec.ts";
import { Newer } from "../../src/stored/form.ts";
import { Group } from "../../src/mls/group.ts";
import { checkKeyPackage } from "../../src/mls/keypackage.ts";
import { VerificationError } from "../../src/mls/library.ts";
import { PolicyError } from "../../src/mls/policy.ts";
import { encodeBound } from "../../src/wire/bound.ts";
import {
  addOf,
  claimOf,
  follow,
  kommun,
  makeStaff,
  makeTeam,
  now,
  openWith,
  readText,
  removeOf,
  rosterOf,
  sealText,
  today,
  trustIn,
} from "./world.ts";

const broke = (rule: string) => expect.objectContaining({ name: "PolicyError", rule });

describe("open", () => {
  test.each([1, 2, 3, 5, 8])("%i devices read what the visitor writes, and know from whom", async (count) => {
    const { visitor, devices, staff } = await openWith(await makeTeam(count));
    expect(visitor.epoch).toBe(1n);
    expect(visitor.self).toEqual({ leaf: 0, kind: "visitor" });
    expect(visitor.members().slice(1)).toEqual(
      staff.map((s, i) => ({ leaf: i + 1, kind: "device", kommun, device: s.id, alias: s.alias, role: "coordinator" })),
    );
    const sent = await sealText(visitor, "Hej");
    for (const [i, device] of devices.entries()) {
      expect(device.mailbox).toEqual(visitor.mailbox);
      expect(device.self).toMatchObject({ leaf: i + 1, device: staff[i]!.id });
      expect(await readText(device, sent.message)).toMatchObject({ text: "Hej", leaf: 0 });
    }
  });

  test("every member's message names its own leaf", async () => {
    const { visitor, devices } = await openWith(await makeTeam(3));
    for (const [i, device] of devices.entries()) {
      const claim = await claimOf(device);
      const { message } = await sealText(claim.next, "x");
      expect((await readText(await follow(visitor, claim.message), message)).leaf).toBe(i + 1);
    }
  });

  test("only padded payloads are sealed, and the message grows by nothing else", async () => {
    const { visitor } = await openWith(await makeTeam(1));
    await expect(visitor.seal(new Uint8Array(255), 1n)).rejects.toThrow(CodecError);
    const [short, long] = await Promise.all([sealText(visitor, "a"), sealText(visitor, "b".repeat(200))]);
    expect(short.message.length).toBe(long.message.length);
  });

  test("commits are padded to a multiple of 256", async () => {
    const { visitor, devices, staff } = await openWith(await makeTeam(4));
    const commits = await Promise.all([
      ...devices.map(claimOf),
      removeOf(visitor, []),
      removeOf(visitor, [staff[0]!.id]),
    ]);
    for (const { message, bound } of commits) {
      // Header, authenticated data, sender data, length and tag stand outside the padded content.
      const ciphertext = message.length - (2 + 2 + 1 + 32 + 8 + 1 + 1 + encodeBound(bound).length + 1 + 28);
      expect((ciphertext - 16 - 2) % 256).toBe(0);
    }
  });
});

describe("claim", () => {
  test("what was written between a claim and its place in the order is counted by the claimer", async () => {
    const { visitor, devices } = await openWith(await makeTeam(2));
    const intake = await sealText(visitor, "intake");
    const device = (await readText(devices[0]!, intake.message)).next;
    const claim = await claimOf(device);
    const meanwhile = await sealText(intake.next, "meanwhile");
    const until = (await readText(device, meanwhile.message)).next;
    const after = await sealText(await follow(meanwhile.next, claim.message), "after");
    await expect(claim.next.open(after.message)).rejects.toEqual(broke("counter"));
    expect((await readText(claim.next.since(until), after.message)).text).toBe("after");
  });

  test("one who is removed knows it, also where a joiner takes the very leaf", async () => {
    const team = await makeTeam(3);
    const { visitor, devices } = await openWith(team.slice(0, 2), await rosterOf(team));
    const intake = await sealText(visitor, "intake");
    const before = (await readText(devices[0]!, intake.message)).next;
    const { message, bound, next } = await intake.next.change(
      [team[0]!.id, team[1]!.id],
      [{ device: team[2]!.id, keyPackage: team[2]!.own.keyPackage }],
      2n,
    );
    expect(bound).toMatchObject({ opens: [team[2]!.id], closes: [team[0]!.id, team[1]!.id] });
    expect(next.members().map((m) => m.leaf)).toEqual([0, 1]);
    const read = await before.open(message);
    expect(read).toMatchObject({
      kind: "commit",
      removed: [{ device: team[0]!.id }, { device: team[1]!.id }],
      added: [{ device: team[2]!.id }],
    });
    expect(read.next).toBeUndefined();
  });

  test("the claimer and the visitor go on; the others learn who claimed, and cannot read what follows with any state they ever had", async () => {
    const { visitor, devices, staff } = await openWith(await makeTeam(4));
    const intake = await sealText(visitor, "intake");
    const read = await Promise.all(devices.map(async (d) => [d, (await readText(d, intake.message)).next]));
    const claim = await claimOf(read[1]![1]!);
    const visitorAfter = await follow(intake.next, claim.message);
    expect(visitorAfter.members().map((m) => m.leaf)).toEqual([0, 2]);

    const answer = await sealText(claim.next, "Jag heter Sara");
    const back = await readText(visitorAfter, answer.message);
    expect(back).toMatchObject({ text: "Jag heter Sara", leaf: 2 });
    const secret = await sealText(back.next, "mitt namn");
    expect((await readText(answer.next, secret.message)).text).toBe("mitt namn");

    for (const [i, states] of read.entries()) {
      if (i === 1) continue;
      const told = await states[1]!.open(claim.message);
      expect(told).toMatchObject({ kind: "commit", sender: { leaf: 2, device: staff[1]!.id } });
      expect(told.next).toBeUndefined();
      expect(told.kind === "commit" && told.removed.map((m) => m.leaf)).toEqual([1, 3, 4]);
      for (const state of states) {
        for (const message of [answer.message, secret.message])
          await expect(state.open(message)).rejects.toThrow(VerificationError);
        // The relay's word on the epoch is no defence: with the claim's epoch written over it, the keys must still
        // fail.
        const forged = secret.message.slice();
        forged[2 + 2 + 1 + 32 + 7] = Number(state.epoch);
        await expect(state.open(forged)).rejects.toThrow(VerificationError);
      }
    }
  });

  test("two claim at once: the loser drops its commit, reads the winner's, and learns who has it", async () => {
    const { visitor, devices, staff } = await openWith(await makeTeam(3));
    const [won, lost] = await Promise.all([claimOf(devices[0]!), claimOf(devices[2]!)]);
    const after = await follow(visitor, won.message);
    await expect(after.open(lost.message)).rejects.toThrow(VerificationError);
    const told = await devices[2]!.open(won.message);
    expect(told).toMatchObject({ kind: "commit", sender: { device: staff[0]!.id } });
    expect(told.next).toBeUndefined();
    // The state of the lost claim is of no use to it.
    const { message } = await sealText(after, "hej");
    await expect(lost.next.open(message)).rejects.toThrow(VerificationError);
  });

  test("the only device claims with an empty commit, which renews the keys", async () => {
    const { visitor, devices } = await openWith(await makeTeam(1));
    const claim = await claimOf(devices[0]!);
    const told = await visitor.open(claim.message);
    expect(told).toMatchObject({ kind: "commit", sender: { leaf: 1 }, added: [], removed: [] });
    expect(told.next!.epoch).toBe(2n);
    expect(await readText(claim.next, (await sealText(told.next!, "ja")).message)).toMatchObject({ text: "ja" });
  });

  test("the visitor brings in a colleague later, and removes them", async () => {
    const team = await makeTeam(3);
    const { visitor, devices, trust } = await openWith(team.slice(0, 2), await rosterOf(team));
    const claim = await claimOf(devices[0]!);
    const claimed = await follow(visitor, claim.message);
    const colleague = team[2]!;
    const add = await addOf(claimed, colleague);
    const told = await claim.next.open(add.message);
    expect(told).toMatchObject({ kind: "commit", sender: { leaf: 0 }, added: [{ device: colleague.id }], removed: [] });
    const joined = await Group.join(add.welcome!, colleague.own, colleague.id, colleague.seed, trust);
    expect((await readText(joined, (await sealText(told.next!, "hej")).message)).leaf).toBe(1);
    const out = await removeOf(add.next, [colleague.id]);
    expect((await joined.open(out.message)).next).toBeUndefined();
    expect((await follow(told.next!, out.message)).members()).toHaveLength(2);
  });
});

describe("state", () => {
  test("goes on after encode and decode, pending commits included", async () => {
    const { visitor, devices, trust } = await openWith(await makeTeam(2));
    const claim = await claimOf(devices[0]!);
    const stored = claim.next.encode();
    const claimer = Group.decode(stored, trust);
    expect(claimer.encode()).toEqual(stored);
    const after = await follow(Group.decode(visitor.encode(), trust), claim.message);
    const answer = await sealText(claimer, "åter");
    expect((await readText(after, answer.message)).text).toBe("åter");
  });

  test("changed, cut or foreign bytes are refused", async () => {
    const { visitor, trust } = await openWith(await makeTeam(1));
    const bytes = visitor.encode();
    for (const bad of [
      new Uint8Array(),
      bytes.slice(0, -1),
      Uint8Array.of(...bytes, 0),
      Uint8Array.of(0, ...bytes.slice(1)),
      new Uint8Array(64),
    ]) {
      expect(() => Group.decode(bad, trust)).toThrow(CodecError);
    }
    expect(() => Group.decode(Uint8Array.of(9, ...bytes.slice(1)), trust), "a later release's").toThrow(Newer);
    const inner = decode(bytes, (r) => {
      r.uint8();
      const state = r.opaque();
      r.uint32();
      r.opaque();
      return state;
    });
    for (const bad of [Uint8Array.of(...inner, 0), inner.slice(0, -1), new Uint8Array(64)]) {
      expect(() =>
        Group.decode(new Writer().uint8(1).opaque(bad).uint32(0).opaque(new Uint8Array()).bytes(), trust),
      ).toThrow(CodecError);
    }
  });

  test("an operation leaves the group it was called on usable; forget does not, and spares what the next one needs", async () => {
    const { visitor, devices } = await openWith(await makeTeam(2));
    const first = await sealText(visitor, "ett");
    await sealText(visitor, "igen");
    const next = (await readText(devices[0]!, first.message)).next;
    devices[0]!.forget(next);
    const second = await sealText(first.next, "två");
    expect((await readText(next, second.message)).text).toBe("två");
    await expect(devices[0]!.open(first.message)).rejects.toThrow(VerificationError);
    next.forget();
    await expect(next.open(second.message)).rejects.toThrow(VerificationError);
  });
});

describe("open refuses", () => {
  test("what was read before, what is older, and what was changed", async () => {
    const { visitor, devices } = await openWith(await makeTeam(1));
    const one = await sealText(visitor, "ett");
    const two = await sealText(one.next, "två");
    await expect(devices[0]!.open(two.message)).rejects.toEqual(broke("counter"));
    const afterOne = (await readText(devices[0]!, one.message)).next;
    const afterTwo = (await readText(afterOne, two.message)).next;
    await expect(afterTwo.open(two.message)).rejects.toThrow(VerificationError);
    await expect(afterTwo.open(one.message)).rejects.toThrow(VerificationError);
    for (let at = 5; at < one.message.length; at += 13) {
      const bad = one.message.slice();
      bad[at]! ^= 1;
      await expect(devices[0]!.open(bad)).rejects.toThrow();
      await devices[0]!.open(bad).catch((error: unknown) => {
        expect([VerificationError, CodecError, PolicyError].some((kind) => error instanceof kind)).toBe(true);
      });
    }
    expect((await readText(devices[0]!, one.message)).text).toBe("ett");
  });

  test("bytes that are no MLSMessage, have something after them, or are not in their one encoding", async () => {
    const { visitor, devices } = await openWith(await makeTeam(1));
    const { message } = await sealText(visitor, "x");
    const wide = Uint8Array.of(...message.slice(0, 4), 0x40, ...message.slice(4));
    for (const bad of [
      new Uint8Array(),
      new Uint8Array(200),
      Uint8Array.of(...message, 0),
      message.slice(0, -1),
      wide,
    ]) {
      await expect(devices[0]!.open(bad)).rejects.toThrow(CodecError);
    }
  });

  test("its own message, and another group's", async () => {
    const team = await makeTeam(1);
    const [a, b] = [await openWith(team), await openWith(team)];
    const { message } = await sealText(a.visitor, "x");
    await expect(a.visitor.open(message)).rejects.toThrow(VerificationError);
    await expect(b.devices[0]!.open(message)).rejects.toThrow("another group or epoch");
    const renewed = await removeOf(a.visitor, []);
    const after = await follow(a.devices[0]!, renewed.message);
    await expect(after.open(message)).rejects.toThrow("another group or epoch");
    await expect(after.open(renewed.message)).rejects.toThrow(VerificationError);
  });
});

describe("add refuses", () => {
  test("a device that the roster does not hold, another device's key, an expired one, another kommun's", async () => {
    const [sara, stranger] = [await makeStaff("Sara"), await makeStaff("Falsk")];
    const trust = trustIn(await rosterOf([sara]));
    const group = await Group.create(new Uint8Array(32).fill(1), trust);
    const add = (device: string, keyPackage: Uint8Array) => group.add([{ device, keyPackage }], 0n);
    await expect(add(stranger.id, stranger.own.keyPackage)).rejects.toEqual(broke("unknown_device"));
    const impostor = await makeStaff("Sara", { id: sara.id });
    await expect(add(sara.id, impostor.own.keyPackage)).rejects.toEqual(broke("device_key"));
    const foreign = await makeStaff("Sara", { kommun: "solna" });
    await expect(add(foreign.id, foreign.own.keyPackage)).rejects.toEqual(broke("kommun"));
    const both = trustIn(await rosterOf([sara, stranger]));
    await expect(checkKeyPackage(sara.id, stranger.own.keyPackage, both)).rejects.toEqual(broke("unknown_device"));
    trust.clock = now + 31 * 86400;
    trust.current = { ...trust.current, expires: now + 32 * 86400 };
    await expect(add(sara.id, sara.own.keyPackage)).rejects.toEqual(broke("device_expired"));
    trust.clock = trust.current.expires;
    await expect(add(sara.id, sara.own.keyPackage)).rejects.toEqual(broke("roster_expired"));
  });

  test("a key package that is not current by the own clock", async () => {
    const [early, late] = [await makeStaff("Tidig", { day: today + 2 }), await makeStaff("Sen", { day: today - 3 })];
    const trust = trustIn(await rosterOf([early, late]));
    for (const s of [early, late])
      await expect(checkKeyPackage(s.id, s.own.keyPackage, trust)).rejects.toEqual(broke("lifetime"));
  });

  test("a key package that was changed after it was signed", async () => {
    const sara = await makeStaff("Sara");
    const trust = trustIn(await rosterOf([sara]));
    const keyPackage = sara.own.keyPackage.slice();
    await checkKeyPackage(sara.id, keyPackage, trust);
    keyPackage[40]! ^= 1; // in the init key
    await expect(checkKeyPackage(sara.id, keyPackage, trust)).rejects.toThrow(VerificationError);
    await expect(checkKeyPackage(sara.id, keyPackage.slice(0, -1), trust)).rejects.toThrow(CodecError);
  });

  test("a device to add one, and the visitor to add one twice", async () => {
    const team = await makeTeam(2);
    const { visitor, devices } = await openWith(team.slice(0, 1), await rosterOf(team));
    const more = { device: team[1]!.id, keyPackage: team[1]!.own.keyPackage };
    await expect(devices[0]!.add([more], 1n)).rejects.toEqual(broke("add_by_device"));
    await expect(addOf(visitor, team[0]!)).rejects.toThrow();
    await expect(claimOf(visitor)).rejects.toEqual(broke("visitor_leaf"));
    await expect(removeOf(visitor, ["00".repeat(8)])).rejects.toEqual(broke("unknown_device"));
  });
});

test("the mailbox is 32 bytes, and a key package names its kommun", async () => {
  const trust = trustIn(await rosterOf([]));
  await expect(Group.create(new Uint8Array(31), trust)).rejects.toThrow(CodecError);
  expect(trust.kommun).toBe(kommun);
});
