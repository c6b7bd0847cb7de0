import { afterAll, beforeAll, expect, test } from "vitest";
import { type World, desks, intake, makeWorld, thread, visits } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 120_000);
afterAll(() => world.close());

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
  const mine = await desks(sara.desk, (v) => v.cases[0]!.lines.find((l) => l.from === "staff")!.delivery === "received");
  const expected = [`visitor: ${intake.text}`, "staff: Hej. Jag heter Sara. Är du trygg just nu?", "visitor: Ja, en stund."];
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
