import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeskView, ProposalReason, Visitor, VisitorView } from "../../src/conversation/api.ts";
import { decodeClientFrame } from "../../src/wire/frames.ts";
import { type Person, type World, desks, intake, makeWorld, meanwhile, someKeys, thread, visits } from "./world.ts";

/** Whom the claimer asks the visitor to let in: a colleague, the next shift, whoever is on call. */

let world: World;
let sara: Person;
let amir: Person;
beforeEach(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
  amir = await world.coordinator("Amir");
});
afterEach(() => world.close());

const mine = (v: DeskView) => v.cases.find((c) => c.intake !== undefined || c.letGo !== undefined);
const settled = (visitor: Visitor) =>
  visits(visitor, (v) => v.lines.every((l) => l.delivery === undefined || l.delivery === "received"));
const asked = (visitor: Visitor, holds: (p: NonNullable<VisitorView["proposal"]>) => boolean = () => true) =>
  visits(visitor, (v) => v.proposal !== undefined && holds(v.proposal));

async function claimed() {
  const made = world.visitor();
  await made.visitor.open(intake, "live");
  const id = mine(await desks(sara.desk, (v) => mine(v)?.state === "waiting"))!.id;
  await sara.desk.claim(id);
  await visits(made.visitor, (v) => v.phase === "claimed");
  await desks(sara.desk, (v) => mine(v)?.state === "mine");
  return { ...made, id };
}

async function propose(id: string, reason: ProposalReason, alias: string): Promise<void> {
  const one = (await sara.desk.candidates(id)).find((c) => c.alias === alias);
  sara.desk.propose(id, reason, one);
}

/** What a device's vault holds of a conversation, all of it as text. */
async function stored(person: Person, id: string): Promise<{ names: string[]; text: string }> {
  const vault = await person.vaults(`utvag.botkyrka.${person.id}`);
  const names = await vault.names(`case/${id}/`);
  const values = await Promise.all(names.map((name) => vault.get(name)));
  return { names, text: values.map((bytes) => (bytes ? Buffer.from(bytes).toString("utf8") : "")).join() };
}

test("a colleague: the visitor sees who and why, says yes, and both read; only the claimer writes", async () => {
  const { visitor, id } = await claimed();
  sara.desk.send(id, "Hej");
  await visits(visitor, (v) => thread(v.lines).includes("staff: Hej"));
  expect((await sara.desk.candidates(id)).map((c) => c.alias)).toEqual(["Amir"]);
  await propose(id, "colleague", "Amir");
  const view = await asked(visitor);
  expect(view.proposal).toMatchObject({ reason: "colleague", by: "Sara", alias: "Amir", role: "coordinator" });
  expect(view.readers).toBe(1);
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "waiting");
  expect(mine(amir.desk.view)!.state).toBe("taken");

  visitor.answer(view.proposal!.nonce, true);
  const both = await visits(visitor, (v) => v.company !== undefined);
  expect(both).toMatchObject({
    phase: "claimed",
    readers: 2,
    coordinator: { alias: "Sara" },
    company: [{ alias: "Amir" }],
  });
  expect(both.proposal).toBeUndefined();
  const beside = await desks(amir.desk, (v) => mine(v)?.company === true && thread(mine(v)!.lines).length === 2);
  expect(mine(beside)).toMatchObject({ state: "taken", takenBy: "Sara", intake: { lang: "sv" } });
  expect(mine(beside)!.second).toBeUndefined();
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "done" && mine(v)?.beside?.[0]?.alias === "Amir");
  // What is told to the joiner is not told again to whoever was there.
  visitor.send("Ser ni båda detta?");
  await desks(sara.desk, (v) => thread(mine(v)!.lines).includes("visitor: Ser ni båda detta?"));
  expect(thread(mine(sara.desk.view)!.lines)).toEqual([
    `visitor: ${intake.text}`,
    "staff: Hej",
    "visitor: Ser ni båda detta?",
  ]);
  expect(mine(sara.desk.view)!.intake).toEqual(intake);

  visitor.send("Till båda");
  sara.desk.send(id, "Amir läser också");
  await settled(visitor);
  await desks(amir.desk, (v) => thread(mine(v)!.lines).length === 5);
  // Neither by the page nor by its engine can the colleague write, or claim.
  amir.desk.send(id, "Jag med");
  await amir.desk.claim(id);
  visitor.send("Är ni kvar?");
  await settled(visitor);
  expect(thread(visitor.view.lines).filter((l) => l.startsWith("staff"))).toEqual([
    "staff: Hej",
    "staff: Amir läser också",
  ]);
  expect(visitor.view.trouble).toBeUndefined();

  sara.desk.dismiss(id, amir.id);
  const gone = await visits(visitor, (v) => v.company === undefined);
  expect(
    gone.lines.filter((l) => l.event === "company" || l.event === "second").map((l) => [l.event, l.alias]),
  ).toEqual([
    ["company", "Amir"],
    ["second", "Amir"],
  ]);
  await desks(amir.desk, (v) => mine(v)?.company === undefined && mine(v)?.state === "taken");
  visitor.send("Bara till Sara");
  await settled(visitor);
  expect(thread(mine(amir.desk.view)!.lines)).not.toContain("visitor: Bara till Sara");
});

