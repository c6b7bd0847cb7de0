import type { PageConfig } from "../../config.ts";
import type { Case, Desk, DeskView } from "../../conversation/api.ts";
import { inOrder } from "../../conversation/desk/case.ts";
import { newViewStore } from "../../conversation/viewstore.ts";
import { newRules } from "../../flow/priority.ts";
import { newAsking } from "./asking.ts";
import { type Invented, type Lang, newInvented } from "./invented.ts";
import { type Deed, fits, type Goal, type Scenario } from "./scenario.ts";

export type { Lang };

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
export function newDrill(o: DrillOptions): Drill {
  const all = o.scenarios.filter((one) => !one.foreign || o.foreign !== undefined);
  const played = new Map<string, Invented>();
  const timers = newTimers();
  const { later } = timers;
  const shown = newViewStore<DeskView>(() => ({
    phase: "online",
    device: { id: "", alias: o.alias, role: "coordinator", expires: 0 },
    cases: inOrder([...played.values()].map(({ one, claimedAt }) => ({ shown: one, claimedAt }))),
  }));
  let came = 0;
  let lines = 0;
  let running = false;

  const lineId = () => String(++lines);

  function arrive(): void {
    const scenario = all[came % all.length];
    if (!scenario) return;
    const id = `training-${++came}`;
    const invented = newInvented({
      scenario,
      lang: o.lang,
      alias: o.alias,
      later,
      changed: shown.changed,
      lineId,
      first: caseOf(o, scenario, id, lineId),
    });
    played.set(id, invented);
    shown.changed();
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
      if (p?.one.state === "waiting") p.change({ onIt: true });
    },
    async shift() {
      return "done";
    },
    async claim(id) {
      const p = played.get(id);
      if (p?.one.state !== "waiting") return;
      p.change({ state: "claiming" });
      later(0.5, () => {
        p.claimed();
        comeLater(nextAfter);
      });
    },
    send: (id, text) => played.get(id)?.hear({ text }, { kind: "text", text }),
    sendPhrase: (id, key, slots) => played.get(id)?.hear({ phrase: { key, slots } }, { kind: "phrase", key }),
    retry() {},
    async lock() {},
    async unlock() {
      return undefined;
    },
    seen(id) {
      const p = played.get(id);
      if (p && p.one.unread > 0) p.change({ unread: 0 });
    },
    end: async (id) => played.get(id)?.end(),
    ...newAsking({
      own(id) {
        const one = played.get(id)?.one;
        return one?.state === "mine" ? one : undefined;
      },
      change(id, to) {
        const p = played.get(id);
        if (to.state === "taken") p?.rest();
        p?.change(to);
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
      timers.clear();
      played.clear();
      shown.close();
    },
    next() {
      if (running) arrive();
    },
    review: (id) => reviewOf(played.get(id), o.lang),
  };
}

/** What is to come after a while; nothing any more once it is cleared. */
function newTimers() {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  return {
    later(seconds: number, what: () => void): ReturnType<typeof setTimeout> {
      const timer = setTimeout(() => {
        timers.delete(timer);
        what();
      }, seconds * 1000);
      timers.add(timer);
      return timer;
    },
    clear() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function reviewOf(played: Invented | undefined, lang: Lang): ReturnType<Drill["review"]> {
  const goals = played?.scenario.goals ?? [];
  return goals.map((goal) => ({ text: goal.text[lang], done: met(goal, played?.deeds ?? []) }));
}

/** How an invented visitor comes in. */
function caseOf(o: DrillOptions, scenario: Scenario, id: string, lineId: () => string): Case {
  const { answers } = scenario;
  const text = scenario.text?.[o.lang] ?? "";
  const lang = scenario.foreign && o.foreign !== undefined ? o.foreign : o.lang;
  const first = text === "" ? [] : [{ id: lineId(), from: "visitor" as const, text }];
  return {
    id,
    since: Math.floor(Date.now() / 60_000) * 60,
    state: "waiting",
    intake: { lang, answers, text },
    priority: newRules(o.config.flow).priorityOf(answers),
    lines: first,
    visitor: "here",
    unread: first.length,
  };
}

/** Whether a goal was reached by what was done. */
export function met({ by, never }: Goal, deeds: readonly Deed[]): boolean {
  const done = deeds.some((deed) => fits(by, deed));
  return never ? !done : done;
}
