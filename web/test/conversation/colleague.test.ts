import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeskView, Visitor } from "../../src/conversation/api.ts";
import { Group } from "../../src/mls/group.ts";
import { VerificationError } from "../../src/mls/library.ts";
import { openRoster } from "../../src/mls/roster.ts";
import { decodeDirectory } from "../../src/wire/directory.ts";
import { decodeClientFrame, decodeFrame } from "../../src/wire/frames.ts";
import type { Net } from "./net.ts";
import {
  type Person,
  type World,
  desks,
  intake,
  kommun,
  makeWorld,
  someKeys,
  tabStore,
  thread,
  visits,
} from "./world.ts";

/**
 * Who may read besides the claimer: the second device while the visitor is away, and colleagues whom the visitor lets
 * in.
 */

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

/** Every message of a conversation that this line has carried to the relay. */
function messages(net: Net): Uint8Array[] {
  const sent: Uint8Array[] = [];
  net.outbound = (frame) => {
    const decoded = decodeClientFrame(frame);
    if (decoded.kind === "send") sent.push(decoded.message);
    return [frame];
  };
  return sent;
}

/** What a device's stored keys are, as somebody who has taken the device would find them. */
async function keysOf(person: Person, id: string): Promise<Group> {
  const directory = decodeDirectory(new Uint8Array(await (await fetch(`${world.url}/directory`)).arrayBuffer()));
  const now = () => Math.floor(Date.now() / 1000);
  const roster = await openRoster(directory.roster, { kommun, pins: world.config.pins, now: now() });
  const stored = await (await person.vaults(`utvag.botkyrka.${person.id}`)).get(`case/${id}/group`);
  return Group.decode(stored!.slice(), { kommun, roster: () => roster, now });
}

test("a message left: claimed hours later with a second device, which reads until the visitor is back and nothing after", async () => {
  const { visitor } = world.visitor();
  await visitor.open(intake, "message");
  const keys = someKeys();
  await visitor.keep(keys);
  visitor.leave();
  await desks(sara.desk, (v) => mine(v)?.visitor === "left");
  await desks(amir.desk, (v) => mine(v)?.visitor === "left");
  const id = mine(sara.desk.view)!.id;
  await sara.desk.claim(id);
  await desks(sara.desk, (v) => mine(v)?.state === "mine");
  sara.desk.send(id, "Hej. Jag har läst det du skrev.");
  const beside = await desks(amir.desk, (v) => mine(v)?.second === true && thread(mine(v)!.lines).length === 2);
  expect(mine(beside)).toMatchObject({ state: "taken", takenBy: "Sara", second: true });
  expect(mine(sara.desk.view)!.lines.find((l) => l.event === "claimed")).toMatchObject({ alias: "Sara", kept: "Amir" });
  amir.desk.send(id, "Jag vill också säga något");
  expect(thread(mine(amir.desk.view)!.lines)).toHaveLength(2);
  const before = await keysOf(amir, id);

  const next = world.visitor();
  const sent = messages(next.net);
  let shown = false;
  next.visitor.subscribe((v) => {
    if (v.second) shown = true;
  });
  expect(await next.visitor.comeBack(keys)).toEqual({ found: true });
  await visits(next.visitor, (v) => v.lines.some((l) => l.event === "second"));
  expect(shown).toBe(true);
  expect(next.visitor.view.second).toBeUndefined();
  expect(next.visitor.view.lines.find((l) => l.event === "second")!.alias).toBe("Amir");
  next.visitor.send("Bara till dig, Sara.");
  await settled(next.visitor);
  expect(thread(next.visitor.view.lines)).toEqual([
    `visitor: ${intake.text}`,
    "staff: Hej. Jag har läst det du skrev.",
    "visitor: Bara till dig, Sara.",
  ]);
  const gone = await desks(amir.desk, (v) => mine(v)?.letGo !== undefined);
  expect(mine(gone)).toMatchObject({ state: "taken", letGo: "returned" });
  expect(mine(gone)!.second).toBeUndefined();
  await desks(sara.desk, (v) => mine(v)!.lines.some((l) => l.event === "second" && l.alias === "Amir"));

  // The renewal itself can be read by whoever was a member; what follows it cannot.
  const [renewal, ...rest] = sent;
  expect((await before.open(renewal!)).kind).toBe("commit");
  expect(rest.length).toBeGreaterThan(0);
  for (const message of rest) await expect(before.open(message)).rejects.toBeInstanceOf(VerificationError);
});

