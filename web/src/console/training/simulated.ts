import type { PageConfig } from "../../config.ts";
import type { Case, Delivery, Desk, DeskView, Line } from "../../conversation/api.ts";
import { inOrder } from "../../conversation/case.ts";
import { newViewStore } from "../../conversation/viewstore.ts";
import { newRules } from "../../flow/priority.ts";
import { newAsking } from "./asking.ts";
import { type Both, type Deed, fits, type Goal, type Saying, type Scenario, type Turn } from "./scenario.ts";

/** Which of the languages that the console speaks an invented visitor writes. */
export type Lang = keyof Both;

export interface DrillOptions {
  readonly config: PageConfig;
  readonly scenarios: readonly Scenario[];
  /** The trainee's name in the chat. */
  readonly alias: string;
  readonly lang: Lang;
  /** A language that visitors are offered and the console does not speak. */
  readonly foreign: string | undefined;
}

/**
 * A desk with invented visitors. It has no socket, no keys and no storage; everything in it is gone when it is stopped.
 */
export interface Drill extends Desk {
  /** Lets the next visitor come now. */
  next(): void;
  /** What there was to learn from a conversation, and whether it was done. */
  review(id: string): readonly { readonly text: string; readonly done: boolean }[];
}

/** Seconds until the first comes, and until another comes after a conversation was taken. */
const firstAfter = 2;
const nextAfter = 40;
/** How long an invented visitor takes to write a line. */
const writing = (text: string) => 1.2 + Math.min(4, text.length / 25);

interface Played {
  readonly scenario: Scenario;
  one: Case;
  readonly deeds: Deed[];
  readonly used: Set<Turn>;
  otherwise: number;
  claimedAt: number | undefined;
  /** Says in order what is to be said; each line after the one before it. */
  busyUntil: number;
  patience: ReturnType<typeof setTimeout> | undefined;
}

