import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeskView } from "../../src/conversation/api.ts";
import { Group } from "../../src/mls/group.ts";
import { newRosterWatch } from "../../src/conversation/directory/rosterwatch.ts";
import { decodeClientFrame } from "../../src/wire/frames.ts";
import { type Person, type World, desks, intake, kommun, makeWorld, meanwhile, thread, visits } from "./world.ts";
import { openRoster } from "../../src/mls/roster.ts";
import { decodeDirectory } from "../../src/wire/directory.ts";

/** A newer roster in mid-conversation. */

let world: World;
let sara: Person;
let amir: Person;
beforeEach(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
  amir = await world.coordinator("Amir");
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
});

const mine = (v: DeskView) => v.cases.find((c) => c.intake !== undefined);

test("the device that answers is revoked: it is cut, its keys read nothing more, and a colleague goes on if the visitor says so", async () => {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const id = mine(await desks(sara.desk, (v) => mine(v)?.state === "waiting"))!.id;
  await desks(amir.desk, (v) => mine(v)?.state === "waiting");
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("Jag är på Storgatan.");
  await visits(visitor, (v) => v.lines.every((l) => l.delivery === undefined || l.delivery === "received"));
  await desks(amir.desk, (v) => mine(v)?.state === "taken");
  await amir.desk.clear(id);
  const taken = (await (await sara.vaults(`utvag.${kommun}.${sara.id}`)).get(`case/${id}/group`))!.slice();
  const directory = decodeDirectory(new Uint8Array(await (await fetch(`${world.url}/directory`)).arrayBuffer()));
  const now = () => Math.floor(Date.now() / 1000);
  const old = await openRoster(directory.roster, { kommun, pins: world.config.pins, now: now() });
  const sent: Uint8Array[] = [];
  net.outbound = (frame) => {
    const decoded = decodeClientFrame(frame);
    if (decoded.kind === "send") sent.push(decoded.message);
    return [frame];
  };

  await world.roster([amir]);
  expect((await desks(sara.desk, (v) => v.phase === "stopped")).trouble).toBe("device");
  const shut = await visits(visitor, (v) => v.shut !== undefined);
  expect(shut).toMatchObject({ phase: "waiting", shut: { alias: "Sara" }, readers: 0 });
  expect(shut.coordinator).toBeUndefined();
  expect(shut.trouble).toBeUndefined();
  expect(shut.lines.at(-1)).toMatchObject({ from: "system", event: "second", alias: "Sara" });
  // Nobody reads it now, and it is not lost.
  visitor.send("Är det någon där?");
  await visits(visitor, (v) => v.lines.some((l) => l.text === "Är det någon där?" && l.delivery === "sent"));
  await meanwhile(world);
  expect(amir.desk.view.cases.map((c) => c.id)).not.toContain(id);

  visitor.invite();
  const let_in = await desks(amir.desk, (v) => mine(v)?.state === "waiting" && thread(mine(v)!.lines).length === 3);
  expect(thread(mine(let_in)!.lines)).toEqual([
    `visitor: ${intake.text}`,
    "visitor: Jag är på Storgatan.",
    "visitor: Är det någon där?",
  ]);
  expect(visitor.view.shut).toBeUndefined();
  await amir.desk.claim(id);
  await desks(amir.desk, (v) => mine(v)?.state === "mine");
  amir.desk.send(id, "Sara kan inte svara mer. Jag heter Amir.");
  await visits(
    visitor,
    (v) => v.phase === "claimed" && v.lines.some((l) => l.text?.startsWith("Sara kan inte") === true),
  );

  // Whoever has Sara's machine opens the commit that shut it out, at most, and nothing that follows it.
  const stolen = Group.decode(taken, { kommun, roster: () => old, now });
  const [removal, ...rest] = sent;
  expect((await stolen.open(removal!)).kind).toBe("commit");
  expect(rest.length).toBeGreaterThan(2);
  for (const message of rest) await expect(stolen.open(message)).rejects.toThrow();
});

test("before anybody answers: a device is revoked, another one right behind it, and who is left goes on", async () => {
  const lena = await world.coordinator("Lena");
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await visits(visitor, (v) => v.phase === "waiting" && v.readers === 3);
  await desks(lena.desk, (v) => mine(v)?.state === "waiting");
  await world.roster([sara, lena]);
  await visits(visitor, (v) => v.readers === 2);
  await world.roster([lena]);
  await visits(visitor, (v) => v.readers === 1);
  expect(visitor.view.lines.some((l) => l.event === "second")).toBe(false);
  await lena.desk.claim(mine(lena.desk.view)!.id);
  await visits(visitor, (v) => v.phase === "claimed" && v.coordinator?.alias === "Lena");
});

test("a console hears of a newer roster at once, and one that is only prolonged changes nothing else", async () => {
  const before = sara.desk.view.roster!.serial;
  await world.roster([sara, amir]);
  await desks(sara.desk, (v) => v.roster!.serial > before);
  expect(sara.desk.view.phase).toBe("online");
  await world.roster([sara]);
  await desks(amir.desk, (v) => v.phase === "stopped" && v.trouble === "device");
});

test("a relay that only speaks of newer rosters is asked a few times and then left alone", async () => {
  vi.useFakeTimers();
  let asked = 0;
  let serial = 3n;
  const heard = newRosterWatch({ serial: () => serial, look: async () => void asked++, longest: 1, over: () => false });
  heard(2n);
  heard(3n);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked).toBe(0);
  heard(9n);
  heard(10n);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toBe(6);
  serial = 10n;
  heard(10n);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked).toBe(6);
});
