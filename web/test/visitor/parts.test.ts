import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import type { Status } from "../../src/config.ts";
import type { Trouble, VisitorView } from "../../src/conversation/api.ts";
import { newTexts } from "../../src/i18n/index.ts";
import type { Catalog } from "../../src/i18n/index.ts";
import { newEngine } from "../../src/visitor/engine.ts";
import { leave, newShiftCounter } from "../../src/visitor/exit.ts";
import { supported } from "../../src/visitor/features.ts";
import { shipped as flow } from "../../src/flow/flow.ts";
import { watchIdle } from "../../src/visitor/idle.ts";
import { change, choose, close, first, goBack, open as look, takeBack } from "../../src/visitor/model.ts";
import { dial } from "../../src/visitor/say.ts";
import { canChat, canWrite, openness } from "../../src/visitor/status.ts";
import { endKeys, stateKeys } from "../../src/visitor/waiting.ts";
import { config, newHand, open } from "./hand.ts";

const sv = newTexts(
  JSON.parse(readFileSync(new URL("../../../i18n/catalog/sv.json", import.meta.url), "utf8")) as Catalog,
  "sv",
  (what) => {
    throw new Error(what);
  },
);

test("open and closed are told from who is really there", () => {
  const said = (status: Status | null | undefined): string => {
    const { key, slots } = openness(status, sv);
    return sv.t(key, slots);
  };
  const opens = { inDays: 0, weekday: 0, time: "17:00" };
  expect(said(undefined)).toBe("Vi ser efter om någon är här.");
  expect(said(null)).toContain("Vi vet inte om någon kan svara nu.");
  expect(said(open)).toBe("Öppet nu, till klockan 21:00.");
  expect(said({ ...open, within: false, closes: "" })).toBe("Öppet nu.");
  expect(said({ ...open, reachable: false })).toContain("Ingen kan svara just nu. Du kan lämna");
  expect(said({ ...open, reachable: false, ready: false })).toContain("kan inte lämna");
  expect(said({ ...open, ready: false })).toContain("kan inte lämna");
  const closed = { ...open, reachable: false, within: false, closes: "" };
  expect(said(closed)).toBe("Stängt nu. Du kan lämna ett meddelande.");
  expect(said({ ...closed, ready: false })).toContain("Ring i stället.");
  expect(said({ ...closed, opens })).toContain("Vi öppnar i dag klockan 17:00.");
  expect(said({ ...closed, opens: { ...opens, inDays: 1 } })).toContain("i morgon klockan 17:00");
  expect(said({ ...closed, opens: { ...opens, inDays: 3, weekday: 6 } })).toContain("på lördag klockan 17:00");
  expect(said({ ...closed, opens: { ...opens, inDays: 7, weekday: 6 } })).toContain("om 7 dagar, klockan 17:00");
  expect(said({ ...closed, opens, ready: false })).toContain("Vi öppnar i dag klockan 17:00. Du kan inte lämna");
  for (let weekday = 0; weekday < 7; weekday++)
    expect(said({ ...closed, opens: { ...opens, inDays: 2, weekday } })).toMatch(/på \p{L}+dag klockan/u);
  expect([undefined, null, open].map(canChat)).toEqual([true, true, true]);
  expect([closed, { ...open, ready: false }].map(canChat)).toEqual([false, false]);
  expect([closed, { ...open, ready: false }, null].map(canWrite)).toEqual([true, false, true]);
});

test("waiting is told honestly as it grows, and never with what does not exist", () => {
  const view: VisitorView = { phase: "waiting", connected: true, readers: 2, lines: [] };
  const keys = (
    seconds: number,
    change: Partial<VisitorView> = {},
    kind: "live" | "message" = "live",
  ): readonly string[] => stateKeys({ ...view, ...change }, kind, seconds).keys;
  expect(keys(0)).toEqual(["wait.sent", "wait.write", "wait.unknown"]);
  expect(keys(119)).toEqual(keys(0));
  expect(keys(120)).toEqual(["wait.soon"]);
  expect(keys(600)).toEqual(["wait.late"]);
  expect(keys(600, { kept: "kept" })).toEqual(["wait.late.stay", "wait.leave"]);
  expect(keys(600, { staff: "away" })).toEqual(["wait.late", "wait.away"]);
  expect(stateKeys(view, "live", 600).leave).toBe(true);
  expect(stateKeys(view, "live", 600).call).toBe(true);
  expect(keys(600, {}, "message")).toEqual(["wait.msg", "send.msg"]);
  expect(keys(0, { connected: false })[0]).toBe("chat.lost");
  expect(keys(0, { phase: "opening", connected: false })).toEqual(["wait.opening"]);
  expect(keys(0, { phase: "opening", trouble: "unreachable" }), "the page goes on trying by itself").toEqual([
    "chat.lost",
  ]);
  expect(keys(999, { phase: "claimed" })).toEqual([]);
  const answered = { lines: [{ id: "0.s3", from: "staff", text: "Hej." }] } as const;
  for (const kind of ["live", "message"] as const)
    expect(keys(0, { ...answered, staff: "here" }, kind), "somebody has answered").toEqual([
      "chat.invited",
      "wait.here",
    ]);
  expect(keys(600, answered)).toEqual(["chat.invited"]);
  expect(
    keys(0, { lines: [...answered.lines, { id: "1.anew", from: "system", event: "anew" }] }),
    "opened anew, nobody has answered yet",
  ).toEqual(keys(0));
  for (const phase of ["ended", "broken", "idle"] as const) expect(keys(0, { phase, connected: false })).toEqual([]);
});

