import { readFileSync, readdirSync } from "node:fs";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { describe, expect, test } from "vitest";
import { Group } from "../../src/mls/group.ts";
import { rawOf, rawProcess } from "./raw.ts";
import {
  addOf,
  claimOf,
  follow,
  makeTeam,
  openWith,
  readText,
  removeOf,
  rosterOf,
  sealText,
  today,
  makeStaff,
  trustIn,
} from "./world.ts";

/** The known faults of ts-mls 1.6.4, each closed. */

describe("forward secrecy", () => {
  test("a seized state reads nothing that was consumed", async () => {
    const { visitor, devices } = await openWith(await makeTeam(1));
    const sent: Uint8Array[] = [];
    let writer = visitor;
    for (let i = 0; i < 4; i++) {
      const out = await sealText(writer, `text ${i}`);
      sent.push(out.message);
      writer = out.next;
    }
    let reader = devices[0]!;
    // What follows a message that the relay withholds is not read, so that no key is kept for the one between.
    await expect(reader.open(sent[1]!)).rejects.toMatchObject({ rule: "counter" });
    for (const message of sent) reader = (await readText(reader, message)).next;
    const seized = rawOf(reader);
    for (const message of sent) await expect(rawProcess(seized, message)).rejects.toThrow();
    for (const node of seized.secretTree) {
      expect([
        ...Object.keys(node.application.unusedGenerations),
        ...Object.keys(node.handshake.unusedGenerations),
      ]).toEqual([]);
    }
    // The same with the library's own settings, to show that the seizure works where keys are kept.
    let careless = { ...rawOf(devices[0]!), clientConfig: defaultClientConfig };
    for (const message of sent.slice(1)) careless = (await rawProcess(careless, message)).newState;
    expect((await rawProcess(careless, sent[0]!)).kind).toBe("applicationMessage");
  });

  test("no key of an earlier epoch is kept, by whoever commits or reads", async () => {
    const { visitor, devices } = await openWith(await makeTeam(2));
    const unread = await sealText(visitor, "oläst");
    let groups = [visitor, ...devices];
    // With two devices an empty commit is a claim that keeps the other.
    const committers = [0, 1, 1];
    for (let round = 0; round < 3; round++) {
      const { message, next } = await removeOf(groups[committers[round]!]!, []);
      groups = await Promise.all(groups.map((g, i) => (i === committers[round] ? next : follow(g, message))));
    }
    for (const group of groups) {
      const state = rawOf(group);
      expect(state.historicalReceiverData.size).toBe(0);
      await expect(rawProcess(state, unread.message)).rejects.toThrow();
      // Nor the key of a node that is no more.
      for (const node of Object.keys(state.privatePath.privateKeys))
        expect(state.ratchetTree[Number(node)]).toBeDefined();
    }
  });

  test("the claimer keeps no key of the nodes that the claim blanked", async () => {
    const { visitor, devices } = await openWith(await makeTeam(4));
    const { message } = await removeOf(visitor, []);
    const seen = await follow(devices[1]!, message);
    expect(Object.keys(rawOf(seen).privatePath.privateKeys).length).toBeGreaterThan(1);
    const claim = await claimOf(seen);
    const state = rawOf(claim.next);
    for (const node of Object.keys(state.privatePath.privateKeys))
      expect(state.ratchetTree[Number(node)]).toBeDefined();
  });
});

describe("a key package", () => {
  test("is last_resort, lives from the day before to the day after, and serves many Welcomes", async () => {
    const [sara] = await makeTeam(1);
    expect(sara!.own.notAfter).toBe((today + 2) * 86400);
    expect(sara!.own.keyPackage.length).toBeLessThanOrEqual(4096);
    const worlds = [await openWith([sara!]), await openWith([sara!])];
    for (const { visitor, devices } of worlds) {
      expect((await readText(devices[0]!, (await sealText(visitor, "hej")).message)).text).toBe("hej");
    }
    expect(worlds[0]!.visitor.mailbox).not.toEqual(worlds[1]!.visitor.mailbox);
  });

  test.each([
    [-1, true],
    [0, true],
    [1, true],
    [-2, false],
    [2, false],
  ])("of day %i from today: %s", async (offset, good) => {
    const sara = await makeStaff("Sara", { day: today + offset });
    const group = await Group.create(new Uint8Array(32), trustIn(await rosterOf([sara])));
    const adding = addOf(group, sara);
    if (good) await adding;
    else await expect(adding).rejects.toMatchObject({ rule: "lifetime" });
  });
});

