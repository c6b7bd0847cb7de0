import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeskView } from "../../src/conversation/api.ts";
import { loadDevice } from "../../src/conversation/desk/device.ts";
import { Group } from "../../src/mls/group.ts";
import { VerificationError } from "../../src/mls/library.ts";
import { openRoster } from "../../src/mls/roster.ts";
import { decodeDirectory } from "../../src/wire/directory.ts";
import { decodeClientFrame } from "../../src/wire/frames.ts";
import { type World, desks, intake, kommun, makeWorld, thread, visits } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

test("a visitor writes, a coordinator reads, claims and answers, they talk, and it ends for both", async () => {
  const sara = await world.coordinator("Sara");
  const amir = await world.coordinator("Amir");
  const { visitor } = world.visitor();
  expect(await visitor.prepare()).toEqual({ readers: 2 });
  expect(visitor.view.phase).toBe("idle");

  await visitor.open(intake, "live");
  await visits(visitor, (v) => v.phase === "waiting");
  expect(visitor.view.readers).toBe(2);

  const waiting = await desks(sara.desk, (v) => v.cases[0]?.state === "waiting");
  const id = waiting.cases[0]!.id;
  expect(waiting.cases[0]).toMatchObject({ intake, priority: 1, unread: 1 });
  await desks(amir.desk, (v) => v.cases[0]?.state === "waiting");
  sara.desk.seen(id);
  await desks(sara.desk, (v) => v.cases[0]?.unread === 0);

  await sara.desk.claim(id);
  await desks(sara.desk, (v) => v.cases[0]?.state === "mine");
  const claimed = await visits(visitor, (v) => v.phase === "claimed" && v.lines[0]?.delivery === "received");
  expect(claimed.coordinator).toEqual({ alias: "Sara", role: "coordinator" });
  expect(claimed.readers).toBe(1);
  const taken = await desks(amir.desk, (v) => v.cases[0]?.state === "taken");
  expect(taken.cases[0]!.takenBy).toBe("Sara");

  sara.desk.send(id, "Hej. Jag heter Sara. Är du trygg just nu?");
  await visits(visitor, (v) => v.lines.some((l) => l.from === "staff"));
  visitor.send("Ja, en stund.");
  visitor.sendPhrase("q.slow", { who: "jag" });
  await desks(sara.desk, (v) => v.cases[0]!.lines.some((l) => l.phrase?.key === "q.slow"));
  await visits(visitor, (v) => v.lines.filter((l) => l.from === "visitor").every((l) => l.delivery === "received"));
  const mine = await desks(
    sara.desk,
    (v) => v.cases[0]!.lines.find((l) => l.from === "staff")!.delivery === "received",
  );
  const expected = [
    `visitor: ${intake.text}`,
    "staff: Hej. Jag heter Sara. Är du trygg just nu?",
    "visitor: Ja, en stund.",
  ];
  expect(thread(mine.cases[0]!.lines)).toEqual(expected);
  expect(thread(visitor.view.lines)).toEqual(expected);
  expect(visitor.view.lines.find((l) => l.from === "staff")!.alias).toBe("Sara");

  await visitor.end();
  await visits(visitor, (v) => v.phase === "ended" && v.end!.confirmed);
  const ended = await desks(sara.desk, (v) => v.cases[0]?.state === "ended" && v.cases[0].end!.confirmed);
  expect(ended.cases[0]!.end).toEqual({ by: "visitor", confirmed: true });
  expect(visitor.view.end).toEqual({ by: "visitor", confirmed: true });
  expect(thread(visitor.view.lines)).toEqual(expected);

  await sara.desk.clear(id);
  await amir.desk.clear(id);
  expect(sara.desk.view.cases).toEqual([]);
  const vault = await sara.vaults(`utvag.botkyrka.${sara.id}`);
  expect(await vault.names("case/")).toEqual([]);
});