test("«deleted on our side» needs the relay's word", () => {
  const view: VisitorView = { phase: "ended", connected: true, readers: 0, lines: [] };
  expect(endKeys(view)).not.toContain("chat.done");
  expect(endKeys({ ...view, end: { by: "visitor", confirmed: false } })).toEqual([
    "chat.asked",
    "chat.done2",
    "chat.kept",
  ]);
  expect(endKeys({ ...view, end: { by: "visitor", confirmed: true } })).toEqual([
    "chat.done",
    "chat.done2",
    "chat.kept",
  ]);
  expect(endKeys({ ...view, end: { by: "staff", confirmed: true } })).toEqual([
    "chat.left",
    "chat.done",
    "chat.done2",
    "chat.kept",
  ]);
  expect(endKeys({ ...view, end: { by: "staff", confirmed: false } })).toEqual([
    "chat.left",
    "chat.unsure",
    "chat.done2",
    "chat.kept",
  ]);
  // The relay can say that somebody ended it; only that somebody can sign it.
  for (const by of ["visitor", "staff"] as const)
    for (const confirmed of [true, false])
      expect(endKeys({ ...view, end: { by, confirmed, reported: true } })).toEqual([
        "chat.reported",
        "chat.done2",
        "chat.kept",
      ]);
  const sorry = ["chat.asked", "chat.left", "chat.unsure"].map((key) => sv.t(key)).join(" ");
  expect(sorry).not.toContain("Samtalet är slut");
});

/** As much of a document as leaving touches, and what was done to it, in order. */
function newRoom(change: { offline?: boolean; broken?: boolean } = {}) {
  const done: string[] = [];
  const later: (() => void)[] = [];
  const said = {
    className: "",
    textContent: "",
    setAttribute: (name: string, value: string) => done.push(`${name}=${value}`),
  };
  const field = {
    set value(text: string) {
      done.push(`field «${text}»`);
    },
  };
  const doc = {
    createElement: () => said,
    querySelectorAll: () => [field],
    body: { replaceChildren: (...left: unknown[]) => done.push(`left ${left.length}`) },
    defaultView: {
      navigator: { onLine: !change.offline },
      location: { replace: (to: string) => done.push(`replace ${to}`) },
      sessionStorage: { clear: () => done.push("storage") },
      setTimeout: (run: () => void, after: number) => {
        done.push(`after ${after}`);
        later.push(run);
      },
    },
  } as unknown as Document;
  const go = (): void =>
    leave(doc, {
      to: config.leave,
      overlay: "Laddar.",
      forget: () => {
        done.push("forgotten");
        if (change.broken) throw new Error("no");
      },
    });
  return { done, later, said, go };
}

test("leaving empties the page first, wipes, and then replaces the entry in the history", () => {
  const room = newRoom();
  room.go();
  expect(room.done).toEqual([
    "role=alert",
    "left 1",
    "field «»",
    "forgotten",
    "replace /lamna",
    "after 700",
    "storage",
  ]);
  expect(room.said.textContent).toBe("Laddar.");
  room.later[0]!();
  expect(room.done.slice(-1), "a door that does not answer is passed by").toEqual([`replace ${config.leave}`]);

  const broken = newRoom({ broken: true });
  expect(broken.go).toThrow();
  expect(broken.done.slice(-3), "what fails keeps nothing else from being done").toEqual([
    "replace /lamna",
    "after 700",
    "storage",
  ]);
});

test("without a network the way out does not lead to an error that names this page", () => {
  const room = newRoom({ offline: true });
  room.go();
  expect(room.done.slice(-3)).toEqual(["forgotten", `replace ${config.leave}`, "storage"]);
});