describe("a Welcome is read after any history", () => {
  // A small generator (mulberry32), so that a failure can be run again.
  function seeded(seed: number): () => number {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  test.each([
    [1, 60],
    [2, 30],
  ])(
    "seed %i: %i commits among up to 10 members; each joiner joins and all read each other",
    async (seed, steps) => {
      const random = seeded(seed);
      const pick = (count: number) => Math.floor(random() * count);
      const staff = await makeTeam(9);
      const trust = trustIn(await rosterOf(staff));
      const members = new Map<number, Group>(); // by index in staff
      let visitor = await Group.create(crypto.getRandomValues(new Uint8Array(32)), trust);
      let joined = 0;

      const others = async (message: Uint8Array, sender: Group | undefined) => {
        if (sender !== visitor) visitor = await follow(visitor, message);
        for (const [i, group] of members) {
          if (group === sender) continue;
          const told = await group.open(message);
          if (told.kind === "commit" && told.next) members.set(i, told.next);
          else members.delete(i);
        }
      };

      const commit = async (committer: Group) => {
        const { message, next } = await removeOf(committer, []);
        await others(message, committer);
        for (const [i, group] of members) if (group === committer) members.set(i, next);
        if (committer === visitor) visitor = next;
      };

      for (let step = 0; step < steps; step++) {
        const outside = staff.map((_, i) => i).filter((i) => !members.has(i));
        const inside = [...members.keys()];
        const dice = random();
        if (inside.length === 0 || (dice < 0.35 && outside.length > 0)) {
          const i = outside[pick(outside.length)]!;
          const s = staff[i]!;
          const { message, welcome, next } = await addOf(visitor, s);
          await others(message, visitor);
          visitor = next;
          members.set(i, await Group.join(welcome!, s.own, s.id, s.seed, trust));
          joined++;
          if (inside.length === 0) await commit(members.get(i)!);
        } else if (dice < 0.5 && inside.length > 2) {
          const { message, next } = await removeOf(visitor, [staff[inside[pick(inside.length)]!]!.id]);
          await others(message, visitor);
          visitor = next;
        } else {
          // The claimer, if there is one; two devices may each claim and keep the other.
          const claimer = [...members.values()].find((g) => g.self.leaf === visitor.claimer?.leaf);
          await commit(claimer ?? (inside.length <= 2 ? members.get(inside[pick(inside.length)]!)! : visitor));
        }
      }
      expect(joined).toBeGreaterThan(steps / 6);
      const hello = await sealText(visitor, "alla");
      for (const group of members.values()) {
        expect(group.members()).toEqual(visitor.members());
        expect((await readText(group, hello.message)).text).toBe("alla");
      }
    },
    60_000,
  );
});

test("a Welcome is read where two joiners stand under different nodes", async () => {
  const team = await makeTeam(7);
  const { visitor, trust } = await openWith(team);
  const out = await removeOf(visitor, [team[2]!.id, team[4]!.id]);
  const renewed = await removeOf(out.next, []);
  const first = await addOf(renewed.next, team[2]!);
  const second = await addOf(first.next, team[4]!);
  const joined = await Group.join(second.welcome!, team[4]!.own, team[4]!.id, team[4]!.seed, trust);
  expect(joined.members()).toEqual(second.next.members());
});

describe("the library", () => {
  const src = new URL("../../src/", import.meta.url);
  const files = (readdirSync(src, { recursive: true }) as string[]).filter((name) => /\.tsx?$/.test(name));
  const importers = (pattern: RegExp) =>
    files.filter((name) => pattern.test(readFileSync(new URL(name, src), "utf8"))).sort();

  const entrances = ["mls/group.ts", "mls/keypackage.ts", "mls/library.ts", "mls/provider.ts", "mls/welcome.ts"];

  test("is imported by these alone, and for its types by the provider", () => {
    expect(importers(/["'`]ts-mls/)).toEqual(entrances);
    const provider = readFileSync(new URL("mls/provider.ts", src), "utf8");
    expect(provider.match(/^import .*["']ts-mls.*$/gm)!.every((line) => line.startsWith("import type "))).toBe(true);
  });

  test("brings none of its own cryptography: only narrow paths are imported", () => {
    for (const name of entrances) {
      const text = readFileSync(new URL(name, src), "utf8");
      expect(text).not.toMatch(/["']ts-mls["']/);
      expect(text).not.toMatch(/["']ts-mls\/(index|crypto\/(getCiphersuiteImpl|implementation))/);
    }
  });

  test("HPKE and curves are the provider's and ed25519's business, scrypt is the passphrase's", () => {
    expect(importers(/["'`](hpke|@panva\/|@hpke\/)/)).toEqual(["mls/provider.ts"]);
    expect(importers(/["'`]@noble\/hashes\/scrypt/)).toEqual(["conversation/vault/passphrase.ts"]);
    expect(importers(/["'`]@noble\/(?!hashes\/scrypt)/)).toEqual(["mls/ed25519.ts"]);
  });

  test("policy is decided in one module, which does no I/O", () => {
    const policy = readFileSync(new URL("mls/policy.ts", src), "utf8");
    expect(policy).not.toMatch(/ts-mls["'/]|\bawait\b|\bfetch\b|Date\b/);
    expect(importers(/\bdecide[A-Z]/)).toEqual([
      "mls/group.ts",
      "mls/keypackage.ts",
      "mls/policy.ts",
      "mls/welcome.ts",
    ]);
  });
});
