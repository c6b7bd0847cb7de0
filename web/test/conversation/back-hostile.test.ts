import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeskView, Return, ReturnKeys, Visitor } from "../../src/conversation/api.ts";
import { decodeContent } from "../../src/conversation/mailbox/copy.ts";
import { openState } from "../../src/conversation/mailbox/sealed.ts";
import { Group } from "../../src/mls/group.ts";
import { VerificationError } from "../../src/mls/library.ts";
import { openRoster } from "../../src/mls/roster.ts";
import { decodeDirectory } from "../../src/wire/directory.ts";
import {
  type ClientFrame,
  type RelayFrame,
  decodeClientFrame,
  decodeFrame,
  encodeRelayFrame,
} from "../../src/wire/frames.ts";
import type { Net } from "./net.ts";
import { type Person, type World, desks, intake, kommun, makeWorld, someKeys, thread, visits } from "./world.ts";

/** The way back where the relay lies, forgets, was set back or dies. */

let world: World;
let sara: Person;
beforeEach(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
});
afterEach(() => world.close());

const caseOf = (v: DeskView) => v.cases.find((c) => c.intake !== undefined);
const settled = (visitor: Visitor) =>
  visits(visitor, (v) => v.lines.every((l) => l.delivery === undefined || l.delivery === "received"));

async function talking() {
  const { visitor, net } = world.visitor();
  const puts: Extract<ClientFrame, { kind: "put" }>[] = [];
  net.outbound = (bytes) => {
    const frame = decodeClientFrame(bytes);
    if (frame.kind === "put") puts.push(frame);
    return [bytes];
  };
  await visitor.open(intake, "live");
  const keys = someKeys();
  expect(await visitor.keep(keys)).toBeUndefined();
  const id = caseOf(await desks(sara.desk, (v) => caseOf(v)?.state === "waiting"))!.id;
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("ett");
  await settled(visitor);
  return { visitor, net, keys, id, puts };
}

function answers(net: Net, change: (frame: RelayFrame) => RelayFrame): void {
  net.inbound = (bytes) => [encodeRelayFrame(change(decodeFrame(bytes)))];
}

describe("an old blob", () => {
  test("replayed to who comes back: the loss is found and said, what is on the screen goes on in a new conversation, and under the phrase", async () => {
    const { visitor, keys, id, puts } = await talking();
    const old = puts.at(-1)!;
    visitor.send("två");
    sara.desk.send(id, "tre");
    await visits(visitor, (v) => thread(v.lines).length === 4);
    await settled(visitor);
    visitor.wipe();

    const next = world.visitor();
    answers(next.net, (frame) => (frame.kind === "blob" ? { ...frame, version: old.version, blob: old.blob } : frame));
    expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
    const broken = await visits(next.visitor, (v) => v.phase === "broken");
    expect(broken.trouble).toBe("lost");
    expect(thread(broken.lines)).toEqual([`visitor: ${intake.text}`, "visitor: ett"]);
    next.net.inbound = (frame) => [frame];
    await next.visitor.again();
    await visits(next.visitor, (v) => v.phase === "waiting" && v.kept === "kept");
    const anew = await desks(sara.desk, (v) => v.cases.some((c) => c.id !== id && c.state === "waiting"));
    await sara.desk.claim(anew.cases.find((c) => c.state === "waiting")!.id);
    await visits(next.visitor, (v) => v.phase === "claimed");
    const last = world.visitor();
    expect(await last.visitor.comeBack(keys)).toEqual({ found: true });
    await visits(last.visitor, (v) => v.phase === "claimed" && v.kept === "kept");
    expect(thread(last.visitor.view.lines)[0]).toBe(`visitor: ${intake.text}`);
  });

  test("under the number of a newer one, or changed: it opens nothing", async () => {
    const { visitor, keys, puts } = await talking();
    visitor.wipe();
    const older = world.visitor();
    answers(older.net, (frame) => (frame.kind === "blob" ? { ...frame, blob: puts[0]!.blob } : frame));
    expect(await older.visitor.comeBack(keys)).toEqual({ trouble: "lost" });
    const changed = world.visitor();
    answers(changed.net, (frame) =>
      frame.kind === "blob" ? { ...frame, blob: frame.blob.map((byte, i) => (i === 99 ? byte ^ 1 : byte)) } : frame,
    );
    expect(await changed.visitor.comeBack(keys)).toEqual({ trouble: "lost" });
    expect(changed.visitor.view.phase).toBe("idle");
  });
});