test("company stays when the visitor comes back with a code, and may claim once the claimer is gone", async () => {
  const { visitor, id } = await claimed();
  const keys = someKeys();
  await visitor.keep(keys);
  await propose(id, "colleague", "Amir");
  visitor.answer((await asked(visitor)).proposal!.nonce, true);
  await desks(amir.desk, (v) => mine(v)?.company === true);
  visitor.leave();
  const next = world.visitor();
  expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
  next.visitor.send("Jag är tillbaka");
  await settled(next.visitor);
  expect(next.visitor.view).toMatchObject({ readers: 2, company: [{ alias: "Amir" }] });
  expect(next.visitor.view.lines.filter((l) => l.event === "company")).toHaveLength(1);
  await desks(amir.desk, (v) => thread(mine(v)!.lines).includes("visitor: Jag är tillbaka"));
  // Sara's device is taken out of the roster.
  await world.roster([amir], { serial: 50 });
  await desks(sara.desk, (v) => v.phase === "stopped");
  next.visitor.send("Är någon där?");
  next.net.cut();
  await visits(next.visitor, (v) => v.phase === "waiting");
  await desks(amir.desk, (v) => mine(v)?.state === "waiting");
  await amir.desk.claim(id);
  await visits(next.visitor, (v) => v.phase === "claimed" && v.coordinator?.alias === "Amir");
  expect(next.visitor.view.company).toBeUndefined();
});

test("end of shift, proposed while the visitor is away: it waits for their yes on another device; the old console keeps nothing", async () => {
  const { visitor, id } = await claimed();
  const keys = someKeys();
  await visitor.keep(keys);
  sara.desk.send(id, "Jag slutar snart");
  await visits(visitor, (v) => thread(v.lines).includes("staff: Jag slutar snart"));
  visitor.leave();
  await desks(sara.desk, (v) => mine(v)?.visitor === "left");
  await propose(id, "shift", "Amir");
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "waiting");
  sara.desk.stop();
  expect((await stored(sara, id)).text).toContain("vågar inte hem");

  const next = world.visitor();
  expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
  const view = await asked(next.visitor);
  expect(view).toMatchObject({ phase: "claimed", proposal: { reason: "shift", by: "Sara", alias: "Amir" } });
  // Not yet: they go and come back once more, and it still waits.
  await visits(next.visitor, (v) => v.kept === "kept");
  next.visitor.leave();
  const third = world.visitor();
  expect(await third.visitor.comeBack(keys)).toEqual({ found: true });
  third.visitor.answer((await asked(third.visitor)).proposal!.nonce, true);
  await visits(third.visitor, (v) => v.phase === "waiting" && v.proposal === undefined);
  const handed = await desks(amir.desk, (v) => mine(v)?.state === "waiting" && thread(mine(v)!.lines).length === 2);
  expect(thread(mine(handed)!.lines)).toEqual([`visitor: ${intake.text}`, "staff: Jag slutar snart"]);
  await amir.desk.claim(id);
  await desks(amir.desk, (v) => mine(v)?.state === "mine");
  amir.desk.send(id, "Hej, jag är Amir");
  await visits(
    third.visitor,
    (v) => v.coordinator?.alias === "Amir" && thread(v.lines).includes("staff: Hej, jag är Amir"),
  );

  await sara.desk.start();
  const out = await desks(sara.desk, (v) => mine(v)?.letGo === "handed");
  expect(mine(out)).toMatchObject({ state: "taken", lines: [] });
  expect(mine(out)!.intake).toBeUndefined();
  await expect.poll(async () => (await stored(sara, id)).names).toEqual([`case/${id}/state`]);
  expect((await stored(sara, id)).text).not.toMatch(/vågar|slutar|Amir|dng/);
});

