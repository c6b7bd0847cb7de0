import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { hex, unhex } from "../../src/wire/bytes.ts";
import { decodeClientFrame } from "../../src/wire/frames.ts";
import { type World, desks, intake, makeWorld, someKeys, visits } from "./world.ts";

/**
 * Leaving is one synchronous task: what the relay is told is on the line, and nothing is left in the page, before it
 * returns.
 */

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

test("leaving while the first message is on its way deletes it all the same", async () => {
  const { visitor, net } = world.visitor();
  const id = await new Promise<string>((resolve) => {
    net.outbound = (bytes) => {
      const frame = decodeClientFrame(bytes);
      // The opening has just been put on the line, and nobody has answered it.
      if (frame.kind === "open") queueMicrotask(() => (visitor.leave(), resolve(hex(frame.mailbox))));
      return [bytes];
    };
    void visitor.open(intake, "live");
  });
  expect(visitor.view.phase).toBe("idle");
  const raw = String.fromCharCode(...unhex(id)!);
  const keys = async () =>
    (await world.redis("KEYS", "u:{*"))
      .split("\r\n")
      .filter((key) => key.endsWith(raw))
      .map((key) => key.slice(7, 8));
  // Of the mailbox nothing is left but the word that it was ended.
  await vi.waitUntil(async () => (await keys()).join() === "t", { timeout: 5000, interval: 20 });
});

test("under a return code nothing is deleted, and the code opens it", async () => {
  const amir = await world.coordinator("Amir");
  const { visitor } = world.visitor();
  await visitor.open({ ...intake, text: "Jag kommer tillbaka" }, "live");
  const keys = someKeys();
  await visitor.keep(keys);
  visitor.leave();
  const left = await desks(amir.desk, (v) =>
    v.cases.some((c) => c.intake?.text === "Jag kommer tillbaka" && c.visitor === "left"),
  );
  expect(left.cases.find((c) => c.visitor === "left")!.end).toBeUndefined();
  const next = world.visitor();
  expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
  await desks(amir.desk, (v) => v.cases.some((c) => c.intake?.text === "Jag kommer tillbaka" && c.visitor === "here"));
  next.visitor.leave();
});

test("a copy that expires while the page is open is made again", async () => {
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  const keys = someKeys();
  await visitor.keep(keys);
  const blob = (await world.redis("KEYS", "u:*:b:*"))
    .split("\r\n")
    .find((line) => line.endsWith(String.fromCharCode(...keys.locator)))!;
  await world.redis("DEL", blob);
  visitor.send("Jag är kvar");
  await visits(visitor, (v) => v.lines.at(-1)!.delivery === "sent" && v.kept === "kept");
  const next = world.visitor();
  expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
  expect(await visits(visitor, (v) => v.phase === "broken")).toMatchObject({ trouble: "elsewhere", lines: [] });
});

test("leaving after the end was asked for deletes under a phrase too, though the end itself has not gone out", async () => {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const keys = someKeys();
  await visitor.keep(keys);
  const held = new Promise<void>((resolve) => {
    net.outbound = (bytes) => (decodeClientFrame(bytes).kind === "put" ? (resolve(), []) : [bytes]);
  });
  void visitor.end();
  await held;
  visitor.leave();
  const next = world.visitor();
  await vi.waitUntil(async () => !(await blobs()).includes(String.fromCharCode(...keys.locator)), {
    timeout: 5000,
    interval: 20,
  });
  expect(await next.visitor.comeBack(keys)).toMatchObject({ found: false });
});

test("leaving after the end drops what lies under the phrase, if that was not heard before", async () => {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const keys = someKeys();
  await visitor.keep(keys);
  const held = new Promise<void>((resolve) => {
    net.outbound = (bytes) => (decodeClientFrame(bytes).kind === "drop" ? (resolve(), []) : [bytes]);
  });
  void visitor.end();
  await held;
  net.outbound = (bytes) => [bytes];
  visitor.leave();
  await vi.waitUntil(async () => !(await blobs()).includes(String.fromCharCode(...keys.locator)), {
    timeout: 5000,
    interval: 20,
  });
});

test("leaving while the phrase is being changed loses nothing: the one before opens it", async () => {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const keys = someKeys();
  await visitor.keep(keys);
  const held = new Promise<void>((resolve) => {
    net.outbound = (bytes) => (decodeClientFrame(bytes).kind === "put" ? (resolve(), []) : [bytes]);
  });
  void visitor.keep(someKeys());
  await held;
  visitor.leave();
  const next = world.visitor();
  expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
  await visits(next.visitor, (v) => v.phase === "waiting" && v.kept === "kept");
});

async function blobs(): Promise<string> {
  return world.redis("KEYS", "u:*:b:*");
}
