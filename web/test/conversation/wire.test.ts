import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deviceOf } from "../../src/conversation/desk/device.ts";
import { currentPackages } from "../../src/conversation/desk/packages.ts";
import type { StoredLine } from "../../src/conversation/mailbox/state.ts";
import { memoryVault } from "../../src/conversation/vault/vault.ts";
import { Refusal } from "../../src/wire/codes.gen.ts";
import { decodeDirectory, encodeDirectory } from "../../src/wire/directory.ts";
import {
  type ClientFrame,
  type RelayFrame,
  decodeClientFrame,
  decodeFrame,
  encodeRelayFrame,
} from "../../src/wire/frames.ts";
import type { Net } from "./net.ts";
import { type Person, type World, desks, intake, makeWorld, meanwhile, thread, visits } from "./world.ts";

/** What each frame of the protocol asks of an engine beyond the talk itself. */

let world: World;
let sara: Person;
beforeEach(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
});

/** Keeps what goes out on a line. */
function listen(net: Net): ClientFrame[] {
  const frames: ClientFrame[] = [];
  net.outbound = (bytes) => {
    frames.push(decodeClientFrame(bytes));
    return [bytes];
  };
  return frames;
}

/** Changes what the relay says; undefined swallows it. */
function relay(net: Net, change: (frame: RelayFrame) => RelayFrame | undefined): void {
  net.inbound = (bytes) => {
    const said = change(decodeFrame(bytes));
    return said ? [encodeRelayFrame(said)] : [];
  };
}

/** Says no to what the relay has accepted. */
function refuse(net: Net, code: number, detail: bigint): void {
  relay(net, (said) => {
    if (said.kind === "entry") return undefined;
    return said.kind === "accepted" ? { kind: "refused", ref: said.ref, code, detail } : said;
  });
}

async function claimed() {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const id = (await desks(sara.desk, (v) => v.cases[0]?.state === "waiting")).cases[0]!.id;
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed" && v.lines[0]!.delivery === "received");
  const mine = () => sara.desk.view.cases.find((c) => c.id === id)!;
  return { visitor, net, id, mine };
}

test.each(["counter_reused", "counter_old"] as const)(
  "%s means that this state is not the relay's: lost, never sent",
  async (name) => {
    const { visitor, net } = await claimed();
    refuse(net, Refusal[name], 0n);
    visitor.send("ett");
    const view = await visits(visitor, (v) => v.phase === "broken");
    expect(view.trouble).toBe("lost");
    expect(view.lines.at(-1)).toMatchObject({ text: "ett", delivery: "failed" });
  },
);

test("a relay that is in an earlier epoch than the visitor was set back: the group is made anew", async () => {
  const { visitor, net } = await claimed();
  refuse(net, Refusal.epoch, 1n);
  const frames = listen(net);
  visitor.send("ett");
  await visits(visitor, (v) => v.lines.some((line) => line.event === "anew"));
  expect(frames.filter((f) => f.kind === "send")).toHaveLength(1);
});

test("an end that has not read everything deletes nothing: the text is shown, and the person decides again", async () => {
  const { visitor, id, mine } = await claimed();
  sara.desk.send(id, "Hej då");
  await visits(visitor, (v) => thread(v.lines).length === 2);
  await desks(sara.desk, () => mine().lines.at(-1)!.delivery === "received");
  const heard: string[] = [];
  sara.net.inbound = (bytes) => {
    const { kind } = decodeFrame(bytes);
    heard.push(kind);
    return kind === "entry" ? [] : [bytes];
  };
  visitor.send("vänta");
  await visits(visitor, (v) => v.lines.at(-1)!.delivery === "sent");
  const frames = listen(sara.net);
  await sara.desk.end(id);
  await vi.waitUntil(() => frames.some((f) => f.kind === "end"));
  expect(mine().state).toBe("ended");
  // What is held comes with the next connection, after the relay has said that there is more.
  await vi.waitUntil(() => heard.at(-1) === "refused");
  sara.net.inbound = (bytes) => [bytes];
  sara.net.cut();
  const again = await desks(sara.desk, () => mine().state === "mine");
  expect(thread(again.cases[0]!.lines).at(-1)).toBe("visitor: vänta");
  expect(visitor.view.phase).toBe("claimed");
  await visits(visitor, (v) => v.lines.at(-1)!.delivery === "received");
  expect(mine().end).toBeUndefined();
  await sara.desk.end(id);
  await desks(sara.desk, () => mine().end?.confirmed === true);
  expect((await visits(visitor, (v) => v.phase === "ended" && v.end!.confirmed)).end).toEqual({
    by: "staff",
    confirmed: true,
  });
});