test("an archived blob and the phrase together read nothing that is said after the next return", async () => {
  const { visitor, keys, id, puts } = await talking();
  visitor.leave();
  await desks(sara.desk, (v) => caseOf(v)?.visitor === "left");
  const archived = puts.at(-1)!;
  const now = () => Math.floor(Date.now() / 1000);
  const directory = decodeDirectory(new Uint8Array(await (await fetch(`${world.url}/directory`)).arrayBuffer()));
  const roster = await openRoster(directory.roster, { kommun, pins: world.config.pins, now: now() });
  const thief = async () => {
    const content = decodeContent((await openState(keys, archived.version, archived.blob))!);
    return Group.decode(content.records.group!, { kommun, roster: () => roster, now });
  };

  const next = world.visitor();
  const entries: { readonly slot: number; readonly message: Uint8Array }[] = [];
  next.net.inbound = (bytes) => {
    const frame = decodeFrame(bytes);
    if (frame.kind === "entry") entries.push(frame);
    return [bytes];
  };
  await next.visitor.comeBack(keys);
  next.visitor.send("Nu är jag i säkerhet");
  await settled(next.visitor);
  const before = entries.length;
  sara.desk.send(id, "Bra");
  await visits(next.visitor, (v) => v.lines.some((l) => l.text === "Bra"));
  const said = entries.slice(before).filter(({ slot }) => slot !== 0);
  expect(said.length).toBeGreaterThan(0);
  for (const { message } of said) await expect((await thief()).open(message)).rejects.toBeInstanceOf(VerificationError);
});

test("an archived blob and the phrase together read nothing that is said after the phrase was changed", async () => {
  const { visitor, net, keys, id, puts } = await talking();
  const archived = puts.at(-1)!;
  const entries: { readonly slot: number; readonly message: Uint8Array }[] = [];
  net.inbound = (bytes) => {
    const frame = decodeFrame(bytes);
    if (frame.kind === "entry") entries.push(frame);
    return [bytes];
  };
  expect(await visitor.keep(someKeys())).toBeUndefined();
  visitor.send("Nu har jag nya ord");
  await settled(visitor);
  const before = entries.length;
  sara.desk.send(id, "Bra");
  await visits(visitor, (v) => v.lines.some((l) => l.text === "Bra"));
  const now = () => Math.floor(Date.now() / 1000);
  const directory = decodeDirectory(new Uint8Array(await (await fetch(`${world.url}/directory`)).arrayBuffer()));
  const roster = await openRoster(directory.roster, { kommun, pins: world.config.pins, now: now() });
  const content = decodeContent((await openState(keys, archived.version, archived.blob))!);
  const said = entries.slice(before).filter(({ slot }) => slot !== 0);
  expect(said.length).toBeGreaterThan(0);
  for (const { message } of said) {
    const thief = Group.decode(content.records.group!, { kommun, roster: () => roster, now });
    await expect(thief.open(message)).rejects.toBeInstanceOf(VerificationError);
  }
});

