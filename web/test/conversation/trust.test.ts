import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newDesk } from "../../src/conversation/desk/desk.ts";
import { storedDevices } from "../../src/conversation/desk/devices.ts";
import type { Locks } from "../../src/conversation/vault/lock.ts";
import { browserVault } from "../../src/conversation/vault/vault.ts";
import { decodeFrame } from "../../src/wire/frames.ts";
import { makeTeamKey } from "../mls/world.ts";
import { type Person, type World, desks, intake, makeWorld, meanwhile, pace, rhythm, thread, visits } from "./world.ts";

/** Whom the engines believe, and where they may run. */

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const stranger: Pick<Person, "id" | "key" | "name"> = {
  id: "40b54224c8e4ed99",
  key: "kqFzrDV7mNF5tLa7q1fmHLJTQHxmYoXJNJSTNEoaY7k=",
  name: "Falsk",
};

/** A visitor who waits, and two who can answer. */
async function waiting() {
  const [sara, amir] = [await world.coordinator("Sara"), await world.coordinator("Amir")];
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const { id } = (await desks(sara.desk, (v) => v.cases[0]?.state === "waiting")).cases[0]!;
  await desks(amir.desk, (v) => v.cases[0]?.state === "waiting");
  return { sara, amir, visitor, net, id };
}

test("a roster that no pinned key signed is refused, and nothing is sent", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor, net } = world.visitor();
  await world.roster([sara, stranger], { by: await makeTeamKey("team.botkyrka") });
  expect(await visitor.prepare()).toEqual({ trouble: "roster_signature", readers: 0 });
  await visitor.open(intake, "live");
  expect(visitor.view).toMatchObject({ phase: "broken", trouble: "roster_signature" });
  expect(thread(visitor.view.lines)).toEqual([`visitor: ${intake.text}`]);
  expect(net.connections).toBe(0);

  // The page can try again once the roster is right, and the text is still there.
  await world.roster([sara]);
  await visitor.again();
  await visits(visitor, (v) => v.phase === "waiting");
  const seen = await desks(sara.desk, (v) => v.cases.some((c) => c.state === "waiting"));
  expect(thread(seen.cases[0]!.lines)).toEqual([`visitor: ${intake.text}`]);
});

test("a roster older than one seen in this session is refused; so is an expired one", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor } = world.visitor();
  await world.roster([sara], { serial: 9 });
  expect(await visitor.prepare()).toEqual({ readers: 1 });
  await world.roster([sara, stranger], { serial: 8 });
  expect((await visitor.prepare()).trouble).toBe("roster_old");
  const now = Math.floor(Date.now() / 1000);
  await world.roster([sara], { serial: 10, issued: now - 6 * 86400, expires: now - 3600 });
  expect((await visitor.prepare()).trouble).toBe("roster_expired");
});

test("a console remembers the newest roster through a restart", async () => {
  const sara = await world.coordinator("Sara");
  await world.roster([sara], { serial: 20 });
  sara.desk.stop();
  await sara.desk.start();
  await desks(sara.desk, (v) => v.phase === "online" && v.roster?.serial === 20n);
  sara.desk.stop();
  await world.roster([sara], { serial: 19 });
  const again = await newDesk(world.config, sara.options);
  await again.start();
  expect(again.view.trouble).toBe("roster_old");
  expect(again.view.phase).not.toBe("online");
  again.stop();
});

test("with nobody enrolled there is nobody to write to, and it is said", async () => {
  const { visitor } = world.visitor();
  await world.roster([]);
  expect((await visitor.prepare()).trouble).toBe("nobody");
});

test("without an answer from the server the page says so, and opens once there is one", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor, net } = world.visitor();
  net.down = true;
  expect((await visitor.prepare()).trouble).toBe("unreachable");
  void visitor.open(intake, "live");
  const stuck = await visits(visitor, (v) => v.trouble === "unreachable");
  expect(stuck.phase).toBe("opening");
  visitor.send("och en sak till");
  net.down = false;
  await visits(visitor, (v) => v.phase === "waiting" && v.lines.every((l) => l.delivery === "sent"));
  expect(visitor.view.trouble).toBeUndefined();
  const seen = await desks(sara.desk, (v) => v.cases.some((c) => thread(c.lines).length === 2));
  expect(thread(seen.cases[0]!.lines)).toEqual([`visitor: ${intake.text}`, "visitor: och en sak till"]);
});

