import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReturnKeys, TabStore, Visitor } from "../../src/conversation/api.ts";
import { Crash } from "../../src/conversation/mailbox/steps.ts";
import { memoryVault } from "../../src/conversation/vault/vault.ts";
import { newVisitor } from "../../src/conversation/visitor/visitor.ts";
import { type Point, type Telling, everywhere, newTelling } from "./crashes.ts";
import { newLife } from "./life.ts";
import { type Person, type World, intake, makeWorld, pace, rhythm, someKeys, tabStore, thread } from "./world.ts";

/**
 * Crash injection on the way back: the visitor's device dies between every two steps, with all that it held, and
 * another one comes.
 */

let world: World;
let sara: Person;
let amir: Person;
beforeAll(async () => {
  world = await makeWorld();
  sara = await world.coordinator("Sara");
  amir = await world.coordinator("Amir");
});
afterAll(() => world.close());

interface Life {
  readonly visitor: Visitor;
  readonly store: TabStore;
  kill(): void;
}

/**
 * The devices of one visitor, one after the other; `storage` is what a tab's reload leaves. Each time that the story
 * has the device replaced a part of it begins; the crash of that part is in it or in one that came in its place.
 */
function devices(telling: Telling, storage: TabStore) {
  let part = 1;
  let crashed = false;
  let wake = (): void => undefined;

  function build(): Life {
    const { net, hooks, mortal, kill } = newLife(
      (step) => telling.dies(`visitor/${part}`, step),
      () => {
        crashed = true;
        wake();
      },
    );
    let dead = false;
    // What is dead writes nothing more, wherever its script stood.
    const store: TabStore = {
      get: storage.get,
      set: (value) => void (dead || net.down || storage.set(value)),
      erase: () => void (dead || net.down || storage.erase()),
    };
    const visitor = newVisitor({
      config: world.config,
      base: world.url,
      WebSocket: net.WebSocket,
      fetch: net.fetch,
      rhythm,
      pace,
      hooks,
      vault: mortal(memoryVault()),
    });
    visitor.subscribe(() => wake());
    return { visitor, store, kill: () => ((dead = true), kill(), visitor.wipe()) };
  }

  function renew(): void {
    all.now.kill();
    crashed = false;
    all.now = build();
  }

  const all = {
    now: build(),
    /** The device is gone, and the person has another. */
    replace() {
      part++;
      renew();
    },
    /** Does it again after a crash that came before it was begun, as a person would who sees that nothing happened. */
    async until(
      done: () => boolean,
      revive: () => Promise<void>,
      begin: () => void = () => undefined,
      begun: () => boolean = () => true,
    ): Promise<void> {
      const limit = Date.now() + 60_000;
      for (;;) {
        if (crashed) {
          renew();
          await survived(revive());
        } else if (done()) return;
        else {
          if (!begun()) begin();
          const woken = new Promise<void>((resolve) => (wake = resolve));
          const timer = setTimeout(() => wake(), 50);
          if (!crashed && !done()) await woken;
          clearTimeout(timer);
        }
        if (Date.now() > limit) {
          const cases = (person: Person) =>
            person.desk.view.cases.map(({ lines, ...one }) => ({ ...one, lines: thread(lines) }));
          const shown = JSON.stringify([
            all.now.visitor.view,
            sara.desk.view.phase,
            cases(sara),
            amir.desk.view.phase,
            cases(amir),
          ]);
          throw new Error(`stuck at ${done.toString()} with ${shown}`);
        }
      }
    },
  };
  return all;
}

/** A device that dies while it is asked answers nothing. */
async function survived<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Crash) return undefined;
    throw error;
  }
}

/** The conversation was not kept yet when the device died: nobody had been told that it was. */
class NotKept extends Error {}