test("while the visitor is here a claim keeps nobody", async () => {
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await desks(sara.desk, (v) => mine(v)?.visitor === "here");
  await sara.desk.claim(mine(sara.desk.view)!.id);
  const claimed = await visits(visitor, (v) => v.phase === "claimed");
  expect(claimed.readers).toBe(1);
  expect((await desks(amir.desk, (v) => mine(v)?.state === "taken")).cases[0]!.second).toBeUndefined();
});

test("the coordinator has gone home: the visitor lets a colleague read, who sees the thread; the old keys open nothing more", async () => {
  const lena = await world.coordinator("Lena");
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const id = mine(await desks(sara.desk, (v) => mine(v)?.state === "waiting"))!.id;
  await desks(amir.desk, (v) => mine(v)?.state === "waiting");
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed" && v.staff === "here");
  for (let i = 0; i < 12; i++) visitor.send(`${i} ${"å".repeat(1500)}`);
  sara.desk.sendPhrase(id, "pb.callback", { when: "i morgon" });
  await settled(visitor);
  await visits(visitor, (v) => v.lines.some((l) => l.phrase !== undefined));
  await desks(amir.desk, (v) => mine(v)?.state === "taken");
  await amir.desk.clear(id);
  // The visitor's last receipt is read before she goes: her keys follow the group up to the invitation.
  await desks(sara.desk, (v) => mine(v)!.lines.every((l) => l.from !== "staff" || l.delivery === "received"));
  sara.desk.stop();
  await visits(visitor, (v) => v.staff === "away");

  // Sara's machine, as it was when she went.
  const old = await keysOf(sara, id);
  const sent = messages(net);
  visitor.invite();
  const read = await desks(amir.desk, (v) => thread(mine(v)?.lines ?? []).length === 13);
  expect(mine(read)).toMatchObject({ state: "waiting", intake: { lang: "sv", answers: intake.answers } });
  expect(mine(read)!.lines.every((l) => l.shared === true)).toBe(true);
  const said = (lines: readonly { from: string; text?: string; phrase?: { key: string } }[]) =>
    lines.filter((l) => l.from !== "system").map((l) => `${l.from} ${l.text ?? l.phrase?.key}`);
  expect(said(mine(read)!.lines)).toEqual(said(visitor.view.lines));
  expect(mine(read)!.lines.find((l) => l.phrase)).toMatchObject({
    from: "staff",
    alias: "Sara",
    phrase: { key: "pb.callback", slots: { when: "i morgon" } },
  });
  expect(visitor.view).toMatchObject({ phase: "waiting", readers: 2 });
  await desks(lena.desk, (v) => thread(mine(v)?.lines ?? []).length === 13);

  await amir.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed" && v.coordinator!.alias === "Amir");
  await desks(amir.desk, (v) => mine(v)?.state === "mine");
  amir.desk.send(id, "Hej, jag är Amir");
  visitor.send("Hej Amir");
  await settled(visitor);
  await desks(amir.desk, (v) =>
    mine(v)!
      .lines.filter((l) => l.from === "staff")
      .every((l) => l.shared || l.delivery === "received"),
  );
  expect(thread(mine(amir.desk.view)!.lines).slice(-2).sort()).toEqual([
    "staff: Hej, jag är Amir",
    "visitor: Hej Amir",
  ]);
  expect(visitor.view.trouble).toBeUndefined();
  expect(mine(amir.desk.view)!.trouble).toBeUndefined();
  await desks(lena.desk, (v) => mine(v)?.state === "taken");

  const [invitation, ...rest] = sent;
  expect((await old.open(invitation!)).kind).toBe("commit");
  expect(rest.length).toBeGreaterThan(3);
  for (const message of rest) await expect(old.open(message)).rejects.toBeInstanceOf(VerificationError);

  // Back at work, Sara is told what has happened, and her store holds no keys of it.
  await sara.desk.start();
  const back = await desks(sara.desk, (v) => mine(v)?.state === "taken");
  expect(mine(back)).toMatchObject({ letGo: "invited" });
  expect(await (await sara.vaults(`utvag.botkyrka.${sara.id}`)).get(`case/${id}/group`)).toBeUndefined();
});