test("what was ended before it left the page never reaches the relay", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor, net } = world.visitor();
  net.down = true;
  void visitor.open(intake, "live");
  await visits(visitor, (v) => v.trouble === "unreachable");
  await visitor.end();
  expect(visitor.view).toMatchObject({ phase: "ended", end: { by: "visitor", confirmed: true } });
  net.down = false;
  visitor.send("för sent");
  await meanwhile(world);
  expect(net.connections).toBe(0);
  // What came meanwhile was somebody else's, and has ended.
  expect(await desks(sara.desk, (v) => v.cases.every((c) => c.state === "ended"))).toMatchObject({ cases: [{}] });
});

test("a visitor who ends while the line is down: the relay deletes when it is back, and only then it is confirmed", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "message");
  await desks(sara.desk, (v) => v.cases.some((c) => c.state === "waiting"));
  net.down = true;
  await visits(visitor, (v) => !v.connected);
  await visitor.end();
  expect(visitor.view).toMatchObject({ phase: "ended", end: { by: "visitor", confirmed: false } });
  net.down = false;
  await visits(visitor, (v) => v.end!.confirmed);
  const ended = await desks(sara.desk, (v) => v.cases[0]!.end?.confirmed === true);
  expect(ended.cases[0]!.end).toEqual({ by: "visitor", confirmed: true });
  // The mailbox and what it held are gone; what stays is the tombstone.
  expect(await world.redis("KEYS", "*")).not.toContain("welcome");
});

test("the other side ended, and the line went before the relay confirmed it: asked again, it does", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await desks(sara.desk, (v) => v.cases[0]?.state === "waiting");
  sara.net.inbound = (bytes) => (decodeFrame(bytes).kind === "gone" ? "cut" : [bytes]);
  await visitor.end();
  const ended = await desks(sara.desk, (v) => v.cases[0]!.end?.confirmed === true);
  expect(ended.cases[0]!).toMatchObject({ state: "ended", end: { by: "visitor" } });
  expect(sara.net.connections).toBe(2);
});

test("wipe leaves nothing in the view and closes the line", async () => {
  await world.coordinator("Sara");
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await visits(visitor, (v) => v.phase === "waiting");
  visitor.wipe();
  expect(visitor.view).toEqual({ phase: "idle", connected: false, readers: 0, lines: [] });
  visitor.send("efteråt");
  await visitor.open(intake, "live");
  expect(visitor.view.lines).toEqual([]);
});

test("a device that was taken out of the roster is stopped, and the visitor's client removes it", async () => {
  const { sara, amir, visitor, net, id } = await waiting();
  await world.roster([sara]);
  net.cut();
  await visits(visitor, (v) => v.readers === 1);
  amir.net.cut();
  const stopped = await desks(amir.desk, (v) => v.phase === "stopped");
  expect(stopped.trouble).toBe("device");
  // Who is left can claim, in the new epoch.
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
});

test("the claimer is taken out of the roster while the visitor is away: the visitor is told on return, and may let the others in", async () => {
  const { sara, amir, visitor, net, id } = await waiting();
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  await world.roster([amir]);
  net.cut();
  expect(await visits(visitor, (v) => v.shut !== undefined)).toMatchObject({
    phase: "waiting",
    shut: { alias: "Sara" },
  });
  visitor.invite();
  await desks(amir.desk, (v) => v.cases.some((c) => c.id === id && c.state === "waiting"));
});

test("what the claimer wrote before being taken out of the roster, and the visitor has not read, is not shown and breaks nothing", async () => {
  const { sara, amir, visitor, net, id } = await waiting();
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  net.down = true;
  net.cut();
  sara.desk.send(id, "Kom till Storgatan nu.");
  await desks(sara.desk, (v) =>
    v.cases[0]!.lines.some((l) => l.text === "Kom till Storgatan nu." && l.delivery === "sent"),
  );
  await world.roster([amir]);
  await desks(sara.desk, (v) => v.phase === "stopped");
  net.down = false;
  const shut = await visits(visitor, (v) => v.shut !== undefined);
  expect(shut).toMatchObject({ phase: "waiting", shut: { alias: "Sara" } });
  expect(shut.trouble).toBeUndefined();
  expect(shut.lines.filter((l) => l.event === "unreadable")).toHaveLength(1);
  visitor.invite();
  const shown = await desks(amir.desk, (v) =>
    v.cases.some((c) => c.id === id && c.state === "waiting" && c.lines.length > 0),
  );
  expect(JSON.stringify([visitor.view.lines, shown.cases.find((c) => c.id === id)!.lines])).not.toContain("Storgatan");
});

