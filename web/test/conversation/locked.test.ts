import { IDBFactory } from "fake-indexeddb";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { vaultName } from "../../src/conversation/desk/devices.ts";
import { type Key, newPassphraseKey } from "../../src/conversation/vault/keys.ts";
import { makeSafe, openSafe } from "../../src/conversation/vault/safe.ts";
import { type Vault, browserVault, memoryVault } from "../../src/conversation/vault/vault.ts";
import type { Net } from "./net.ts";
import { type Person, type World, desks, intake, makeWorld, meanwhile, thread, visits } from "./world.ts";

/** A desk that is locked: what it still hears, what it no longer knows, and how it goes on. */

let world: World;
let key: Key;
const factory = new IDBFactory();

beforeAll(async () => {
  world = await makeWorld();
  key = await newPassphraseKey("fyra lugna ord ur en atlas");
});
afterAll(() => world.close());

async function coordinator(name: string): Promise<{ person: Person; reopen: () => Promise<Vault> }> {
  const vaults = (vault: string) =>
    vault.includes(".", "utvag.".length) ? makeSafe(vault, key, factory) : browserVault(`${name} ${vault}`, factory);
  const person = await world.coordinator(name, { vaults });
  return { person, reopen: () => openSafe(vaultName(world.config, person.id), key, factory) };
}

test("a locked desk rings, knows nothing, and goes on where it was", async () => {
  const { person, reopen } = await coordinator("Sara");
  const { desk } = person;
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await desks(desk, (v) => v.cases[0]?.state === "waiting");
  await desk.claim(desk.view.cases[0]!.id);
  await visits(visitor, (v) => v.phase === "claimed");
  desk.send(desk.view.cases[0]!.id, "Hej, jag är här.");
  await desks(desk, (v) => v.cases[0]?.lines.at(-1)?.delivery === "received");

  const locking = desk.lock("a draft");
  expect(desk.view, "at once").toMatchObject({
    phase: "locked",
    cases: [],
    locked: { connected: true, waiting: false, rung: 0, stirred: false },
  });
  await locking;
  let sent = 0;
  person.net.outbound = (frame) => {
    sent++;
    return [frame];
  };
  const other = world.visitor().visitor;
  await other.open({ ...intake, text: "another" }, "live");
  await desks(desk, (v) => v.locked?.rung === 1);
  expect(desk.view.locked).toEqual({ connected: true, waiting: true, rung: 1, stirred: false });
  visitor.send("är du kvar");
  await desks(desk, (v) => v.locked?.stirred === true);
  expect(JSON.stringify(desk.view, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v))).not.toMatch(
    /kvar|another|vågar/,
  );
  expect(sent, "it answers nothing and asks for nothing").toBe(0);
  await visits(visitor, (v) => v.lines.at(-1)?.delivery === "sent");

  await expect(desk.unlock(memoryVault())).rejects.toThrow("not the vault");
  expect(desk.view.phase).toBe("locked");
  expect(await desk.unlock(await reopen())).toBe("a draft");
  await desks(desk, (v) => v.phase === "online" && v.cases.some((c) => c.state === "waiting"));
  const mine = () => desk.view.cases.find((c) => c.state === "mine")!;
  await desks(desk, () => mine().lines.at(-1)?.text === "är du kvar");
  desk.send(mine().id, "Ja.");
  await visits(visitor, (v) => v.lines.at(-1)?.text === "Ja.");
  expect(thread(visitor.view.lines)).toEqual([
    `visitor: ${intake.text}`,
    "staff: Hej, jag är här.",
    "visitor: är du kvar",
    "staff: Ja.",
  ]);
  expect(thread(mine().lines)).toEqual(thread(visitor.view.lines));
  await desk.lock();
  expect(await desk.unlock(await reopen()), "a memo is handed back once").toBeUndefined();
  await Promise.all([visitor.end(), other.end()]);
  desk.stop();
});

test("a locked desk that loses its connection says so, and logs in again only when it is unlocked", async () => {
  const { person, reopen } = await coordinator("Omar");
  const { desk } = person;
  await desk.lock();
  await world.killRelay();
  await desks(desk, (v) => v.locked?.connected === false);
  await world.startRelay();
  await meanwhile(world);
  expect(desk.view.locked?.connected).toBe(false);
  await desk.unlock(await reopen());
  await desks(desk, (v) => v.phase === "online");
  await desk.lock();
  desk.stop();
  expect(desk.view).toMatchObject({ phase: "locked", locked: { connected: false } });
});

/** Resolves once so many frames more have come, or what they were about is over. */
function frames(net: Net, count: number, over: () => boolean): Promise<void> {
  let left = count;
  net.inbound = (bytes) => (left--, [bytes]);
  return vi.waitUntil(() => left <= 0 || over(), { interval: 1, timeout: 30_000 }).then(() => undefined);
}

test("what is locked in the middle of anything ends as if it had not been", async () => {
  const { person, reopen } = await coordinator("Lea");
  const { desk } = person;
  for (let round = 0; round < 8; round++) {
    const { visitor } = world.visitor();
    void visitor.open({ ...intake, text: `round ${round}` }, "live");
    const found = () => desk.view.cases.find((c) => c.intake?.text === `round ${round}`);
    if (round > 3) {
      await desks(desk, () => found()?.state === "waiting");
      void desk.claim(found()!.id);
    }
    await frames(person.net, 2 * (round % 4), () => found()?.state === (round > 3 ? "mine" : "waiting"));
    await desk.lock();
    expect(desk.view.phase).toBe("locked");
    await desk.unlock(await reopen());
    await desks(
      desk,
      (v) =>
        v.phase === "online" && found() !== undefined && found()!.state !== "opening" && found()!.state !== "claiming",
    );
    if (found()!.state === "waiting") await desk.claim(found()!.id);
    await desks(desk, () => found()?.state === "mine");
    await visits(visitor, (v) => v.phase === "claimed");
    expect(visitor.view.trouble).toBeUndefined();
    await visitor.end();
  }
  desk.stop();
});