async function withPhrase(points: readonly Point[]): Promise<Telling> {
  const telling = newTelling(points);
  const people = devices(telling, tabStore());
  const text = `${intake.text} ${Math.random()}`;
  const phrases: ReturnKeys[] = [someKeys()];
  let promised: ReturnKeys | undefined;
  let ending = false;
  let gone = false;
  const view = () => people.now.visitor.view;
  const of = (person: Person) => person.desk.view.cases.find((c) => c.lines.some((l) => l.text === text));

  async function revive(): Promise<void> {
    for (const keys of [...phrases].reverse()) {
      for (;;) {
        const found = await people.now.visitor.comeBack(keys);
        if ("found" in found) {
          if (found.found) return;
          break;
        }
        // A crash in the middle of coming back.
        if (view().phase !== "idle" || !("busy" in found)) return;
        throw new Error("asked too often");
      }
    }
    // Whoever dies while it ends finds nothing any more.
    if (ending) gone = true;
    else if (promised) throw new Error("what was kept is not found");
    else throw new NotKept();
  }
  const until = (done: () => boolean, begin?: () => void, begun?: () => boolean) =>
    people.until(done, revive, begin, begun);
  const said = (words: string) => view().lines.some((l) => l.text === words);
  const heard = (words: string) => view().lines.some((l) => l.text === words && l.delivery === "received");
  const speaks = (words: string) =>
    until(
      () => heard(words),
      () => people.now.visitor.send(words),
      () => said(words) || view().phase !== "claimed",
    );
  const answers = (person: Person, words: string) =>
    until(
      () => said(words),
      () => person.desk.send(of(person)!.id, words),
      () => of(person)?.state !== "mine" || of(person)!.lines.some((l) => l.text === words),
    );
  const keep = async (keys: ReturnKeys) => {
    let asked: Visitor | undefined;
    let done = false;
    await until(
      () => done,
      () => {
        const { visitor } = people.now;
        asked = visitor;
        void visitor.keep(keys).then((trouble) => {
          if (trouble === undefined && visitor === people.now.visitor) done = true;
        });
      },
      () => asked === people.now.visitor || !["waiting", "claimed"].includes(view().phase),
    );
    promised = keys;
  };

  try {
    await people.now.visitor.open({ ...intake, text }, "live");
    await until(() => view().phase === "waiting");
    await keep(phrases[0]!);
    await until(() => of(sara)?.state === "waiting");
    await until(
      () => of(sara)?.state === "mine",
      () => void sara.desk.claim(of(sara)!.id),
      () => of(sara)?.state !== "waiting",
    );
    await until(() => view().phase === "claimed");
    await speaks("v1");
    await answers(sara, "s1");

    // The phone is put away, and an answer comes meanwhile.
    people.replace();
    sara.desk.send(of(sara)!.id, "s2");
    await survived(revive());
    await until(() => said("s2"));
    await speaks("v2");
    const other = someKeys();
    phrases.push(other);
    await keep(other);

    // The colleague, who was closed out by the claim, comes back in.
    await until(
      () => of(amir)?.state === "waiting",
      () => people.now.visitor.invite(),
      () => view().phase !== "claimed",
    );
    await until(
      () => of(amir)?.state === "mine",
      () => void amir.desk.claim(of(amir)!.id),
      () => of(amir)?.state !== "waiting",
    );
    await until(() => view().coordinator?.alias === "Amir");
    await answers(amir, "a1");
    await speaks("v3");
    people.now.visitor.leave();
    people.replace();
    await survived(revive());
    const expected = [
      `visitor: ${text}`,
      "visitor: v1",
      "staff: s1",
      "staff: s2",
      "visitor: v2",
      "staff: a1",
      "visitor: v3",
    ];
    await until(() => thread(view().lines).length >= expected.length);
    expect(thread(view().lines)).toEqual(expected);
    await until(() => thread(of(amir)!.lines).length >= expected.length);
    expect(thread(of(amir)!.lines)).toEqual(expected);
    expect(view().trouble).toBeUndefined();
    expect(of(amir)!.trouble).toBeUndefined();
    await until(
      () => gone || view().end?.confirmed === true,
      () => {
        ending = true;
        void people.now.visitor.end();
      },
      () => gone || view().phase !== "claimed",
    );
    await until(() => of(amir)?.end?.confirmed === true);
    const stranger = devices(newTelling([]), tabStore()).now;
    for (const keys of phrases) expect(await stranger.visitor.comeBack(keys)).toMatchObject({ found: false });
    stranger.kill();
  } catch (error) {
    if (!(error instanceof NotKept)) throw error;
  } finally {
    people.now.kill();
    await clearDesks(text);
  }
  return telling;
}

