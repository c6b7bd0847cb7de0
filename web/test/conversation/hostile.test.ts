import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RelayFrame } from "../../src/wire/frames.ts";
import { decodeClientFrame, decodeFrame, encodeRelayFrame } from "../../src/wire/frames.ts";
import type { Net } from "./net.ts";
import { type Person, type World, desks, intake, makeWorld, thread, visits } from "./world.ts";

/** A relay that lies: between each client and the real relay stands a test that changes what the relay says. */

let world: World;
let sara: Person;
beforeAll(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
});
afterAll(() => world.close());
beforeEach(() => {
  sara.net.inbound = (frame) => [frame];
  // A fresh connection has its whole budget of frames.
  sara.net.cut();
});

type Entry = Extract<RelayFrame, { kind: "entry" }>;

/** Changes the entries that come over this line; everything else passes. */
function entries(net: Net, change: (entry: Entry) => readonly RelayFrame[]): void {
  net.inbound = (bytes) => {
    const frame = decodeFrame(bytes);
    return frame.kind === "entry" ? change(frame).map(encodeRelayFrame) : [bytes];
  };
}

/** A relay that lies about order must not be caught by an acknowledgement alone: it swallows them. */
function withoutAcks(net: Net): void {
  net.outbound = (bytes) => (decodeClientFrame(bytes).kind === "advance" ? [] : [bytes]);
}

async function claimed() {
  await desks(sara.desk, (v) => v.phase === "online");
  const before = new Set(sara.desk.view.cases.map((c) => c.id));
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const fresh = (await desks(sara.desk, (v) => v.cases.some((c) => !before.has(c.id) && c.state === "waiting"))).cases;
  const id = fresh.find((c) => !before.has(c.id))!.id;
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed" && v.lines[0]!.delivery === "received");
  const mine = () => sara.desk.view.cases.find((c) => c.id === id)!;
  const caseBroken = () => desks(sara.desk, () => mine().state === "broken");
  return { visitor, net, id, mine, caseBroken };
}

