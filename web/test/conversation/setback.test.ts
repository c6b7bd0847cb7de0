import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { VisitorView } from "../../src/conversation/api.ts";
import { type Person, type World, desks, intake, makeWorld, thread, visits } from "./world.ts";

/**
 * Redis comes back empty, or without the end: what nobody has confirmed arrives all the same, and nobody reads it who
 * could not before.
 */

let world: World;
let sara: Person;
let ali: Person;
beforeEach(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
  ali = await world.coordinator("Ali");
});
afterEach(() => world.close());

const first = `visitor: ${intake.text}`;
const anew = (v: VisitorView) => v.lines.some((line) => line.event === "anew");
const received = (v: VisitorView) => v.lines.every((line) => line.from !== "visitor" || line.delivery === "received");

/** The case that waits, other than this one. */
async function waits(person: Person, not?: string): Promise<string> {
  const seen = await desks(person.desk, (v) => v.cases.some((c) => c.id !== not && c.state === "waiting"));
  return seen.cases.find((c) => c.id !== not && c.state === "waiting")!.id;
}

async function claimed() {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const id = await waits(sara);
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  sara.desk.send(id, "Jag är här");
  await visits(visitor, (v) => thread(v.lines).length === 2 && received(v));
  return { visitor, net, id };
}

describe("the store comes back empty", () => {
  test("before an answer: it is opened anew for everybody, without a word from the person", async () => {
    const { visitor } = world.visitor();
    await visitor.open(intake, "live");
    const id = await waits(sara);
    await world.redis("FLUSHALL");
    visitor.send("Hallå?");
    await visits(visitor, anew);
    const next = await waits(sara, id);
    await waits(ali, id);
    await sara.desk.claim(next);
    await visits(visitor, (v) => v.phase === "claimed" && received(v));
    const seen = sara.desk.view.cases.find((c) => c.id === next)!;
    expect(thread(seen.lines)).toEqual([first, "visitor: Hallå?"]);
    expect(seen.intake!.answers).toEqual(intake.answers);
  });

  test("who writes while it is being opened anew is told all the same", async () => {
    const { visitor, id } = await claimed();
    await world.redis("FLUSHALL");
    visitor.send("Hör du mig?");
    // Whom to open it for is being looked up.
    await visits(visitor, (v) => v.phase === "opening");
    visitor.send("Hallå?");
    await visits(visitor, anew);
    await sara.desk.claim(await waits(sara, id));
    await visits(visitor, (v) => v.phase === "claimed" && received(v));
    expect(thread(visitor.view.lines).slice(-2)).toEqual(["visitor: Hör du mig?", "visitor: Hallå?"]);
  });

  test("after a claim: what nobody confirmed reaches the one who answers, and no colleague", async () => {
    const { visitor, id } = await claimed();
    await desks(ali.desk, (v) => v.cases.every((c) => c.state === "taken"));
    await world.redis("FLUSHALL");
    visitor.send("Hör du mig?");
    expect(thread(visitor.view.lines)).toContain("visitor: Hör du mig?");
    const next = await waits(sara, id);
    expect(visitor.view.readers).toBe(1);
    await desks(sara.desk, (v) => v.cases.some((c) => c.id === id && c.state === "broken" && c.trouble === "lost"));
    await sara.desk.claim(next);
    await visits(visitor, (v) => v.phase === "claimed" && received(v));
    expect(visitor.view.trouble).toBeUndefined();
    expect(thread(sara.desk.view.cases.find((c) => c.id === next)!.lines)).toEqual([first, "visitor: Hör du mig?"]);
    expect(thread(visitor.view.lines).filter((line) => line === "visitor: Hör du mig?")).toHaveLength(1);
    expect(ali.desk.view.cases.map((c) => c.id)).not.toContain(next);
  });

  test("the one who answered is not to be had: the person is told, and decides who else may read", async () => {
    const { visitor, id } = await claimed();
    await world.roster([ali]);
    await desks(sara.desk, (v) => v.phase === "stopped");
    visitor.send("Hör du mig?");
    await world.redis("FLUSHALL");
    const broken = await visits(visitor, (v) => v.phase === "broken");
    expect(broken.trouble).toBe("lost");
    expect(thread(broken.lines)).toContain("visitor: Hör du mig?");
    expect(ali.desk.view.cases.filter((c) => c.id !== id && c.state === "waiting")).toEqual([]);
    await visitor.again();
    const next = await waits(ali, id);
    await ali.desk.claim(next);
    await visits(visitor, (v) => v.phase === "claimed" && received(v));
  });

  test("again and again, and the person writes nothing: the page stops by itself", async () => {
    const { visitor } = await claimed();
    for (let life = 1; life <= 3; life++) {
      await world.redis("FLUSHALL");
      await visits(
        visitor,
        (v) =>
          v.phase === "waiting" &&
          v.lines.some((line) => line.id === `${life}.anew`) &&
          v.lines.every((line) => line.delivery !== "waiting"),
      );
    }
    await world.redis("FLUSHALL");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("lost");
  });
});

/** The mailbox's state is put aside, and comes back: what a replica has that took over before it had everything. */
function tail(id: string) {
  const name = Buffer.from(id, "hex").toString("latin1");
  const shard = String(parseInt(id.slice(0, 2), 16) % 64).padStart(2, "0");
  const key = (what: string) => `u:{${shard}}:${what}:${name}`;
  const all = ["m", "e", "w"];
  return {
    keep: async () =>
      void (await Promise.all(all.map((what) => world.redis("COPY", key(what), key(`old ${what}`), "REPLACE")))),
    setBack: async () =>
      void (await Promise.all(all.map((what) => world.redis("COPY", key(`old ${what}`), key(what), "REPLACE")))),
  };
}

describe("the store comes back without the end", () => {
  test("of what the visitor wrote: it is sent again, in a new group", async () => {
    const { visitor, id } = await claimed();
    const store = tail(id);
    await store.keep();
    sara.net.down = true;
    visitor.send("Det här försvinner");
    await visits(visitor, (v) => v.lines.at(-1)!.delivery === "sent");
    await store.setBack();
    await visits(visitor, anew);
    sara.net.down = false;
    const next = await waits(sara, id);
    await sara.desk.claim(next);
    await visits(visitor, (v) => v.phase === "claimed" && received(v));
    expect(thread(sara.desk.view.cases.find((c) => c.id === next)!.lines)).toEqual([
      first,
      "visitor: Det här försvinner",
    ]);
  });

  test("the claim is in it: the group is made anew for the one who had claimed", async () => {
    const { visitor } = world.visitor();
    await visitor.open(intake, "live");
    const id = await waits(sara);
    const store = tail(id);
    await store.keep();
    await sara.desk.claim(id);
    await visits(visitor, (v) => v.phase === "claimed");
    visitor.send("Är du där?");
    await visits(visitor, (v) => v.lines.at(-1)!.delivery !== "waiting");
    await store.setBack();
    await visits(visitor, anew);
    const next = await waits(sara, id);
    expect(visitor.view.readers).toBe(1);
    await sara.desk.claim(next);
    await visits(visitor, (v) => v.phase === "claimed" && received(v));
    expect(
      thread(visitor.view.lines)
        .filter((line) => line.startsWith("visitor"))
        .sort(),
    ).toEqual([first, "visitor: Är du där?"].sort());
  });
});