describe("a store that was set back", () => {
  const matching = async (pattern: RegExp) =>
    (await world.redis("KEYS", "u:{*")).split("\r\n").filter((line) => pattern.test(line));
  /** Remembers every key that matches, as it is; what it returns puts the store back to that. */
  async function remember(pattern: RegExp): Promise<() => Promise<void>> {
    const kept: string[] = [];
    // A list whose last entry is trimmed meanwhile is no more.
    for (const name of await matching(pattern))
      if ((await world.redis("COPY", name, `old${name}`)) === ":1\r\n") kept.push(name);
    expect(kept.length).toBeGreaterThan(1);
    return async () => {
      for (const name of await matching(pattern)) await world.redis("DEL", name);
      for (const name of kept) expect(await world.redis("COPY", `old${name}`, name)).toBe(":1\r\n");
    };
  }

  test("the mailbox alone: who comes back with a newer copy says that it is lost", async () => {
    const { visitor, keys } = await talking();
    const setBack = await remember(/^u:\{\d\d\}:[^b]:/);
    for (const text of ["två", "tre"]) {
      visitor.send(text);
      await settled(visitor);
    }
    visitor.wipe();
    await setBack();
    const next = world.visitor();
    expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
    const broken = await visits(next.visitor, (v) => v.phase === "broken");
    expect(broken.trouble).toBe("lost");
    expect(thread(broken.lines)).toEqual([`visitor: ${intake.text}`, "visitor: ett", "visitor: två", "visitor: tre"]);
  });

  test("all of it: the coordinator's console finds it out, and no line is called received", async () => {
    const { visitor, keys, id } = await talking();
    const setBack = await remember(/^u:\{\d\d\}:.:/);
    visitor.send("två");
    await settled(visitor);
    sara.desk.send(id, "tre");
    await visits(visitor, (v) => thread(v.lines).length === 4);
    visitor.wipe();
    await setBack();
    const next = world.visitor();
    expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
    next.visitor.send("fyra");
    // Whoever brings a store back breaks the connections too.
    await visits(next.visitor, (v) => v.lines.at(-1)!.delivery === "sent");
    sara.net.cut();
    const broken = await desks(sara.desk, (v) => v.cases.find((c) => c.id === id)?.state === "broken");
    expect(["lost", "split"]).toContain(broken.cases.find((c) => c.id === id)!.trouble);
    expect(thread(broken.cases.find((c) => c.id === id)!.lines)).toEqual([
      `visitor: ${intake.text}`,
      "visitor: ett",
      "visitor: två",
      "staff: tre",
    ]);
    expect(next.visitor.view.lines.find((l) => l.text === "fyra")!.delivery).not.toBe("received");
  });

  test("an emptied one: nothing is found, and since when is said; a phrase that never was gets the same answer", async () => {
    const { visitor, keys } = await talking();
    visitor.wipe();
    await world.redis("FLUSHALL");
    const next = world.visitor();
    let emptied = 0;
    await expect
      .poll(
        async () => {
          const found = await next.visitor.comeBack(keys);
          if (!("emptied" in found)) throw new Error(JSON.stringify(found));
          return (emptied = found.emptied);
        },
        { interval: 300 },
      )
      .toBeGreaterThan(Date.now() / 1000 - 60);
    const stranger = world.visitor();
    expect(await stranger.visitor.comeBack(someKeys())).toEqual({ found: false, emptied });
  });
});

test("an expired blob and a wrong phrase get the same answer, byte for byte", async () => {
  const { visitor, keys } = await talking();
  visitor.wipe();
  const blobs = (await world.redis("KEYS", "u:*:b:*")).split("\r\n").filter((line) => line.startsWith("u:"));
  expect(blobs).toHaveLength(1);
  await world.redis("PEXPIRE", blobs[0]!, "1");
  await expect.poll(() => world.redis("EXISTS", blobs[0]!)).toBe(":0\r\n");
  const said: string[] = [];
  async function ask(keys: ReturnKeys): Promise<void> {
    const next = world.visitor();
    next.net.inbound = (bytes) => {
      if (decodeFrame(bytes).kind === "refused") said.push(Buffer.from(bytes).toString("hex"));
      return [bytes];
    };
    expect(await next.visitor.comeBack(keys)).toMatchObject({ found: false });
  }
  await ask(keys);
  await ask(someKeys());
  expect(said).toHaveLength(2);
  expect(said[0]).toBe(said[1]);
});

test("guessing is slowed down: the one who asks too often is told how long to wait", async () => {
  const { visitor } = world.visitor();
  const keys = someKeys();
  const found: Return[] = [];
  for (let i = 0; i < 6; i++) found.push(await visitor.comeBack(keys));
  expect(found.at(-1)).toEqual({ busy: expect.any(Number) });
});

test("two devices come with one phrase in the same moment: one goes on, the other says that it does not", async () => {
  const { visitor, keys, id } = await talking();
  visitor.wipe();
  for (let round = 0; round < 2; round++) {
    const pair = [world.visitor(), world.visitor()];
    const found = await Promise.all(pair.map(({ visitor: v }) => v.comeBack(keys)));
    expect(found).toEqual([{ found: true }, { found: true }]);
    await Promise.all(
      pair.map(({ visitor: v }) =>
        visits(v, (view) => view.trouble === "elsewhere" || (view.kept === "kept" && view.staff === "here")),
      ),
    );
    const stopped = pair.filter(({ visitor: v }) => v.view.trouble === "elsewhere");
    // The one that has it may be told a moment later that it has not: in the end it is one.
    await expect.poll(() => pair.filter(({ visitor: v }) => v.view.trouble === "elsewhere").length).toBe(1);
    const winner = pair.find(({ visitor: v }) => v.view.trouble !== "elsewhere")!;
    expect(stopped.length).toBeLessThanOrEqual(1);
    winner.visitor.send(`omgång ${round}`);
    await settled(winner.visitor);
    expect(pair.find((p) => p !== winner)!.visitor.view.lines).toEqual([]);
    winner.visitor.wipe();
    await desks(sara.desk, (v) => caseOf(v)?.visitor === "away");
  }
  expect(thread(sara.desk.view.cases.find((c) => c.id === id)!.lines).slice(-2)).toEqual([
    "visitor: omgång 0",
    "visitor: omgång 1",
  ]);
});