async function withTab(points: readonly Point[]): Promise<Telling> {
  const telling = newTelling(points);
  const storage = tabStore();
  const people = devices(telling, storage);
  const text = `${intake.text} ${Math.random()}`;
  let promised = false;
  let ending = false;
  let gone = false;
  const view = () => people.now.visitor.view;
  const of = () => sara.desk.view.cases.find((c) => c.lines.some((l) => l.text === text));
  async function revive(): Promise<void> {
    if (await people.now.visitor.resume(people.now.store)) return;
    if (view().phase !== "idle") return;
    if (promised && storage.get() !== undefined) return;
    // Whoever dies while it ends finds nothing any more.
    if (ending) gone = true;
    else if (promised) throw new Error("what stays in the tab is not found");
    else throw new NotKept();
  }
  const until = (done: () => boolean, begin?: () => void, begun?: () => boolean) =>
    people.until(done, revive, begin, begun);
  const said = (words: string) => view().lines.some((l) => l.text === words);
  const speaks = (words: string) =>
    until(
      () => view().lines.some((l) => l.text === words && l.delivery === "received"),
      () => people.now.visitor.send(words),
      () => said(words),
    );
  try {
    await people.now.visitor.open({ ...intake, text }, "live");
    await until(() => view().phase === "waiting");
    let asked: Visitor | undefined;
    await until(
      () => view().stays === true,
      () => void survived((asked = people.now.visitor).stay(people.now.store)),
      () => asked === people.now.visitor,
    );
    promised = true;
    await until(() => of()?.state === "waiting");
    await until(
      () => of()?.state === "mine",
      () => void sara.desk.claim(of()!.id),
      () => of()?.state !== "waiting",
    );
    await until(() => view().phase === "claimed");
    await speaks("v1");
    people.replace();
    await survived(revive());
    sara.desk.send(of()!.id, "s1");
    await until(() => said("s1"));
    await speaks("v2");
    const expected = [`visitor: ${text}`, "visitor: v1", "staff: s1", "visitor: v2"];
    expect(thread(view().lines)).toEqual(expected);
    await until(() => thread(of()!.lines).length >= 4);
    expect(thread(of()!.lines)).toEqual(expected);
    expect(view().trouble).toBeUndefined();
    await until(
      () => gone || view().end?.confirmed === true,
      () => {
        ending = true;
        void people.now.visitor.end();
      },
      () => gone || view().phase !== "claimed",
    );
    await until(() => of()?.end?.confirmed === true);
    await until(() => storage.get() === undefined);
  } catch (error) {
    if (!(error instanceof NotKept)) throw error;
  } finally {
    people.now.kill();
    await clearDesks(text);
  }
  return telling;
}

/** Off every desk, so that the next story finds them as idle as this one did. */
async function clearDesks(text: string): Promise<void> {
  for (const { desk } of [sara, amir]) {
    for (const one of desk.view.cases.filter((c) => c.lines.some((l) => l.text === text) || c.state === "taken")) {
      await desk.end(one.id);
      await desk.clear(one.id);
    }
  }
}

test("whichever step a device dies after, the return code opens the conversation on another, once and in order", {
  timeout: 900_000,
}, async () => {
  const points = await everywhere(withPhrase, /^(put|entry|line|receipt|keep|return|attach|renew)\./);
  expect(points["visitor"]).toBeGreaterThanOrEqual(90);
});

test("whichever step a tab is reloaded after, it goes on, once and in order", { timeout: 600_000 }, async () => {
  const points = await everywhere(withTab, /^(half|line)\./);
  expect(points["visitor"]).toBeGreaterThanOrEqual(44);
});