test("whoever does nothing is asked, then the page is covered; anything they do begins anew", () => {
  vi.useFakeTimers();
  try {
    const doc = new EventTarget();
    const heard: unknown[] = [];
    watchIdle(
      doc as Document,
      (asking) => heard.push(asking),
      () => heard.push("covered"),
    );
    vi.advanceTimersByTime(4 * 60_000 - 1);
    doc.dispatchEvent(new Event("keydown"));
    vi.advanceTimersByTime(4 * 60_000 - 1);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual([true]);
    doc.dispatchEvent(new Event("pointermove"));
    expect(heard).toEqual([true, false]);
    vi.advanceTimersByTime(5 * 60_000 - 1);
    expect(heard).toEqual([true, false, true]);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual([true, false, true, "covered"]);
    vi.advanceTimersByTime(60 * 60_000);
    expect(heard).toHaveLength(4);
  } finally {
    vi.useRealTimers();
  }
});

test("Shift three times leaves; anything between starts anew", () => {
  const counter = newShiftCounter();
  expect([counter.press("Shift", false), counter.press("Shift", false), counter.press("Shift", false)]).toEqual([
    2, 1, 0,
  ]);
  expect(counter.press("Shift", false)).toBe(2);
  expect(counter.press("a", false)).toBeUndefined();
  expect(counter.press("Shift", false)).toBe(2);
  expect(counter.press("Shift", true)).toBeUndefined();
  counter.press("Shift", false);
  counter.expire();
  expect(counter.press("Shift", false)).toBe(2);
});

test("the engine is loaded once, tells what stands in the way, and tries again", async () => {
  let loads = 0;
  const answers = [new Error("offline"), newHand({ trouble: "clock", readers: 0 }), newHand({ readers: 5 })];
  const engine = newEngine(() => {
    const next = answers[loads++];
    return next instanceof Error || !next ? Promise.reject(next) : Promise.resolve(next);
  });
  const states: string[] = [];
  engine.subscribe(() => states.push(engine.state.phase));
  const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 0));
  engine.prepare();
  engine.prepare();
  await settle();
  expect(loads).toBe(1);
  expect(engine.state).toMatchObject({ phase: "blocked", trouble: "unreachable" });
  engine.prepare();
  await settle();
  expect(engine.state).toMatchObject({ phase: "blocked", trouble: "clock" });
  const old = engine.state.visitor as ReturnType<typeof newHand>;
  engine.renew();
  await settle();
  expect(old.calls).toEqual([["wipe"]]);
  expect(engine.state).toMatchObject({ phase: "ready", readers: 5 });
  expect(states).toEqual(["preparing", "blocked", "preparing", "blocked", "preparing", "ready"]);
  const last = engine.state.visitor as ReturnType<typeof newHand>;
  engine.wipe();
  expect(last.calls).toEqual([["wipe"]]);
  engine.prepare();
  expect(loads).toBe(3);
});