describe("the relay is killed in the middle of", () => {
  /** Kills the relay when the first such frame is about to leave, or has just been read, and starts it again. */
  function killAt(
    net: Net,
    kind: ClientFrame["kind"],
    when: "before" | "after",
    skip = 0,
  ): { readonly done: () => boolean } {
    let left = skip;
    let killed = false;
    net.outbound = (bytes) => {
      if (killed || decodeClientFrame(bytes).kind !== kind || left-- > 0) return [bytes];
      killed = true;
      if (when === "before") {
        void world.killRelay().then(() => world.startRelay());
        return "cut";
      }
      setImmediate(() => void net.read().then(() => world.killRelay().then(() => world.startRelay())));
      return [bytes];
    };
    return { done: () => killed };
  }

  test.each([
    ["put", "before"],
    ["put", "after"],
    ["keep", "before"],
    ["keep", "after"],
  ] as const)("keeping: %s, %s", async (kind, when) => {
    const { visitor, net } = world.visitor();
    await visitor.open(intake, "live");
    await visits(visitor, (v) => v.phase === "waiting");
    const killed = killAt(net, kind, when);
    const keys = someKeys();
    expect(await visitor.keep(keys)).toBeUndefined();
    expect(killed.done()).toBe(true);
    const next = world.visitor();
    expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
    await visits(next.visitor, (v) => v.phase === "waiting" && v.kept === "kept");
  });

  test.each([
    ["attach", "before"],
    ["attach", "after"],
    ["put", "before"],
    ["put", "after"],
    ["send", "before"],
    ["send", "after"],
    ["advance", "after"],
  ] as const)("coming back: %s, %s", async (kind, when) => {
    const { visitor, keys, id } = await talking();
    visitor.leave();
    await desks(sara.desk, (v) => caseOf(v)?.visitor === "left");
    sara.desk.send(id, "svar");
    await desks(
      sara.desk,
      (v) => thread(caseOf(v)!.lines).length === 3 && caseOf(v)!.lines.at(-1)!.delivery === "sent",
    );
    const next = world.visitor();
    const killed = killAt(next.net, kind, when);
    expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
    await visits(next.visitor, (v) => thread(v.lines).length === 3);
    next.visitor.send("tillbaka");
    await settled(next.visitor);
    expect(killed.done()).toBe(true);
    expect(thread(next.visitor.view.lines)).toEqual([
      `visitor: ${intake.text}`,
      "visitor: ett",
      "staff: svar",
      "visitor: tillbaka",
    ]);
    await desks(sara.desk, (v) => thread(caseOf(v)!.lines).length === 4);
    expect(next.visitor.view.trouble).toBeUndefined();
  });

  test.each(["before", "after"] as const)("letting a colleague in, and changing the phrase: %s", async (when) => {
    const amir = await world.coordinator("Amir");
    const { visitor, net } = await talking();
    const invited = killAt(net, "send", when);
    visitor.invite();
    await desks(amir.desk, (v) => thread(v.cases[0]?.lines ?? []).length === 2);
    expect(invited.done()).toBe(true);
    const dropped = killAt(net, "drop", when);
    const other = someKeys();
    expect(await visitor.keep(other)).toBeUndefined();
    expect(dropped.done()).toBe(true);
    const next = world.visitor();
    // The relay was just killed: whoever finds it not yet back is told so, and asks again.
    let found = await next.visitor.comeBack(other);
    while ("trouble" in found && found.trouble === "unreachable") found = await next.visitor.comeBack(other);
    expect(found).toEqual({ found: true });
    await visits(next.visitor, (v) => v.kept === "kept" && v.readers === 1);
  });
});