test("whoever was too slow to read the entry that took them out is told that somebody else has it, and can be let in again", async () => {
  // The relay keeps no entry that everybody else has read: it says that the slot is closed, and nothing before that.
  amir.net.inbound = (bytes) => (decodeFrame(bytes).kind === "entry" ? [] : [bytes]);
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  const { id } = (await desks(sara.desk, (v) => mine(v)?.state === "waiting")).cases[0]!;
  await desks(amir.desk, (v) => v.cases.some((c) => c.id === id));
  await sara.desk.claim(id);
  const told = await desks(amir.desk, (v) =>
    v.cases.some((c) => c.id === id && (c.state === "taken" || c.state === "broken")),
  );
  expect(told.cases.find((c) => c.id === id)).toMatchObject({ state: "taken", lines: [] });
  amir.net.inbound = (bytes) => [bytes];
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.invite();
  await desks(amir.desk, (v) =>
    v.cases.some((c) => c.id === id && c.state === "waiting" && thread(c.lines).length === 1),
  );
});

test.each(["join.fetched", "attach.begun"])(
  "a console that is so slow that it was taken out and let in again reads the thread all the same: %s",
  async (at) => {
    let slow = false;
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const lena = await world.coordinator("Lena", { hooks: { at: (step) => (slow && step === at ? gate : undefined) } });
    slow = true;
    const { visitor } = world.visitor();
    await visitor.open(intake, "live");
    const { id } = (await desks(sara.desk, (v) => mine(v)?.state === "waiting")).cases[0]!;
    await desks(lena.desk, (v) => v.cases.some((c) => c.id === id));
    await sara.desk.claim(id);
    await visits(visitor, (v) => v.phase === "claimed");
    visitor.invite();
    await visits(visitor, (v) => v.phase === "waiting" && v.readers === 2);
    await desks(amir.desk, (v) => v.cases.some((c) => c.id === id && c.state === "waiting"));
    slow = false;
    go();
    await desks(lena.desk, (v) =>
      v.cases.some((c) => c.id === id && c.state === "waiting" && thread(c.lines).length === 1),
    );
    await lena.desk.claim(id);
    await visits(visitor, (v) => v.coordinator?.alias === "Lena");
  },
);

test("a coordinator who was let go and let in again while away finds the thread on coming back", async () => {
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  const id = mine(await desks(sara.desk, (v) => mine(v)?.state === "waiting"))!.id;
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("Till Sara");
  await settled(visitor);
  sara.desk.stop();
  visitor.invite();
  await desks(amir.desk, (v) => mine(v)?.state === "waiting" && thread(mine(v)!.lines).length === 2);
  await amir.desk.claim(id);
  await visits(visitor, (v) => v.phase === "claimed");
  visitor.send("Till Amir");
  await settled(visitor);
  visitor.invite();
  await visits(visitor, (v) => v.phase === "waiting");
  await sara.desk.start();
  const again = await desks(sara.desk, (v) => mine(v)?.state === "waiting" && thread(mine(v)!.lines).length === 3);
  expect(thread(mine(again)!.lines)).toEqual([`visitor: ${intake.text}`, "visitor: Till Sara", "visitor: Till Amir"]);
  await desks(amir.desk, (v) => mine(v)?.letGo === "invited");
  await sara.desk.claim(id);
  await visits(visitor, (v) => v.coordinator?.alias === "Sara");
  visitor.send("Hej igen");
  await settled(visitor);
  expect(mine(sara.desk.view)!.trouble).toBeUndefined();
});

test("there is no colleague to let in: the visitor is told, and the conversation goes on", async () => {
  const alone = await makeWorld();
  try {
    const only = await alone.coordinator("Sara");
    const { visitor } = alone.visitor();
    await visitor.open(intake, "live");
    const id = mine(await desks(only.desk, (v) => mine(v)?.state === "waiting"))!.id;
    await only.desk.claim(id);
    await visits(visitor, (v) => v.phase === "claimed");
    visitor.invite();
    await visits(visitor, (v) => v.trouble === "nobody");
    visitor.send("Är du kvar?");
    await settled(visitor);
    expect(visitor.view.phase).toBe("claimed");
  } finally {
    await alone.close();
  }
});