describe("what the visitor notices", () => {
  test("an entry is left out: lost", async () => {
    const { visitor, net, id } = await claimed();
    let dropped = false;
    entries(net, (e) => (e.slot !== 0 && !dropped ? ((dropped = true), []) : [e]));
    sara.desk.send(id, "ett");
    sara.desk.send(id, "två");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("lost");
    expect(thread(visitor.view.lines)).toEqual([`visitor: ${intake.text}`]);
  });

  test("an entry comes twice: split", async () => {
    const { visitor, net, id } = await claimed();
    entries(net, (e) => [e, e]);
    sara.desk.send(id, "ett");
    const view = await visits(visitor, (v) => v.phase === "broken");
    expect(view.trouble).toBe("split");
    expect(thread(view.lines).filter((t) => t === "staff: ett")).toHaveLength(1);
  });

  test("two entries come in the wrong order: lost", async () => {
    const { visitor, net, id } = await claimed();
    let held: Entry | undefined;
    entries(net, (e) => {
      if (e.slot === 0) return [e];
      if (!held) return ((held = e), []);
      return [e, held];
    });
    sara.desk.send(id, "ett");
    sara.desk.send(id, "två");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("lost");
  });

  test("two entries change places, numbers and tags: split", async () => {
    const { visitor, net, id } = await claimed();
    let held: Entry | undefined;
    entries(net, (e) => {
      if (e.slot === 0) return [e];
      if (!held) return ((held = e), []);
      const first = held;
      return [
        { ...e, seq: first.seq, tag: first.tag, counter: first.counter },
        { ...first, seq: e.seq, tag: e.tag, counter: e.counter },
      ];
    });
    sara.desk.send(id, "ett");
    sara.desk.send(id, "två");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("split");
  });

  test("an own entry comes back with another tag: split", async () => {
    const { visitor, net } = await claimed();
    withoutAcks(net);
    entries(net, (e) => [e.slot === 0 ? { ...e, tag: Uint8Array.from(e.tag, (b) => b ^ 1) } : e]);
    visitor.send("ett");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("split");
  });

  test("another's entry comes with another tag: when the line is made anew that is a store that was set back, and another mailbox takes its place", async () => {
    const { visitor, net, id } = await claimed();
    entries(net, (e) => [{ ...e, tag: e.slot === 0 ? e.tag : Uint8Array.from(e.tag, (b) => b ^ 1) }]);
    net.outbound = (bytes) => (["advance", "send"].includes(decodeClientFrame(bytes).kind) ? [] : [bytes]);
    sara.desk.send(id, "ett");
    await visits(visitor, (v) => thread(v.lines).includes("staff: ett"));
    net.outbound = (bytes) => [bytes];
    net.cut();
    await visits(
      visitor,
      (v) => v.lines.some((line) => line.event === "anew") && v.lines.every((line) => line.delivery !== "waiting"),
    );
    visitor.leave();
    await desks(sara.desk, (v) => v.cases.every((c) => c.state !== "waiting" && c.state !== "opening"));
  });

  test("an own entry comes back with another content: split", async () => {
    const { visitor, net } = await claimed();
    entries(net, (e) => [e.slot === 0 ? { ...e, message: bent(e.message) } : e]);
    visitor.send("ett");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("split");
  });

  test("a coordinator's entry was changed: split", async () => {
    const { visitor, net, id } = await claimed();
    entries(net, (e) => [e.slot === 0 ? e : { ...e, message: bent(e.message) }]);
    sara.desk.send(id, "ett");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("split");
    expect(thread(visitor.view.lines)).toEqual([`visitor: ${intake.text}`]);
  });

  test("a coordinator's entry is passed off as the visitor's own: split", async () => {
    const { visitor, net, id } = await claimed();
    entries(net, (e) => [{ ...e, slot: 0 }]);
    sara.desk.send(id, "ett");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("split");
  });

  test("the claim is withheld: lost, once the visitor writes and one more try brought nothing", async () => {
    await desks(sara.desk, (v) => v.phase === "online");
    const before = new Set(sara.desk.view.cases.map((c) => c.id));
    const { visitor, net } = world.visitor();
    entries(net, (e) => (e.slot === 0 ? [e] : []));
    await visitor.open(intake, "live");
    const seen = await desks(sara.desk, (v) => v.cases.some((c) => !before.has(c.id) && c.state === "waiting"));
    const id = seen.cases.find((c) => !before.has(c.id))!.id;
    await sara.desk.claim(id);
    await desks(sara.desk, (v) => v.cases.find((c) => c.id === id)!.state === "mine");
    visitor.send("hallå?");
    const view = await visits(visitor, (v) => v.phase === "broken");
    expect(view.trouble).toBe("lost");
    expect(view.coordinator).toBeUndefined();
    expect(view.lines.find((l) => l.text === "hallå?")!.delivery).not.toBe("received");
    expect(net.connections).toBe(2);
  });

  test("an entry is left out and the rest numbered anew: split", async () => {
    const { visitor, net, id } = await claimed();
    withoutAcks(net);
    let dropped = 0n;
    entries(net, (e) => {
      if (e.slot !== 0 && dropped === 0n) return ((dropped = 1n), []);
      return [{ ...e, seq: e.seq - dropped }];
    });
    sara.desk.send(id, "ett");
    sara.desk.send(id, "två");
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("split");
  });

  test("the relay shows each side another order, and both are sound in themselves: split, by the receipt's transcript", async () => {
    const { visitor, net } = await claimed();
    withoutAcks(net);
    sara.net.down = true;
    // The visitor's two entries change places on the visitor's own line, answers included.
    const sent: bigint[] = [];
    let held: Entry | undefined;
    net.inbound = (bytes) => {
      const frame = decodeFrame(bytes);
      if (frame.kind === "accepted") {
        sent.push(frame.counter);
        const seq = sent.length === 1 ? frame.cursor.seq + 1n : frame.cursor.seq - 1n;
        return [encodeRelayFrame({ ...frame, cursor: { ...frame.cursor, seq } })];
      }
      if (frame.kind !== "entry" || frame.slot !== 0) return [bytes];
      if (!held) return ((held = frame), []);
      const [first, second] = [held, frame];
      net.inbound = (b) => [b];
      return [encodeRelayFrame({ ...second, seq: first.seq }), encodeRelayFrame({ ...first, seq: second.seq })];
    };
    visitor.send("ett");
    visitor.send("två");
    await visits(visitor, (v) => v.lines.filter((l) => l.delivery === "sent").length === 2);
    expect(visitor.view.trouble).toBeUndefined();
    sara.net.down = false;
    const view = await visits(visitor, (v) => v.phase === "broken");
    expect(view.trouble).toBe("split");
    expect(view.lines.filter((l) => l.delivery === "received")).toHaveLength(1);
  });

  test("the relay says that it has accepted less than before: lost", async () => {
    const { visitor, net } = await claimed();
    net.inbound = (bytes) => {
      const frame = decodeFrame(bytes);
      return [frame.kind === "attached" ? encodeRelayFrame({ ...frame, counter: 0n }) : bytes];
    };
    net.cut();
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("lost");
  });

  test("the relay names another incarnation: lost", async () => {
    const { visitor, net } = await claimed();
    net.inbound = (bytes) => {
      const frame = decodeFrame(bytes);
      if (frame.kind !== "attached") return [bytes];
      return [encodeRelayFrame({ ...frame, head: { ...frame.head, incarnation: new Uint8Array(16).fill(7) } })];
    };
    net.cut();
    expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("lost");
  });
});

describe("what the coordinator notices", () => {
  test("an entry comes twice, and what was to be said fails visibly: split", async () => {
    const { visitor, id, mine, caseBroken } = await claimed();
    entries(sara.net, (e) => [e, e]);
    visitor.send("ett");
    await caseBroken();
    expect(mine().trouble).toBe("split");
    sara.desk.send(id, "tre");
    expect(thread(mine().lines)).toEqual([`visitor: ${intake.text}`, "visitor: ett"]);
  });

  test("a visitor's entry was left out: lost, and what was read stays", async () => {
    const { visitor, mine, caseBroken } = await claimed();
    let dropped = false;
    entries(sara.net, (e) => (e.slot === 0 && !dropped ? ((dropped = true), []) : [e]));
    visitor.send("ett");
    visitor.send("två");
    await caseBroken();
    expect(mine().trouble).toBe("lost");
    expect(thread(mine().lines)).toEqual([`visitor: ${intake.text}`]);
  });
});

/** One bit of the ciphertext is another. */
function bent(message: Uint8Array): Uint8Array {
  const copy = message.slice();
  copy[copy.length - 5]! ^= 1;
  return copy;
}