test("what may have passed by itself is looked at again, and the screen changes only with the answer", async () => {
  vi.useFakeTimers();
  try {
    const found: { trouble?: Trouble; readers: number }[] = [
      { trouble: "nobody", readers: 0 },
      { trouble: "nobody", readers: 0 },
      { readers: 2 },
    ];
    const hand = newHand();
    hand.prepare = () => Promise.resolve(found.shift()!);
    const engine = newEngine(() => Promise.resolve(hand), 1000);
    const phases: string[] = [];
    engine.subscribe(() => phases.push(engine.state.phase));
    engine.prepare();
    await vi.advanceTimersByTimeAsync(999);
    expect(found).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1001);
    expect(engine.state).toMatchObject({ phase: "ready", readers: 2 });
    expect(phases).toEqual(["preparing", "blocked", "blocked", "ready"]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(phases).toHaveLength(4);

    found.push({ trouble: "roster_signature", readers: 0 }, { trouble: "nobody", readers: 0 });
    engine.prepare();
    await vi.advanceTimersByTimeAsync(5000);
    expect(found, "a false roster does not mend itself").toHaveLength(1);
    engine.prepare();
    await vi.advanceTimersByTimeAsync(0);
    engine.wipe();
    hand.prepare = () => Promise.reject(new Error("after the wipe"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("an opening that goes on by itself asks nobody to try again", () => {
  const opening = { phase: "opening", connected: false, readers: 1, lines: [] } as const;
  expect(stateKeys(opening, "live", 0).keys).toEqual(["wait.opening"]);
  expect(stateKeys({ ...opening, trouble: "unreachable" }, "live", 0)).toEqual({
    keys: ["chat.lost"],
    call: true,
    leave: false,
  });
});

test("clearing the screen does not take back the wish that all be deleted", async () => {
  const hands = [newHand(), newHand(), newHand()];
  const engine = newEngine(() => Promise.resolve(hands.shift()!));
  const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 0));
  engine.prepare();
  await settle();
  const [first, second] = [engine.state.visitor as ReturnType<typeof newHand>, hands[0]!];
  first.show({ phase: "ended", end: { by: "visitor", confirmed: false } });
  engine.renew();
  await settle();
  expect(engine.state.visitor).toBe(second);
  expect(first.calls).toEqual([]);
  first.show({ connected: false });
  expect(first.calls).toEqual([]);
  first.show({ end: { by: "visitor", confirmed: true } });
  expect(first.calls).toEqual([["wipe"]]);
  second.show({ phase: "ended", end: { by: "staff", confirmed: false } });
  engine.renew();
  await settle();
  expect(second.calls).toEqual([]);
  engine.wipe();
  expect(second.calls, "leaving wipes everything").toEqual([["wipe"]]);
  expect(first.calls).toEqual([["wipe"]]);
});

test("leaving tells the other side, once, of whatever is still open", async () => {
  const hands = [newHand(), newHand()];
  const [ended, open] = hands as [ReturnType<typeof newHand>, ReturnType<typeof newHand>];
  const engine = newEngine(() => Promise.resolve(hands.shift()!));
  const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 0));
  engine.prepare();
  await settle();
  ended.show({ phase: "ended", end: { by: "visitor", confirmed: false } });
  engine.renew();
  await settle();
  engine.leave();
  engine.leave();
  // The page that is left is hidden, which wipes.
  engine.wipe();
  for (const hand of [ended, open]) expect(hand.calls).toEqual([["leave"]]);
  expect(engine.state.visitor).toBeUndefined();
});

test("a conversation that comes after the page was wiped is wiped too", async () => {
  const hand = newHand();
  let come: (hand: ReturnType<typeof newHand>) => void = () => undefined;
  const engine = newEngine(() => new Promise((resolve) => (come = resolve)));
  engine.prepare();
  engine.wipe();
  come(hand);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(hand.calls).toEqual([["wipe"]]);
  expect(engine.state.visitor).toBeUndefined();
});

test("a browser that lacks a needed piece is found out", () => {
  const whole = {
    isSecureContext: true,
    WebSocket: class {},
    BigInt,
    BigInt64Array,
    TextEncoder,
    fetch: () => undefined,
    crypto: { subtle: { deriveBits: () => undefined }, getRandomValues: () => undefined },
    Intl: { PluralRules: class {} },
    Element: { prototype: { replaceChildren: () => undefined } },
  };
  const ask = (change: object): boolean => supported({ ...whole, ...change } as unknown as typeof globalThis);
  expect(ask({})).toBe(true);
  for (const change of [
    { isSecureContext: false },
    { WebSocket: undefined },
    { BigInt: undefined },
    { crypto: undefined },
    { crypto: { getRandomValues: () => undefined } },
    { Intl: {} },
    { TextEncoder: undefined },
    { fetch: undefined },
    { Element: { prototype: {} } },
  ])
    expect(ask(change), JSON.stringify(change)).toBe(false);
});

test("the model: nothing is kept that was stopped, and a chat becomes a message where nobody can chat", () => {
  const asked = { ...first, screen: "flow" as const, answers: { who: ["who.ask"] } };
  expect(choose(flow, asked, "chan", ["chan.chat"], true)).toMatchObject({ screen: "compose", kind: "live" });
  expect(choose(flow, asked, "chan", ["chan.chat"], false)).toMatchObject({ screen: "compose", kind: "message" });
  expect(choose(flow, asked, "chan", ["chan.msg"], true)).toMatchObject({ screen: "compose", kind: "message" });
  expect(choose(flow, asked, "chan", ["chan.stop"], true)).toEqual({ ...first, screen: "stopped" });
  expect(choose(flow, asked, "chan", ["chan.call"], true)).toEqual({ ...asked, over: "numbers" });
  expect(choose(flow, { ...asked, practice: true }, "chan", ["chan.chat"], true)).toMatchObject({
    screen: "practised",
    answers: {},
  });
  const composing = choose(flow, asked, "chan", ["chan.chat"], true);
  expect(goBack(flow, change(composing, "who"))).toEqual({ ...composing, before: undefined });
  expect(goBack(flow, composing)).toMatchObject({ screen: "flow", answers: { who: ["who.ask"] } });
  expect(goBack(flow, { ...first, screen: "flow" })).toMatchObject({ screen: "info" });
  expect(goBack(flow, { ...first, screen: "info" })).toMatchObject({ screen: "start" });
  expect(goBack(flow, look(composing, "limits"))).toEqual(close(look(composing, "limits")));
  expect(goBack(flow, first)).toBe(first);
});

test("a text that could not be sent goes back to where it was written", () => {
  const chatting = { ...first, screen: "chat" as const, answers: { who: ["who.ask"] } };
  expect(takeBack(chatting)).toEqual({ ...chatting, screen: "compose", failed: true });
  expect(takeBack(first)).toBe(first);
});

test("a number is dialled by its digits", () => {
  expect(dial("114 14")).toBe("tel:11414");
  expect(dial("+46 8-123 45")).toBe("tel:+46812345");
  expect(dial("javascript:alert(1)")).toBe("tel:1");
});