test("an end that only receipts came before is said again by itself", async () => {
  const { visitor, id, mine } = await claimed();
  let ends = 0;
  sara.net.outbound = (bytes) => {
    const frame = decodeClientFrame(bytes);
    if (frame.kind === "end") ends++;
    return [bytes];
  };
  // The visitor's receipt for this stays on its way until the end has been refused.
  const held: Uint8Array[] = [];
  let holding = true;
  sara.net.inbound = (bytes) => {
    const frame = decodeFrame(bytes);
    if (frame.kind === "refused" && frame.code === Refusal.behind) {
      holding = false;
      return [bytes, ...held];
    }
    return holding && frame.kind === "entry" && frame.slot === 0 ? (held.push(bytes), []) : [bytes];
  };
  sara.desk.send(id, "Hej då");
  await visits(visitor, (v) => thread(v.lines).length === 2);
  await vi.waitUntil(() => held.length > 0);
  await sara.desk.end(id);
  await desks(sara.desk, () => mine().end?.confirmed === true);
  expect(ends).toBe(2);
});

test("before the claim nothing is ended by a device", async () => {
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  const id = (await desks(sara.desk, (v) => v.cases[0]?.state === "waiting")).cases[0]!.id;
  await sara.desk.end(id);
  expect(sara.desk.view.cases[0]!.state).toBe("waiting");
});

test("an end of which only the relay tells is shown as the relay's word", async () => {
  const told = await claimed();
  await told.visitor.end();
  const first = await desks(sara.desk, () => told.mine().end?.confirmed === true);
  expect(first.cases[0]!.end).toEqual({ by: "visitor", confirmed: true });
  await sara.desk.clear(told.id);

  const { visitor, mine } = await claimed();
  relay(sara.net, (said) => (said.kind === "entry" ? undefined : said));
  await visitor.end();
  await desks(sara.desk, () => mine().end?.confirmed === true);
  expect(mine().end).toEqual({ by: "visitor", confirmed: true, reported: true });
  expect((await visits(visitor, (v) => v.end!.confirmed)).end).toEqual({ by: "visitor", confirmed: true });
});

test("a console says what is answered: after the claim and a text, by itself for receipts, and never for what nobody has answered", async () => {
  const frames = listen(sara.net);
  const answered = () => frames.flatMap((f) => (f.kind === "resolve" ? [Number(f.cursor.seq)] : []));
  const { visitor, id, mine } = await claimed();
  await vi.waitUntil(() => answered().length > 0);
  visitor.send("Är du där?");
  await visits(visitor, (v) => v.lines.at(-1)!.delivery === "received");
  const asked = (mine().lines.at(-1) as StoredLine).seq!;
  await meanwhile(world);
  expect(Math.max(...answered())).toBeLessThan(asked);
  sara.desk.send(id, "Ja");
  await vi.waitUntil(() => Math.max(...answered()) > asked);
  // The receipt for «Ja» is an entry of the visitor's too, and comes after it.
  await desks(sara.desk, () => mine().lines.at(-1)!.delivery === "received");
  const text = (mine().lines.at(-1) as StoredLine).seq!;
  await vi.waitUntil(() => Math.max(...answered()) > text);
  expect(mine().trouble).toBeUndefined();
});

test("a conversation that was attached elsewhere is not attached again by itself", async () => {
  const { visitor, net } = await claimed();
  const frames = listen(net);
  net.inbound = (bytes) => {
    const frame = decodeFrame(bytes);
    return frame.kind === "accepted"
      ? [encodeRelayFrame({ kind: "gone", mailbox: mailboxOf(frames), reason: 5 }), bytes]
      : [bytes];
  };
  visitor.send("ett");
  expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("elsewhere");
  await visits(visitor, (v) => !v.connected);
  const lines = net.connections;
  await meanwhile(world);
  expect(net.connections).toBe(lines);
  expect(frames.filter((f) => f.kind === "attach")).toEqual([]);
  expect(visitor.view.lines).toEqual([]);
});

test("nor is one that is over, to ask whether it is gone", async () => {
  const { visitor, mine } = await claimed();
  let gone = false;
  relay(sara.net, (said) => {
    gone ||= said.kind === "gone";
    return said.kind === "gone" ? { ...said, reason: 5 } : said;
  });
  await visitor.end();
  await desks(sara.desk, () => mine().state === "ended");
  await vi.waitUntil(() => gone);
  const frames = listen(sara.net);
  sara.net.cut();
  await desks(sara.desk, (v) => v.phase === "offline");
  await desks(sara.desk, (v) => v.phase === "online");
  // What it has at hand it attaches before it publishes.
  await vi.waitUntil(() => frames.some((f) => f.kind === "publish"));
  expect(frames.filter((f) => f.kind === "attach")).toEqual([]);
});

test("a relay that greets for another kommun hears nothing", async () => {
  const { visitor, net } = world.visitor();
  const frames = listen(net);
  relay(net, (said) => (said.kind === "hello" ? { ...said, kommun: "solna" } : said));
  await visitor.open(intake, "live");
  expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("roster_kommun");
  expect(frames).toEqual([]);
});

