import { afterAll, beforeAll, expect, test } from "vitest";
import { type World, desks, intake, makeWorld, visits } from "./world.ts";

/** Leaving is one synchronous task: what the relay is told is on the line, and nothing is left in the page, before it returns. */

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

test("leaving in the middle of a talk wipes before it returns, and the relay deletes", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  const id = (await desks(sara.desk, (v) => v.cases.some((c) => c.state === "waiting"))).cases[0]!.id;
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("Jag måste");
  visitor.leave();
  expect(visitor.view).toMatchObject({ phase: "idle", lines: [] });
  visitor.send("Nej");
  expect(visitor.view.lines).toEqual([]);
  const ended = await desks(sara.desk, (v) => v.cases[0]?.state === "ended");
  expect(ended.cases[0]!.end).toMatchObject({ by: "visitor", confirmed: true });
});

test("leaving before anything was sent asks the relay for nothing", async () => {
  const { visitor, net } = world.visitor();
  await visitor.prepare();
  visitor.leave();
  expect(net.connections).toBe(0);
  await visitor.open(intake, "live");
  expect(visitor.view.phase).toBe("idle");
  expect(net.connections).toBe(0);
});
