import { IDBFactory } from "fake-indexeddb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Desk, Visitor } from "../../src/conversation/api.ts";
import { newDesk } from "../../src/conversation/desk/desk.ts";
import { newPassphraseKey } from "../../src/conversation/vault/keys.ts";
import { makeSafe, openSafe, safeState } from "../../src/conversation/vault/safe.ts";
import { type Vault, browserVault, memoryVault } from "../../src/conversation/vault/vault.ts";
import { newVisitor } from "../../src/conversation/visitor/visitor.ts";
import { type Point, type Telling, everywhere, newTelling } from "./crashes.ts";
import { newLife } from "./life.ts";
import type { newNet } from "./net.ts";
import { type Person, type World, intake, makeWorld, pace, rhythm, thread } from "./world.ts";

/** Crash injection: each engine is killed between every two of its steps, rebuilt from its vault, and goes on. */

type Side = "visitor" | "desk";

let world: World;
let sara: Person;
let colleague: Person;
let saraVaults: (name: string) => Promise<Vault>;

beforeAll(async () => {
  world = await makeWorld();
  colleague = await world.coordinator("Amir");
  sara = await world.coordinator("Sara", { vaults: await lockedVaults() });
  saraVaults = sara.vaults;
  // Both desks are off; Sara's is rebuilt by each story. Amir's slot is there to be closed by the claim.
  colleague.desk.stop();
  sara.desk.stop();
});
afterAll(() => world.close());

/** As in a browser: the device's vault is locked, and opened anew after each crash. */
async function lockedVaults(): Promise<(name: string) => Promise<Vault>> {
  const factory = new IDBFactory();
  const key = await newPassphraseKey("fyra lugna ord ur en atlas");
  return async (name) => {
    if (!name.includes(".", "utvag.".length)) return browserVault(name, factory);
    return (await safeState(name, factory)).state === "empty"
      ? makeSafe(name, key, factory)
      : openSafe(name, key, factory);
  };
}

/** Tells the whole story, and crashes each side where it is told to. */
async function story(points: readonly Point[]): Promise<Telling> {
  const telling = newTelling(points);
  const visitorVault = memoryVault();
  const crashed = new Set<Side>();
  let wake = (): void => undefined;
  const life = (side: Side) =>
    newLife(
      (step) => telling.dies(side, step),
      () => {
        crashed.add(side);
        wake();
      },
    );

  let visitorLife = life("visitor");
  let deskLife = life("desk");
  let visitor!: Visitor;
  let desk!: Desk;

  function buildVisitor(): void {
    visitorLife = life("visitor");
    const { net, hooks, mortal } = visitorLife;
    visitor = newVisitor({ ...base(net), config: world.config, vault: mortal(visitorVault), hooks });
    visitor.subscribe(() => wake());
  }
  async function buildDesk(): Promise<void> {
    deskLife = life("desk");
    const { net, hooks, mortal } = deskLife;
    desk = await newDesk(world.config, {
      ...base(net),
      locks: null,
      hooks,
      device: sara.id,
      vaults: async (name) => mortal(await saraVaults(name)),
    });
    desk.subscribe(() => wake());
    void desk.start();
  }
  const base = (net: ReturnType<typeof newNet>) => ({
    base: world.url,
    WebSocket: net.WebSocket,
    fetch: net.fetch,
    rhythm,
    pace,
  });

  async function rebuild(): Promise<void> {
    if (crashed.delete("visitor")) {
      visitor.wipe();
      buildVisitor();
      await visitor.prepare();
    }
    if (crashed.delete("desk")) {
      desk.stop();
      await buildDesk();
    }
  }

  /** Does it again after a crash that came before it was begun, as a person would who sees that nothing happened. */
  async function until(
    done: () => boolean,
    begin: () => void = () => undefined,
    begun: () => boolean = () => true,
  ): Promise<void> {
    const limit = Date.now() + 60_000;
    for (;;) {
      if (crashed.size > 0) await rebuild();
      else if (done()) return;
      else {
        if (!begun()) begin();
        const woken = new Promise<void>((resolve) => (wake = resolve));
        const timer = setTimeout(() => wake(), 200);
        if (crashed.size === 0 && !done()) await woken;
        clearTimeout(timer);
      }
      if (Date.now() > limit) {
        const shown = JSON.stringify([visitor.view, desk.view], (_, v: unknown) =>
          typeof v === "bigint" ? Number(v) : v,
        );
        throw new Error(`stuck at ${done.toString()} with ${shown}`);
      }
    }
  }

  const theCase = () => desk.view.cases.find((c) => c.intake?.text === intake.text && c.state !== "taken");
  const visitorSaid = (text: string) => visitor.view.lines.find((l) => l.text === text);
  const deskSaid = (text: string) => theCase()?.lines.find((l) => l.text === text);

  try {
    buildVisitor();
    await buildDesk();
    await until(() => desk.view.phase === "online");
    await until(
      () => visitor.view.phase === "waiting",
      () => void visitor.open(intake, "live"),
      () => visitor.view.phase !== "idle",
    );
    await until(() => theCase()?.state === "waiting");
    await until(
      () => theCase()?.state === "mine",
      () => void desk.claim(theCase()!.id),
      () => theCase()?.state !== "waiting",
    );
    await until(() => visitor.view.phase === "claimed");
    for (const n of [1, 2]) {
      await until(
        () => visitorSaid(`v${n}`)?.delivery === "received",
        () => visitor.send(`v${n}`),
        () => visitorSaid(`v${n}`) !== undefined,
      );
      await until(
        () => deskSaid(`s${n}`)?.delivery === "received",
        () => desk.send(theCase()!.id, `s${n}`),
        () => !theCase() || deskSaid(`s${n}`) !== undefined,
      );
    }
    const expected = [`visitor: ${intake.text}`, "visitor: v1", "staff: s1", "visitor: v2", "staff: s2"];
    await until(() => thread(visitor.view.lines).length >= 5 && thread(theCase()?.lines ?? []).length >= 5);
    expect(thread(visitor.view.lines)).toEqual(expected);
    expect(thread(theCase()!.lines)).toEqual(expected);
    expect(visitor.view.trouble).toBeUndefined();
    expect(theCase()!.trouble).toBeUndefined();
    await until(() => visitor.view.lines[0]?.delivery === "received");

    await until(
      () => visitor.view.end?.confirmed === true,
      () => void visitor.end(),
      () => visitor.view.phase === "ended",
    );
    await until(() => theCase()?.end?.confirmed === true);
    const id = theCase()!.id;
    expect(thread(theCase()!.lines)).toEqual(expected);
    await until(
      () => desk.view.cases.every((c) => c.id !== id),
      () => void desk.clear(id),
      () => false,
    );
    expect(telling.crashed.length).toBeLessThanOrEqual(points.length);
  } finally {
    visitorLife.kill();
    deskLife.kill();
    visitor.wipe();
    desk.stop();
    const vault = await saraVaults(`utvag.botkyrka.${sara.id}`);
    await vault.put(Object.fromEntries((await vault.names("case/")).map((name) => [name, undefined])));
  }
  return telling;
}

/** The steps that a story must pass, by side; more than one is fine, fewer is a story that tests less than it says. */
const least = { visitor: 52, desk: 48 };

test("whichever step an engine crashes after, everything arrives once and in order", { timeout: 300_000 }, async () => {
  const points = await everywhere(story, /^(entry|line|receipt)\./);
  expect(points["visitor"]).toBeGreaterThanOrEqual(least.visitor);
  expect(points["desk"]).toBeGreaterThanOrEqual(least.desk);
});
