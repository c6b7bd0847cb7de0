import type { Case, Delivery, Line } from "../../conversation/api.ts";
import { type Both, type Deed, fits, type Saying, type Scenario, type Turn } from "./scenario.ts";

/** Which of the languages that the console speaks an invented visitor writes. */
export type Lang = keyof Both;

/** An invented visitor with their conversation: what is done in it, and what they make of that. */
export interface Invented {
  readonly scenario: Scenario;
  readonly one: Case;
  readonly claimedAt: number | undefined;
  /** What the trainee has done so far. */
  readonly deeds: readonly Deed[];
  change(more: Partial<Case>): void;
  claimed(): void;
  /** The trainee writes. */
  hear(what: Pick<Line, "text"> | Pick<Line, "phrase">, deed: Deed): void;
  /** The trainee ends it. */
  end(): void;
  /** They write no more, whatever is done. */
  rest(): void;
}

/** How long an invented visitor takes to write a line. */
const writing = (text: string) => 1.2 + Math.min(4, text.length / 25);

export function newInvented(o: {
  readonly scenario: Scenario;
  readonly lang: Lang;
  /** The trainee's name in the chat. */
  readonly alias: string;
  readonly first: Case;
  readonly later: (seconds: number, what: () => void) => ReturnType<typeof setTimeout>;
  readonly changed: () => void;
  /** An id that no other line has. */
  readonly lineId: () => string;
}): Invented {
  const { scenario, later } = o;
  const deeds: Deed[] = [];
  const used = new Set<Turn>();
  let one = o.first;
  let claimedAt: number | undefined;
  let otherwise = 0;
  /** Says in order what is to be said; each line after the one before it. */
  let busyUntil = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;

  function change(more: Partial<Case>): void {
    one = { ...one, ...more };
    o.changed();
  }

  function add(line: Omit<Line, "id">): string {
    const id = o.lineId();
    change({ lines: [...one.lines, { ...line, id }], unread: one.unread + (line.from === "visitor" ? 1 : 0) });
    return id;
  }

  function deliver(id: string, delivery: Delivery): void {
    change({ lines: one.lines.map((line) => (line.id === id ? { ...line, delivery } : line)) });
  }

  /** Seconds from now until this person has finished what they are writing, and one line more. */
  function turnToWrite(text: string): number {
    const now = Date.now() / 1000;
    busyUntil = Math.max(now, busyUntil) + writing(text);
    return busyUntil - now;
  }

  function say(what: readonly Saying[] = []): void {
    for (const saying of what) {
      const text = "quick" in saying ? "" : saying[o.lang];
      later(turnToWrite(text), () => {
        if (one.state !== "mine") return;
        add({ from: "visitor", ...("quick" in saying ? { phrase: { key: saying.quick, slots: {} } } : { text }) });
        wait();
      });
    }
  }

  function did(deed: Deed): void {
    deeds.push(deed);
    clearTimeout(silence);
    if (one.state !== "mine") return;
    const turn = scenario.turns.find((t) => !used.has(t) && fits(t.on, deed));
    if (turn) {
      used.add(turn);
      answer(turn);
    } else if (deed.kind === "phrase" || deed.kind === "text") {
      const saying = scenario.otherwise[otherwise++];
      if (saying) say([saying]);
    }
    if (deed.kind !== "silence") wait();
  }

  /** Whoever is not there does not wait either. */
  function wait(): void {
    clearTimeout(silence);
    silence = later(scenario.patience, () => (one.visitor === "here" ? did({ kind: "silence" }) : wait()));
  }

  function answer({ says, away, then }: Turn): void {
    say(says);
    const after = Math.max(0, busyUntil - Date.now() / 1000) + 1;
    if (away) {
      later(after, () => change({ visitor: "away" }));
      later(after + away.seconds, () => {
        change({ visitor: "here" });
        say(away.then);
      });
    }
    if (then !== undefined)
      later(after + 1, () => {
        if (one.state === "mine")
          finish({ by: "visitor", confirmed: true, ...(then === "leaves" && { left: true as const }) });
      });
  }

  function finish(end: NonNullable<Case["end"]>): void {
    clearTimeout(silence);
    one = { ...one, state: "ended", end };
    add({ from: "system", event: "ended" });
  }

  function arriveWhenHere(line: string): void {
    later(1.2, () => (one.visitor === "here" ? deliver(line, "received") : arriveWhenHere(line)));
  }

  return {
    scenario,
    deeds,
    get one() {
      return one;
    },
    get claimedAt() {
      return claimedAt;
    },
    change,
    claimed() {
      claimedAt = Date.now();
      one = { ...one, state: "mine" };
      add({ from: "system", event: "claimed", alias: o.alias });
      did({ kind: "claimed" });
    },
    hear(what, deed) {
      if (one.state !== "mine") return;
      const line = add({ from: "staff", alias: o.alias, delivery: "waiting", ...what });
      later(0.4, () => deliver(line, "sent"));
      arriveWhenHere(line);
      did(deed);
    },
    end() {
      if (one.state !== "mine") return;
      did({ kind: "ended" });
      finish({ by: "staff", confirmed: true });
    },
    rest: () => clearTimeout(silence),
  };
}