test("a reload in the same tab goes on; without the relay's half the tab's storage opens nothing", async () => {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  const store = tabStore();
  await visits(visitor, (v) => v.phase === "waiting");
  expect(await visitor.stay(store)).toBeUndefined();
  expect(visitor.view.stays).toBe(true);
  const id = mine(await desks(sara.desk, (v) => mine(v)?.state === "waiting"))!.id;
  await sara.desk.claim(id);
  visitor.send("Före omladdningen");
  await settled(visitor);
  expect(Buffer.from(store.value!, "base64").toString("latin1")).not.toContain("omladdningen");
  net.down = true;

  const next = world.visitor();
  const kept = store.value;
  expect(await next.visitor.resume(store)).toBe(true);
  next.visitor.send("Efter omladdningen");
  await visits(next.visitor, (v) => v.connected);
  await settled(next.visitor);
  expect(thread(next.visitor.view.lines)).toEqual([
    `visitor: ${intake.text}`,
    "visitor: Före omladdningen",
    "visitor: Efter omladdningen",
  ]);
  expect(next.visitor.view).toMatchObject({ stays: true, phase: "claimed" });

  next.visitor.leave();
  expect(store.value).toBeUndefined();
  await desks(sara.desk, (v) => mine(v)?.state === "ended");
  expect(mine(sara.desk.view)!.end).toMatchObject({ by: "visitor", confirmed: true, left: true });
  // Somebody has copied the storage before: the other half is gone.
  const thief = world.visitor();
  const copied = tabStore(kept);
  await expect.poll(async () => await world.redis("KEYS", "u:*:b:*")).toBe("*0\r\n");
  expect(await thief.visitor.resume(copied)).toBe(false);
  expect(copied.value).toBeUndefined();
});

test("a duplicated tab: the later one has it, and the other stops and wipes", async () => {
  const { visitor } = world.visitor();
  await visitor.open(intake, "live");
  await visits(visitor, (v) => v.phase === "waiting");
  const store = tabStore();
  await visitor.stay(store);
  const copy = tabStore(store.value);
  const twin = world.visitor();
  expect(await twin.visitor.resume(copy)).toBe(true);
  expect(await visits(visitor, (v) => v.phase === "broken")).toMatchObject({ trouble: "elsewhere", lines: [] });
  expect(store.value).toBeUndefined();
  twin.visitor.send("Jag är den andra");
  await visits(twin.visitor, (v) => v.lines.at(-1)!.delivery === "sent");
  await twin.visitor.stay(undefined);
  expect(copy.value).toBeUndefined();
  expect(twin.visitor.view.stays).toBeUndefined();
  twin.visitor.send("Och skriver vidare");
  await visits(twin.visitor, (v) => v.lines.at(-1)!.delivery === "sent");
});

test("a browser that refuses its storage, or takes it away, keeps nothing there, and the conversation goes on", async () => {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  await visits(visitor, (v) => v.phase === "waiting");
  let room = false;
  let value: string | undefined;
  const store = {
    get: () => value,
    set(next: string) {
      if (!room) throw new Error("no room");
      value = next;
    },
    erase: () => void (value = undefined),
  };
  expect(await visitor.stay(store)).toBe("unsupported");
  expect(visitor.view.stays).toBeUndefined();
  room = true;
  expect(await visitor.stay(store)).toBeUndefined();
  expect(value).toBeDefined();
  room = false;
  visitor.send("Rummet tog slut");
  await visits(visitor, (v) => v.lines.at(-1)!.delivery === "sent" && v.stays === undefined);
  expect(value).toBeUndefined();
  room = true;
  expect(await visitor.stay(store)).toBeUndefined();
  // A reload: what would go on here would leave the copy behind.
  net.down = true;
  net.cut();
  const next = world.visitor();
  expect(await next.visitor.resume(tabStore(value))).toBe(true);
  next.visitor.send("Vidare");
  await visits(next.visitor, (v) => v.lines.at(-1)!.delivery === "sent");
  expect(thread(next.visitor.view.lines)).toHaveLength(3);
});