test("the slot in an entry is a hint: who wrote it is the member whose key it is", async () => {
  const { visitor, net, id, mine } = await claimed();
  relay(net, (said) => (said.kind === "entry" ? { ...said, slot: 77 } : said));
  visitor.send("ett");
  sara.desk.send(id, "två");
  const view = await visits(
    visitor,
    (v) => thread(v.lines).length === 3 && v.lines.every((l) => l.delivery === undefined || l.delivery === "received"),
  );
  expect(thread(view.lines).sort()).toEqual(["staff: två", `visitor: ${intake.text}`, "visitor: ett"].sort());
  expect(mine().trouble).toBeUndefined();
});

test("a colleague whom this console does not know yet claims: the directory is loaded, and says who it is", async () => {
  // A relay need not tell of it.
  sara.net.inbound = (bytes) => (decodeFrame(bytes).kind === "roster" ? [] : [bytes]);
  const amir = await world.coordinator("Amir");
  expect(sara.desk.view.roster!.serial).toBeLessThan(amir.desk.view.roster!.serial);
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await desks(sara.desk, (v) => v.cases[0]?.state === "waiting");
  const id = (await desks(amir.desk, (v) => v.cases[0]?.state === "waiting")).cases[0]!.id;
  expect(sara.desk.view.roster!.serial).toBeLessThan(amir.desk.view.roster!.serial);
  await amir.desk.claim(id);
  const taken = await desks(sara.desk, (v) => v.cases[0]?.state === "taken" || v.cases[0]?.state === "broken");
  expect(taken.cases[0]).toMatchObject({ state: "taken", takenBy: "Amir" });
});

test("what nobody answers fills a small part of the store: busy is waited out, full is said, and the text stays", async () => {
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await visits(visitor, (v) => v.phase === "waiting");
  for (let i = 2; i <= 70; i++) visitor.send(`text ${i}`);
  const view = await visits(visitor, (v) => v.trouble === "full" && v.lines.every((l) => l.delivery !== "waiting"));
  expect(view.phase).toBe("waiting");
  expect(view.lines.filter((l) => l.delivery === "failed").map((l) => l.text)).toEqual([
    "text 65",
    "text 66",
    "text 67",
    "text 68",
    "text 69",
    "text 70",
  ]);
  // Once somebody has appended there is room again.
  const id = sara.desk.view.cases[0]!.id;
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.retry(view.lines.find((l) => l.delivery === "failed")!.id);
  await visits(
    visitor,
    (v) => v.lines.find((l) => l.text === "text 65")!.delivery === "received" && v.trouble === undefined,
  );
});

test("with both clocks wrong it is the clock, and not that nobody is there", async () => {
  const back = 2 * 86400;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const directory = decodeDirectory(new Uint8Array(await (await globalThis.fetch(input, init)).arrayBuffer()));
    return new Response(encodeDirectory({ ...directory, time: directory.time - back }) as BodyInit);
  };
  await world.roster([sara], { issued: Math.floor(Date.now() / 1000) - 3 * 86400 });
  const { visitor } = world.visitor({ fetch, now: () => Date.now() - 1000 * back });
  await visitor.open(intake, "live");
  expect((await visits(visitor, (v) => v.phase === "broken")).trouble).toBe("clock");
});

test("key packages are there for seven days, and their keys go when no Welcome can wait any more", async () => {
  const vault = memoryVault();
  const device = await deviceOf(crypto.getRandomValues(new Uint8Array(32)), "Sara", ["sv"]);
  const day = 86_400_000;
  const zero = Math.floor(Date.now() / day);
  const start = zero * day + 1000;
  const daysAt = async (at: number) =>
    (await currentPackages(vault, device, world.config, at, {})).map((p) => p.day - zero);
  const stored = async () =>
    (await vault.names("package/")).map((name) => Number(name.slice("package/".length)) - zero);
  expect(await daysAt(start)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const first = await vault.get((await vault.names("package/"))[0]!);
  // Midnight: one more, and none is made anew.
  expect(await daysAt(start + day)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(await vault.get((await vault.names("package/"))[0]!)).toEqual(first);
  // The lifetime of day 0 ends two days after it began; a message left on it may wait seven more.
  await daysAt(start + 8 * day);
  expect(await stored()).toContain(0);
  await daysAt(start + 9 * day);
  expect(await stored()).not.toContain(0);
  expect(await stored()).toContain(1);
});

test("at midnight a console publishes again by itself", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let behind = 86_400_000;
  const nora = await world.coordinator("Nora", { now: () => Date.now() - behind });
  const today = Math.floor(Date.now() / 86_400_000);
  const frames = listen(nora.net);
  const published = () =>
    frames.flatMap((f) => (f.kind === "publish" ? [f.keyPackages.map((k) => k.day - today)] : []));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(published()).toEqual([]);
  behind = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  await vi.waitUntil(() => published().length > 0);
  expect(published()).toEqual([[0, 1, 2, 3, 4, 5, 6]]);
});

function mailboxOf(frames: readonly ClientFrame[]): Uint8Array {
  for (const frame of frames) if ("mailbox" in frame) return frame.mailbox;
  throw new Error("no frame names a mailbox");
}