test("two coordinators claim at once: one has it, the other is told who", async () => {
  const [sara, amir] = [await world.coordinator("Sara"), await world.coordinator("Amir")];
  const { visitor } = world.visitor();
  await visitor.open({ ...intake, text: "" }, "live");
  const id = (await desks(sara.desk, (v) => v.cases.some((c) => c.state === "waiting"))).cases.find(
    (c) => c.state === "waiting",
  )!.id;
  const of = (v: DeskView) => v.cases.find((c) => c.id === id)?.state;
  await desks(amir.desk, (v) => of(v) === "waiting");
  await Promise.all([sara.desk.claim(id), amir.desk.claim(id)]);
  await Promise.all([sara, amir].map(({ desk }) => desks(desk, (v) => of(v) === "mine" || of(v) === "taken")));
  const [winner, loser] = of(sara.desk.view) === "mine" ? [sara, amir] : [amir, sara];
  expect(of(loser.desk.view)).toBe("taken");
  expect(loser.desk.view.cases.find((c) => c.id === id)!.takenBy).toBe(winner.name);
  const claimed = await visits(visitor, (v) => v.phase === "claimed");
  expect(claimed.coordinator!.alias).toBe(winner.name);
  expect(claimed.lines.filter((l) => l.event === "claimed")).toHaveLength(1);

  // What the loser tries to say goes nowhere.
  loser.desk.send(id, "Jag är också här");
  expect(thread(loser.desk.view.cases.find((c) => c.id === id)!.lines)).toEqual([]);
  winner.desk.send(id, "Hej");
  await visits(visitor, (v) => thread(v.lines).length === 1);
  await winner.desk.end(id);
  const ended = await visits(visitor, (v) => v.phase === "ended" && v.end!.confirmed);
  expect(ended.end!.by).toBe("staff");
  expect(thread(ended.lines)).toEqual(["staff: Hej"]);
});

test("after the claim the other device's keys open nothing that comes", async () => {
  const [sara, amir] = [await world.coordinator("Sara"), await world.coordinator("Amir")];
  const { visitor, net } = world.visitor();
  const sent: Uint8Array[] = [];
  net.outbound = (frame) => {
    const decoded = decodeClientFrame(frame);
    if (decoded.kind === "send") sent.push(decoded.message);
    return [frame];
  };
  await visitor.open(intake, "live");
  const isHere = (v: DeskView) => v.cases.find((c) => c.state === "waiting");
  const id = isHere(await desks(amir.desk, (v) => isHere(v) !== undefined))!.id;
  await desks(sara.desk, (v) => v.cases.some((c) => c.id === id && c.state === "waiting"));
  const vault = await amir.vaults(`utvag.botkyrka.${amir.id}`);
  const kept = (await vault.get(`case/${id}/group`))!.slice();

  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("Det här är bara till dig.");
  await visits(visitor, (v) => v.lines.at(-1)!.delivery === "received");
  await desks(amir.desk, (v) => v.cases.some((c) => c.id === id && c.state === "taken"));

  const device = await loadDevice(vault);
  const trust = { kommun, roster: () => roster, now: () => Math.floor(Date.now() / 1000) };
  const directory = decodeDirectory(new Uint8Array(await (await fetch(`${world.url}/directory`)).arrayBuffer()));
  const roster = await openRoster(directory.roster, { kommun, pins: world.config.pins, now: trust.now() });
  expect(device!.id).toBe(amir.id);
  const group = Group.decode(kept, trust);
  expect(sent.length).toBeGreaterThan(0);
  for (const message of sent) await expect(group.open(message)).rejects.toBeInstanceOf(VerificationError);
  // Nothing of it is kept on the device that is out.
  expect(await vault.get(`case/${id}/group`)).toBeUndefined();
});

test("the relay is killed and comes back, and the talk goes on", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  const id = (await desks(sara.desk, (v) => v.cases.some((c) => c.state === "waiting"))).cases[0]!.id;
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  await world.killRelay();
  await visits(visitor, (v) => !v.connected);
  visitor.send("Är du kvar?");
  sara.desk.send(id, "Ett ögonblick");
  expect(visitor.view.lines.at(-1)!.delivery).toBe("waiting");
  await world.startRelay();
  await visits(
    visitor,
    (v) => thread(v.lines).length === 3 && v.lines.every((l) => l.delivery === undefined || l.delivery === "received"),
  );
  const seen = await desks(sara.desk, (v) => thread(v.cases[0]!.lines).length === 3);
  expect(thread(seen.cases[0]!.lines)).toEqual(thread(visitor.view.lines));
});
