import { afterAll, beforeAll, expect, test } from "vitest";
import type { Desk, Visitor } from "../../src/conversation/api.ts";
import { newDesk } from "../../src/conversation/desk/desk.ts";
import { memoryVault } from "../../src/conversation/vault/vault.ts";
import { newVisitor } from "../../src/conversation/visitor/visitor.ts";
import { type Point, type Telling, everywhere, newTelling } from "./crashes.ts";
import { newLife } from "./life.ts";
import { type Person, type World, intake, makeWorld, pace, rhythm, thread } from "./world.ts";

/**
 * Crash injection from the claimer's question over the visitor's yes to what follows: whoever dies between two steps
 * goes on from their vault.
 */

let world: World;
let sara: Person;
let amir: Person;
beforeAll(async () => {
  world = await makeWorld();
  amir = await world.coordinator("Amir");
  sara = await world.coordinator("Sara");
  // Rebuilt by each story.
  sara.desk.stop();
});
afterAll(() => world.close());

type Reason = "colleague" | "shift";
type Side = "visitor" | "desk";

/** Tells the whole story, and crashes each side where it is told to, from when the question is asked. */
async function story(reason: Reason, points: readonly Point[]): Promise<Telling> {
  const telling = newTelling(points);
  const vault = memoryVault();
  const text = `${intake.text} ${Math.random()}`;
  const asked = new Set<string>();
  let armed = false;
  const crashed = new Set<Side>();
  let wake = (): void => undefined;
  let visitor!: Visitor;
  let desk!: Desk;
  const kills: Partial<Record<Side, () => void>> = {};

  function life(side: Side) {
    const made = newLife(
      (step) => armed && telling.dies(side, step),
      () => {
        crashed.add(side);
        wake();
      },
    );
    kills[side] = made.kill;
    const { net, hooks } = made;
    return { ...made, base: { base: world.url, WebSocket: net.WebSocket, fetch: net.fetch, rhythm, pace, hooks } };
  }
  async function build(side: Side): Promise<void> {
    kills[side]?.();
    const { base, mortal } = life(side);
    if (side === "visitor") {
      visitor?.wipe();
      visitor = newVisitor({ ...base, config: world.config, vault: mortal(vault) });
      visitor.subscribe((view) => {
        if (view.proposal) asked.add(view.proposal.nonce);
        wake();
      });
      await visitor.prepare();
    } else {
      desk?.stop();
      desk = await newDesk(world.config, {
        ...base,
        locks: null,
        device: sara.id,
        vaults: async (name) => mortal(await sara.vaults(name)),
      });
      desk.subscribe(() => wake());
      void desk.start();
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
      const [side] = crashed;
      if (side) {
        crashed.delete(side);
        await build(side);
      } else if (done()) return;
      else {
        if (!begun()) begin();
        const woken = new Promise<void>((resolve) => (wake = resolve));
        const timer = setTimeout(() => wake(), 50);
        if (crashed.size === 0 && !done()) await woken;
        clearTimeout(timer);
      }
      if (Date.now() > limit) {
        const shown = JSON.stringify([visitor.view, desk.view.cases, amir.desk.view.cases], (_, v: unknown) =>
          typeof v === "bigint" ? Number(v) : v,
        );
        throw new Error(`stuck at ${done.toString()} with ${shown}`);
      }
    }
  }

  let id = "";
  const hers = () => desk.view.cases.find((c) => (id === "" ? c.lines.some((l) => l.text === text) : c.id === id));
  const his = () => amir.desk.view.cases.find((c) => c.id === id);
  const said = (words: string) => visitor.view.lines.find((l) => l.text === words);
  /** Its receipt needs a claimer, and may come later. */
  const speaks = (words: string) =>
    until(
      () => ["sent", "received"].includes(said(words)?.delivery ?? ""),
      () => visitor.send(words),
      () => said(words) !== undefined,
    );

  try {
    await build("visitor");
    await build("desk");
    await visitor.open({ ...intake, text }, "live");
    await until(() => hers()?.state === "waiting");
    id = hers()!.id;
    await desk.claim(id);
    await until(() => hers()?.state === "mine" && visitor.view.phase === "claimed");
    const one = (await desk.candidates(id)).find((c) => c.alias === "Amir")!;
    await until(() => said(text)?.delivery === "received");

    // From here on whoever is planned to die does; both begin with what their vaults hold.
    armed = true;
    await build("visitor");
    await build("desk");
    await until(() => desk.view.phase === "online" && hers()?.state === "mine" && visitor.view.phase === "claimed");
    await until(
      () => visitor.view.proposal !== undefined,
      () => desk.propose(id, reason, one),
      () => hers()?.state !== "mine" || hers()!.proposal !== undefined,
    );
    // A tap that died with the page is made again by the same person.
    const done = () => (reason === "colleague" ? his()?.company === true : his()?.state === "waiting");
    const open = () =>
      visitor.view.phase === "claimed" && visitor.view.proposal !== undefined && !visitor.view.proposal.accepted;
    await until(
      done,
      () => visitor.answer(visitor.view.proposal!.nonce, true),
      () => !open(),
    );
    await speaks("v1");
    if (reason === "colleague") {
      await until(() => visitor.view.company?.[0]?.alias === "Amir");
      await until(() => hers()?.proposal?.state === "done" && hers()?.beside?.length === 1);
      await until(
        () => said("s1") !== undefined,
        () => desk.send(id, "s1"),
        () => hers()?.lines.some((l) => l.text === "s1") === true || hers()?.state !== "mine",
      );
    } else {
      await until(() => hers()?.letGo === "handed" && hers()!.lines.length === 0);
      await until(
        () => his()?.state === "mine",
        () => void amir.desk.claim(id),
        () => his()?.state !== "waiting",
      );
      await until(() => visitor.view.coordinator?.alias === "Amir");
      await until(
        () => said("s1") !== undefined,
        () => amir.desk.send(id, "s1"),
        () => his()!.lines.some((l) => l.text === "s1"),
      );
    }
    await speaks("v2");

    const expected = [`visitor: ${text}`, "visitor: v1", "staff: s1", "visitor: v2"];
    await until(
      () => thread(his()!.lines).length >= expected.length && hers() !== undefined && visitor.view.phase === "claimed",
    );
    expect(thread(visitor.view.lines)).toEqual(expected);
    expect(thread(his()!.lines)).toEqual(expected);
    expect(asked.size, "one question").toBe(1);
    expect(visitor.view).toMatchObject({ phase: "claimed", readers: reason === "colleague" ? 2 : 1 });
    expect(visitor.view.proposal).toBeUndefined();
    for (const trouble of [visitor.view.trouble, hers()!.trouble, his()!.trouble]) expect(trouble).toBeUndefined();
    const events = visitor.view.lines.flatMap((l) => (l.event ? [`${l.event} ${l.alias}`] : []));
    expect(events).toEqual(["claimed Sara", reason === "colleague" ? "company Amir" : "claimed Amir"]);
    if (reason === "colleague") {
      await until(() => thread(hers()!.lines).length >= expected.length);
      expect(thread(hers()!.lines)).toEqual(expected);
    } else {
      const left = await sara.vaults(`utvag.botkyrka.${sara.id}`);
      await expect.poll(() => left.names(`case/${id}/`)).toEqual([`case/${id}/state`]);
    }
    expect(telling.crashed.length).toBeLessThanOrEqual(points.length);
    await until(
      () => visitor.view.end?.confirmed === true,
      () => void visitor.end(),
      () => visitor.view.phase === "ended",
    );
    await until(() => his()?.end?.confirmed === true);
  } finally {
    for (const kill of Object.values(kills)) kill();
    visitor.wipe();
    desk.stop();
    await amir.desk.clear(id);
    const left = await sara.vaults(`utvag.botkyrka.${sara.id}`);
    await left.put(Object.fromEntries((await left.names("case/")).map((name) => [name, undefined])));
  }
  return telling;
}

for (const reason of ["colleague", "shift"] as const) {
  test(`${reason}: whichever step the visitor's page and the claimer's console die after, it is asked once, and nothing is lost`, {
    timeout: 300_000,
  }, async () => {
    const points = await everywhere((at) => story(reason, at), /^(entry|line|receipt|accept|propose)\./);
    expect(points["visitor"]).toBeGreaterThanOrEqual(30);
    expect(points["desk"]).toBeGreaterThanOrEqual(20);
  });
}