test("end of shift while everybody is here: the leaving console is empty at once, and its old keys open nothing more", async () => {
  const { visitor, id } = await claimed();
  await propose(id, "shift", "Amir");
  visitor.answer((await asked(visitor)).proposal!.nonce, true);
  const out = await desks(sara.desk, (v) => mine(v)?.letGo === "handed" && mine(v)!.lines.length === 0);
  expect(mine(out)).toMatchObject({ state: "taken" });
  await desks(amir.desk, (v) => mine(v)?.state === "waiting");
  expect(visitor.view.readers).toBe(1);
  sara.desk.send(id, "Jag är inte kvar");
  await amir.desk.claim(id);
  await visits(visitor, (v) => v.coordinator?.alias === "Amir");
  visitor.send("Hej Amir");
  await settled(visitor);
  await expect.poll(async () => (await stored(sara, id)).names).toEqual([`case/${id}/state`]);
  expect((await stored(sara, id)).text).not.toMatch(/vågar|Hej Amir/);
});

test("put back: whoever else is on call can read and claim, and the one who puts back is out", async () => {
  const lena = await world.coordinator("Lena");
  const { visitor, id } = await claimed();
  sara.desk.propose(id, "back");
  const view = await asked(visitor);
  expect(view.proposal).toMatchObject({ reason: "back", by: "Sara" });
  expect(view.proposal!.alias).toBeUndefined();
  visitor.answer(view.proposal!.nonce, true);
  await desks(lena.desk, (v) => mine(v)?.state === "waiting");
  await desks(amir.desk, (v) => mine(v)?.state === "waiting");
  expect(mine(await desks(sara.desk, (v) => mine(v)?.letGo === "handed"))!.trouble).toBeUndefined();
  await lena.desk.claim(id);
  await visits(visitor, (v) => v.coordinator?.alias === "Lena");
});

test("no is told to who asked, changes nothing, and the next question can be asked", async () => {
  const { visitor, id } = await claimed();
  await propose(id, "shift", "Amir");
  const first = (await asked(visitor)).proposal!;
  visitor.answer(first.nonce, false);
  expect(visitor.view.proposal).toBeUndefined();
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "no");
  expect(visitor.view).toMatchObject({ phase: "claimed", readers: 1 });
  sara.desk.send(id, "Det är okej");
  await visits(visitor, (v) => thread(v.lines).includes("staff: Det är okej"));
  await propose(id, "colleague", "Amir");
  const second = (await asked(visitor)).proposal!;
  // A tap that was meant for the question before does nothing.
  visitor.answer(first.nonce, true);
  expect(visitor.view.proposal).toEqual(second);
  sara.desk.withdraw(id);
  await visits(visitor, (v) => v.proposal === undefined);
  visitor.answer(second.nonce, true);
  visitor.send("Nå");
  await settled(visitor);
  expect(visitor.view).toMatchObject({ phase: "claimed", readers: 1 });
});