export function newDrill(o: DrillOptions): Drill {
  const rules = newRules(o.config.flow);
  const all = o.scenarios.filter((one) => !one.foreign || o.foreign !== undefined);
  const played = new Map<string, Played>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const shown = newViewStore<DeskView>(() => ({
    phase: "online",
    device: { id: "", alias: o.alias, role: "coordinator", expires: 0 },
    cases: inOrder([...played.values()].map(({ one, claimedAt }) => ({ shown: one, claimedAt }))),
  }));
  let came = 0;
  let lines = 0;
  let running = false;

  function later(seconds: number, what: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (running) what();
    }, seconds * 1000);
    timers.add(timer);
    return timer;
  }

  function change(p: Played, more: Partial<Case>): void {
    p.one = { ...p.one, ...more };
    shown.changed();
  }

  function add(p: Played, line: Omit<Line, "id">): string {
    const id = String(++lines);
    change(p, { lines: [...p.one.lines, { ...line, id }], unread: p.one.unread + (line.from === "visitor" ? 1 : 0) });
    return id;
  }

  function deliver(p: Played, id: string, delivery: Delivery): void {
    change(p, { lines: p.one.lines.map((line) => (line.id === id ? { ...line, delivery } : line)) });
  }

  function arrive(): void {
    const scenario = all[came % all.length];
    if (!scenario) return;
    const id = `training-${++came}`;
    const { answers } = scenario;
    const text = scenario.text?.[o.lang] ?? "";
    const lang = scenario.foreign && o.foreign !== undefined ? o.foreign : o.lang;
    const p: Played = {
      scenario,
      deeds: [],
      used: new Set(),
      otherwise: 0,
      claimedAt: undefined,
      busyUntil: 0,
      patience: undefined,
      one: {
        id,
        since: Math.floor(Date.now() / 60_000) * 60,
        state: "waiting",
        intake: { lang, answers, text },
        priority: rules.priorityOf(answers),
        lines: [],
        visitor: "here",
        unread: 0,
      },
    };
    played.set(id, p);
    if (text !== "") add(p, { from: "visitor", text });
    shown.changed();
  }

  /** Seconds from now until this person has finished what they are writing, and one line more. */
  function turnToWrite(p: Played, text: string): number {
    const now = Date.now() / 1000;
    p.busyUntil = Math.max(now, p.busyUntil) + writing(text);
    return p.busyUntil - now;
  }

  function say(p: Played, what: readonly Saying[] = []): void {
    for (const saying of what) {
      const text = "quick" in saying ? "" : saying[o.lang];
      later(turnToWrite(p, text), () => {
        if (p.one.state !== "mine") return;
        add(p, { from: "visitor", ...("quick" in saying ? { phrase: { key: saying.quick, slots: {} } } : { text }) });
        wait(p);
      });
    }
  }

  function did(p: Played, deed: Deed): void {
    p.deeds.push(deed);
    clearTimeout(p.patience);
    if (p.one.state !== "mine") return;
    const turn = p.scenario.turns.find((one) => !p.used.has(one) && fits(one.on, deed));
    if (turn) {
      p.used.add(turn);
      answer(p, turn);
    } else if (deed.kind === "phrase" || deed.kind === "text") {
      const saying = p.scenario.otherwise[p.otherwise++];
      if (saying) say(p, [saying]);
    }
    if (deed.kind !== "silence") wait(p);
  }

  /** Whoever is not there does not wait either. */
  function wait(p: Played): void {
    clearTimeout(p.patience);
    p.patience = later(p.scenario.patience, () => (p.one.visitor === "here" ? did(p, { kind: "silence" }) : wait(p)));
  }

  function answer(p: Played, { says, away, then }: Turn): void {
    say(p, says);
    const after = Math.max(0, p.busyUntil - Date.now() / 1000) + 1;
    if (away) {
      later(after, () => change(p, { visitor: "away" }));
      later(after + away.seconds, () => {
        change(p, { visitor: "here" });
        say(p, away.then);
      });
    }
    if (then !== undefined)
      later(after + 1, () => {
        if (p.one.state === "mine")
          finish(
            p,
            then === "leaves" ? { by: "visitor", confirmed: true, left: true } : { by: "visitor", confirmed: true },
          );
      });
  }

  function finish(p: Played, end: NonNullable<Case["end"]>): void {
    clearTimeout(p.patience);
    p.one = { ...p.one, state: "ended", end };
    add(p, { from: "system", event: "ended" });
  }

  function write(id: string, what: Pick<Line, "text"> | Pick<Line, "phrase">, deed: Deed): void {
    const p = played.get(id);
    if (p?.one.state !== "mine") return;
    const line = add(p, { from: "staff", alias: o.alias, delivery: "waiting", ...what });
    later(0.4, () => deliver(p, line, "sent"));
    arriveWhenHere(p, line);
    did(p, deed);
  }

  function arriveWhenHere(p: Played, line: string): void {
    later(1.2, () => (p.one.visitor === "here" ? deliver(p, line, "received") : arriveWhenHere(p, line)));
  }

  const scheduled = () => [...played.values()].some(({ one }) => one.state === "waiting");
  const comeLater = (seconds: number) => later(seconds, () => !scheduled() && arrive());

  return {
    get view() {
      return shown.view;
    },
    subscribe: shown.subscribe,
    async enrol() {},
    async start() {
      if (running) return;
      running = true;
      comeLater(firstAfter);
    },
    acknowledge(id) {
      const p = played.get(id);
      if (p?.one.state === "waiting") change(p, { onIt: true });
    },
    async pass() {
      return "done";
    },
    async claim(id) {
      const p = played.get(id);
      if (p?.one.state !== "waiting") return;
      change(p, { state: "claiming" });
      later(0.5, () => {
        p.claimedAt = Date.now();
        p.one = { ...p.one, state: "mine" };
        add(p, { from: "system", event: "claimed", alias: o.alias });
        did(p, { kind: "claimed" });
        comeLater(nextAfter);
      });
    },
    send: (id, text) => write(id, { text }, { kind: "text", text }),
    sendPhrase: (id, key, slots) => write(id, { phrase: { key, slots } }, { kind: "phrase", key }),
    retry() {},
    async lock() {},
    async unlock() {
      return undefined;
    },
    seen(id) {
      const p = played.get(id);
      if (p && p.one.unread > 0) change(p, { unread: 0 });
    },
    async end(id) {
      const p = played.get(id);
      if (p?.one.state !== "mine") return;
      did(p, { kind: "ended" });
      finish(p, { by: "staff", confirmed: true });
    },
    ...newAsking({
      own(id) {
        const one = played.get(id)?.one;
        return one?.state === "mine" ? one : undefined;
      },
      change(id, to) {
        const p = played.get(id);
        if (!p) return;
        if (to.state === "taken") clearTimeout(p.patience);
        change(p, to);
      },
      later,
    }),
    async clear(id) {
      const state = played.get(id)?.one.state;
      if (state !== "ended" && state !== "taken") return;
      played.delete(id);
      shown.changed();
      comeLater(firstAfter);
    },
    // Nobody is called in a training.
    reach: async () => undefined,
    stop() {
      running = false;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      played.clear();
      shown.close();
    },
    next() {
      if (running) arrive();
    },
    review(id) {
      const p = played.get(id);
      return p ? p.scenario.goals.map((goal) => ({ text: goal.text[o.lang], done: met(goal, p.deeds) })) : [];
    },
  };
}

/** Whether a goal was reached by what was done. */
export function met({ by, never }: Goal, deeds: readonly Deed[]): boolean {
  const done = deeds.some((deed) => fits(by, deed));
  return never ? !done : done;
}
