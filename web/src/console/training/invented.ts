import type { Case, Line } from "../../conversation/api.ts";
import {
  type Both,
  type Deed,
  type Past,
  type Saying,
  type Scenario,
  type Turn,
  nothingYet,
  reactionTo,
} from "./scenario.ts";
import { type Thread, newThread } from "./thread.ts";

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
  const thread = newThread(o.first, o.changed, o.lineId);
  const deeds: Deed[] = [];
  let past: Past = nothingYet;
  let claimedAt: number | undefined;
  /** Says in order what is to be said; each line after the one before it. */
  let busyUntil = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;

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
        if (thread.one.state !== "mine") return;
        thread.add({
          from: "visitor",
          ...("quick" in saying ? { phrase: { key: saying.quick, slots: {} } } : { text }),
        });
        wait();
      });
    }
  }

  function did(deed: Deed): void {
    deeds.push(deed);
    clearTimeout(silence);
    if (thread.one.state !== "mine") return;
    const reaction = reactionTo(scenario, past, deed);
    past = reaction.past;
    if (reaction.turn) answer(reaction.turn);
    else if (reaction.saying) say([reaction.saying]);
    if (deed.kind !== "silence") wait();
  }

  /** Whoever is not there does not wait either. */
  function wait(): void {
    clearTimeout(silence);
    silence = later(scenario.patience, () => (thread.one.visitor === "here" ? did({ kind: "silence" }) : wait()));
  }

  function answer({ says, away, then }: Turn): void {
    say(says);
    const after = Math.max(0, busyUntil - Date.now() / 1000) + 1;
    if (away) {
      later(after, () => thread.change({ visitor: "away" }));
      later(after + away.seconds, () => {
        thread.change({ visitor: "here" });
        say(away.then);
      });
    }
    if (then !== undefined)
      later(after + 1, () => {
        if (thread.one.state === "mine")
          finish({ by: "visitor", confirmed: true, ...(then === "leaves" && { left: true as const }) });
      });
  }

  function finish(end: NonNullable<Case["end"]>): void {
    clearTimeout(silence);
    thread.add({ from: "system", event: "ended" }, { state: "ended", end });
  }

  return {
    scenario,
    deeds,
    get one() {
      return thread.one;
    },
    get claimedAt() {
      return claimedAt;
    },
    change: thread.change,
    claimed() {
      claimedAt = Date.now();
      thread.add({ from: "system", event: "claimed", alias: o.alias }, { state: "mine" });
      did({ kind: "claimed" });
    },
    hear(what, deed) {
      if (thread.one.state !== "mine") return;
      deliver(thread, later, thread.add({ from: "staff", alias: o.alias, delivery: "waiting", ...what }));
      did(deed);
    },
    end() {
      if (thread.one.state !== "mine") return;
      did({ kind: "ended" });
      finish({ by: "staff", confirmed: true });
    },
    rest: () => clearTimeout(silence),
  };
}

/** A line of the trainee's is sent, and received once the visitor is there. */
function deliver(thread: Thread, later: (seconds: number, what: () => void) => unknown, line: string): void {
  const arrive = (): void =>
    void later(1.2, () => (thread.one.visitor === "here" ? thread.deliver(line, "received") : arrive()));
  later(0.4, () => thread.deliver(line, "sent"));
  arrive();
}