test("a claim by a device that was taken out of the roster before the visitor came back: another conversation is opened for the others", async () => {
  const { sara, amir, visitor, net, id } = await waiting();
  net.down = true;
  net.cut();
  await sara.desk.claim(id);
  await desks(sara.desk, (v) => v.cases[0]?.state === "mine");
  await world.roster([amir]);
  await desks(sara.desk, (v) => v.phase === "stopped");
  net.down = false;
  const anew = await desks(amir.desk, (v) =>
    v.cases.some((c) => c.id !== id && c.state === "waiting" && c.intake?.text === intake.text),
  );
  await amir.desk.claim(anew.cases.find((c) => c.id !== id)!.id);
  const heard = await visits(visitor, (v) => v.phase === "claimed" && v.coordinator?.alias === "Amir");
  expect(heard.trouble).toBeUndefined();
  expect(heard.lines.some((l) => l.event === "claimed" && l.alias !== "Amir")).toBe(false);
});

test("a device runs in one tab: the second says that it is open elsewhere, and can take over later", async () => {
  const held = new Set<string>();
  const locks: Locks = {
    async request(name, _, run) {
      if (held.has(name)) return run(null);
      held.add(name);
      try {
        return await run({});
      } finally {
        held.delete(name);
      }
    },
  };
  const sara = await world.coordinator("Sara", { locks });
  const second = await newDesk(world.config, { ...sara.options, locks });
  await second.start();
  expect(second.view).toMatchObject({ phase: "stopped", trouble: "elsewhere" });
  sara.desk.stop();
  await vi.waitUntil(() => held.size === 0);
  await second.start();
  await desks(second, (v) => v.phase === "online");
  second.stop();
});

test("a console on IndexedDB: two devices side by side, each found again with its cases", async () => {
  const factory = new IDBFactory();
  const vaults = (name: string) => browserVault(name, factory);
  const sara = await world.coordinator("Sara", { vaults });
  const amir = await world.coordinator("Amir", { vaults });
  expect((await storedDevices(world.config, vaults)).map((d) => d.alias).sort()).toEqual(["Amir", "Sara"]);
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  const id = (await desks(sara.desk, (v) => v.cases[0]?.state === "waiting")).cases[0]!.id;
  await desks(amir.desk, (v) => v.cases[0]?.state === "waiting");
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  sara.desk.stop();
  expect(sara.desk.view).toMatchObject({ phase: "offline", cases: [] });
  visitor.send("Är du kvar?");

  const again = await newDesk(world.config, { ...sara.options, base: world.url, rhythm, pace, vaults });
  expect(again.view).toMatchObject({ phase: "offline", device: { id: sara.id, alias: "Sara" } });
  await again.start();
  const back = await desks(again, (v) => v.cases[0]?.state === "mine" && thread(v.cases[0].lines).length === 2);
  expect(back.cases[0]!.id).toBe(id);
  again.send(id, "Ja");
  await visits(visitor, (v) => thread(v.lines).at(-1) === "staff: Ja");
  again.stop();
});

test("a new desk shows its request, waits to be let in, and goes online by itself", async () => {
  const sara = await world.coordinator("Sara");
  const { options } = sara;
  const { device: _, ...rest } = options;
  const desk = await newDesk(world.config, rest);
  expect(desk.view.phase).toBe("new");
  await desk.enrol("Nora", ["sv", "so"]);
  expect(desk.view.phase).toBe("enrolling");
  expect(desk.view.request).toMatch(
    /^utvag enrolment 1\nkommun botkyrka\ndevice [0-9a-f]{16}\nkey \S+\nlanguages sv,so\nalias Nora\nsignature \S+\n$/,
  );
  await desk.start();
  expect(desk.view.phase).toBe("enrolling");
  const key = /^key (.*)$/m.exec(desk.view.request!)![1]!;
  await world.roster([sara, { id: desk.view.device!.id, key, name: "Nora" }]);
  const online = await desks(desk, (v) => v.phase === "online");
  expect(online.device).toMatchObject({ alias: "Nora", role: "coordinator" });
  expect(online.request).toBeUndefined();
  desk.stop();
});

test("listeners are called once for a change, and unchanged lines stay the same objects", async () => {
  await world.coordinator("Sara");
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await visits(visitor, (v) => v.phase === "waiting" && v.lines[0]!.delivery === "sent");
  const first = visitor.view.lines[0];
  const views: unknown[] = [];
  visitor.subscribe((view) => views.push(view));
  visitor.send("ett");
  expect(visitor.view.lines.at(-1)).toMatchObject({ text: "ett", delivery: "waiting" });
  visitor.send("två");
  await Promise.resolve();
  expect(views).toHaveLength(1);
  expect(views[0]).toBe(visitor.view);
  expect(visitor.view.lines[0]).toBe(first);
});
