import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fate, Net } from "./net.ts";
import { type Person, type World, desks, intake, makeWorld, thread, visits } from "./world.ts";

/**
 * The line is cut abruptly at each single frame of a conversation, on either side: nothing is lost and nothing doubled.
 */

let world: World;
let sara: Person;
beforeAll(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
});
afterAll(() => world.close());

interface Cut {
  readonly side: "visitor" | "desk";
  readonly way: "out" | "in";
  /** The frame at which it happens, from 1. */
  readonly at: number;
  readonly fate: "cut" | "cut after";
}

/** Talks once, and returns how many frames each line carried, and which cuts there were. */
async function talk(cuts: readonly Cut[] = []): Promise<{ frames: Record<string, number>; made: Cut[] }> {
  const frames: Record<string, number> = {};
  const made: Cut[] = [];
  const watch = (side: Cut["side"], net: Net) => {
    const count =
      (way: Cut["way"]) =>
      (frame: Uint8Array): Fate => {
        const at = (frames[`${side} ${way}`] = (frames[`${side} ${way}`] ?? 0) + 1);
        const cut = cuts.find((one) => one.side === side && one.way === way && one.at === at);
        if (!cut) return [frame];
        made.push(cut);
        return cut.fate;
      };
    net.outbound = count("out");
    net.inbound = count("in");
  };
  sara.net.outbound = sara.net.inbound = (frame) => [frame];
  sara.net.cut();
  await desks(sara.desk, (v) => v.phase === "online");
  const { visitor, net } = world.visitor();
  watch("visitor", net);
  watch("desk", sara.net);

  await visitor.open(intake, "live");
  visitor.send("v1");
  const seen = await desks(sara.desk, (v) =>
    v.cases.some((c) => c.state === "waiting" && thread(c.lines).length === 2),
  );
  const id = seen.cases[0]!.id;
  const mine = () => sara.desk.view.cases[0]!;
  await sara.desk.claim(id);
  await desks(sara.desk, () => mine().state === "mine");
  sara.desk.send(id, "s1");
  sara.desk.send(id, "s2");
  await visits(visitor, (v) => thread(v.lines).length === 4);
  visitor.send("v2");
  await visits(visitor, (v) => v.lines.every((l) => l.delivery === undefined || l.delivery === "received"));
  await desks(sara.desk, () => mine().lines.every((l) => l.delivery === undefined || l.delivery === "received"));

  const expected = [`visitor: ${intake.text}`, "visitor: v1", "staff: s1", "staff: s2", "visitor: v2"];
  expect(thread(visitor.view.lines)).toEqual(expected);
  expect(thread(mine().lines)).toEqual(expected);
  await sara.desk.end(id);
  await desks(sara.desk, () => mine().end?.confirmed === true);
  await visits(visitor, (v) => v.phase === "ended" && v.end?.confirmed === true);
  await sara.desk.clear(id);
  visitor.wipe();
  return { frames, made };
}

test("wherever the line is cut, everything arrives once and in order", { timeout: 240_000 }, async () => {
  const { frames } = await talk();
  const planned = (side: Cut["side"]): Cut[] =>
    (["out", "in"] as const).flatMap((way) =>
      Array.from({ length: frames[`${side} ${way}`]! }, (_, i): Cut => {
        return { side, way, at: i + 1, fate: (["cut", "cut after"] as const)[i % 2]! };
      }),
    );
  // Each side's line is cut once in each talk, so that no cut heals what another has broken.
  const [his, hers] = [planned("visitor"), planned("desk")];
  let made = 0;
  for (let i = 0; i < Math.max(his.length, hers.length); i++) {
    const cuts = [...his.slice(i, i + 1), ...hers.slice(i, i + 1)];
    try {
      made += (await talk(cuts)).made.length;
    } catch (error) {
      throw new Error(`with the line cut: ${JSON.stringify(cuts)}`, { cause: error });
    }
  }
  expect(made).toBeGreaterThanOrEqual(50);
});