test("a newer proposal takes the place of an older one; of one claimer the page takes sixteen", async () => {
  const lena = await world.coordinator("Lena");
  const { visitor, id } = await claimed();
  await propose(id, "colleague", "Amir");
  await asked(visitor, (p) => p.alias === "Amir");
  await propose(id, "shift", "Lena");
  await asked(visitor, (p) => p.alias === "Lena" && p.reason === "shift");
  const seen = new Set<string>();
  visitor.subscribe((v) => v.proposal && seen.add(v.proposal.nonce));
  for (let i = 0; i < 20; i++) {
    await propose(id, "colleague", i % 2 ? "Amir" : "Lena");
    await desks(sara.desk, (v) => mine(v)?.proposal?.state === "waiting");
  }
  sara.desk.send(id, "Nog");
  await visits(visitor, (v) => thread(v.lines).includes("staff: Nog"));
  expect(seen.size).toBeLessThanOrEqual(15);
  expect(seen.size).toBeGreaterThan(3);
  // The sixteenth stands, and can be answered.
  visitor.answer(visitor.view.proposal!.nonce, true);
  await visits(visitor, (v) => v.company !== undefined);
  expect(lena.desk.view.trouble).toBeUndefined();
});

test("who is in no roster, in it no more, already there, or without a key package of today is not let in; both are told", async () => {
  const { visitor, id } = await claimed();
  const shows: string[] = [];
  visitor.subscribe((v) => v.proposal && shows.push(v.proposal.alias ?? ""));
  const one = { device: "0123456789abcdef", alias: "Amir", role: "coordinator", languages: [], claims: true };
  sara.desk.propose(id, "colleague", one);
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "cannot");
  sara.desk.propose(id, "shift", { ...one, device: sara.id });
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "cannot");
  sara.desk.propose(id, "kommun", { ...one, device: amir.id }, "vidby");
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "cannot");
  expect(shows).toEqual([]);

  // The name is the roster's, whatever the claimer calls them.
  sara.desk.propose(id, "colleague", { ...one, device: amir.id, alias: "Chefen", role: "lead" });
  const view = await asked(visitor);
  expect(view.proposal).toMatchObject({ alias: "Amir", role: "coordinator" });
  // Between the question and the yes the roster gives that name up.
  await world.roster([sara, { ...amir, name: "Någon annan" }], { serial: 60 });
  visitor.answer(view.proposal!.nonce, true);
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "cannot");
  expect(visitor.view.lines.at(-1)).toMatchObject({ event: "unable", alias: "Sara" });
  expect(visitor.view).toMatchObject({ phase: "claimed", readers: 1 });

  await propose(id, "colleague", "Någon annan");
  const again = await asked(visitor, (p) => p.alias === "Någon annan");
  await world.redis("EVAL", "for _,k in ipairs(redis.call('KEYS','u:kp:*')) do redis.call('DEL',k) end return 1", "0");
  visitor.answer(again.proposal!.nonce, true);
  await desks(sara.desk, (v) => mine(v)?.proposal?.state === "cannot" || mine(v)?.proposal?.state === "done");
});

test("a proposal silences no alarm, and speaks for nobody", async () => {
  const { visitor, id } = await claimed();
  const told: string[] = [];
  sara.net.outbound = (frame) => {
    told.push(decodeClientFrame(frame).kind);
    return [frame];
  };
  visitor.send("Är du där?");
  await settled(visitor);
  await propose(id, "shift", "Amir");
  await asked(visitor);
  await meanwhile(world);
  expect(told).toContain("send");
  expect(told).not.toContain("resolve");
  sara.desk.send(id, "Ja. Min kollega kan ta över.");
  await expect.poll(() => told).toContain("resolve");
  await settled(visitor);
  const so = told.filter((k) => k === "resolve").length;
  // The visitor's receipt sets the timer again: while they have not chosen, it runs.
  visitor.send("Vänta lite");
  await settled(visitor);
  await meanwhile(world);
  expect(told.filter((k) => k === "resolve")).toHaveLength(so);
});
