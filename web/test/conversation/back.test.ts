import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeskView, ReturnKeys, Visitor } from "../../src/conversation/api.ts";
import { decodeClientFrame } from "../../src/wire/frames.ts";
import { type Person, type World, desks, intake, makeWorld, meanwhile, someKeys, thread, visits } from "./world.ts";

/** The way back with a phrase, over a real relay and a real Redis. */

let world: World;
let sara: Person;
beforeEach(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
});
afterEach(() => world.close());

const caseOf = (v: DeskView) => v.cases.find((c) => c.intake?.text === intake.text);

async function opened(kind: "live" | "message" = "live") {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, kind);
  const keys = someKeys();
  expect(await visitor.keep(keys)).toBeUndefined();
  expect(visitor.view.kept).toBe("kept");
  const id = caseOf(await desks(sara.desk, (v) => caseOf(v)?.state === "waiting"))!.id;
  return { visitor, net, keys, id };
}

async function back(keys: ReturnKeys) {
  const { visitor, net } = world.visitor();
  expect(await visitor.comeBack(keys)).toEqual({ found: true });
  return { visitor, net };
}

const settled = (visitor: Visitor) =>
  visits(visitor, (v) => v.lines.every((l) => l.delivery === undefined || l.delivery === "received"));

test("a visitor goes, comes back on another device, reads what was said, and answers", async () => {
  const { visitor, keys, id } = await opened();
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("Jag måste gå");
  await settled(visitor);
  visitor.leave();
  await desks(sara.desk, (v) => caseOf(v)?.visitor === "left");
  sara.desk.send(id, "Jag finns här när du kommer tillbaka");

  const next = await back(keys);
  await visits(next.visitor, (v) => thread(v.lines).length === 3 && v.kept === "kept");
  expect(next.visitor.view.coordinator!.alias).toBe("Sara");
  await desks(sara.desk, (v) => caseOf(v)?.visitor === "here");
  next.visitor.send("Nu är jag tillbaka");
  await settled(next.visitor);
  const expected = [
    `visitor: ${intake.text}`,
    "visitor: Jag måste gå",
    "staff: Jag finns här när du kommer tillbaka",
    "visitor: Nu är jag tillbaka",
  ];
  expect(thread(next.visitor.view.lines)).toEqual(expected);
  await desks(sara.desk, (v) => thread(caseOf(v)!.lines).length === 4);
  expect(thread(caseOf(sara.desk.view)!.lines)).toEqual(expected);
  expect(next.visitor.view.trouble).toBeUndefined();
});

test("two devices with one phrase: the later one wins, the other stops, wipes and says so", async () => {
  const { visitor, keys, id } = await opened();
  const next = await back(keys);
  const stopped = await visits(visitor, (v) => v.phase === "broken");
  expect(stopped).toMatchObject({ trouble: "elsewhere", lines: [] });
  expect(stopped.kept).toBeUndefined();
  visitor.send("Hallå?");
  await sara.desk.claim(id);
  await visits(next.visitor, (v) => v.phase === "claimed" && v.kept === "kept");
  next.visitor.send("Jag är på den nya");
  await settled(next.visitor);
  expect(thread(caseOf(sara.desk.view)!.lines)).toEqual([`visitor: ${intake.text}`, "visitor: Jag är på den nya"]);
});

test("a wrong phrase finds nothing, and says so in the same words as one that has expired", async () => {
  const { visitor } = world.visitor();
  expect(await visitor.comeBack(someKeys())).toEqual({ found: false, emptied: expect.any(Number) });
  expect(visitor.view.phase).toBe("idle");
});

test("ending drops what lay under the phrase", async () => {
  const { visitor, keys } = await opened();
  await visitor.end();
  await visits(visitor, (v) => v.phase === "ended" && v.end!.confirmed);
  const again = world.visitor();
  expect(await again.visitor.comeBack(keys)).toMatchObject({ found: false });
  expect(await world.redis("KEYS", "u:*:b:*")).toBe("*0\r\n");
});

test("a changed return code opens it, and the one before opens nothing", async () => {
  const { visitor, keys } = await opened();
  const other = someKeys();
  expect(await visitor.keep(other)).toBeUndefined();
  const wrong = world.visitor();
  expect(await wrong.visitor.comeBack(keys)).toMatchObject({ found: false });
  const next = await back(other);
  await visits(next.visitor, (v) => v.phase === "waiting" && v.kept === "kept");
});

test("nothing leaves, and nothing is acknowledged, before the relay has said that the copy holds it", async () => {
  const { visitor, net, id } = await opened();
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("ett");
  await settled(visitor);
  const left: string[] = [];
  let holding = true;
  net.outbound = (bytes) => {
    const { kind } = decodeClientFrame(bytes);
    if (kind === "put" && holding) return [];
    if (kind === "send" || kind === "advance") left.push(kind);
    return [bytes];
  };
  visitor.send("två");
  sara.desk.send(id, "tre");
  await visits(visitor, (v) => v.lines.some((l) => l.text === "tre"));
  await meanwhile(world);
  expect(left).toEqual([]);
  expect(visitor.view.lines.find((l) => l.text === "två")!.delivery).toBe("waiting");
  holding = false;
  net.cut();
  await settled(visitor);
  expect(left).toContain("send");
});

test("a line that is cut before the relay has answered for the code is tried again", async () => {
  const { keys } = await opened();
  const next = world.visitor();
  let cuts = 0;
  next.net.outbound = (bytes) => (decodeClientFrame(bytes).kind === "get" && cuts++ < 2 ? "cut" : [bytes]);
  expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
  expect(cuts).toBe(3);
});

test("and not for ever", async () => {
  const { keys } = await opened();
  const next = world.visitor();
  let cuts = 0;
  next.net.outbound = (bytes) => (decodeClientFrame(bytes).kind === "get" ? (cuts++, "cut") : [bytes]);
  expect(await next.visitor.comeBack(keys)).toEqual({ trouble: "unreachable" });
  expect(cuts).toBe(3);
});
