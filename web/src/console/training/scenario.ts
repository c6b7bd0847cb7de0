/** A sentence in the two languages that the console speaks. */
export interface Both {
  readonly sv: string;
  readonly en: string;
}

/** What an invented visitor says: a sentence of their own, or a quick phrase by its key. */
export type Saying = Both | { readonly quick: string };

/** What the trainee has done, as far as an invented visitor heeds it. */
export type Deed =
  | { readonly kind: "claimed" }
  | { readonly kind: "phrase"; readonly key: string }
  | { readonly kind: "text"; readonly text: string }
  /** Nothing was written for as long as this visitor waits. */
  | { readonly kind: "silence" }
  | { readonly kind: "ended" };

/** Which deeds are meant: a ready reply by its key, words in what was written by hand, or a kind. */
export type Sign =
  | { readonly phrases?: readonly string[]; readonly words?: RegExp }
  | { readonly kind: "claimed" | "silence" | "ended" | "text" };

/** What the visitor does when something was done. Each happens once, the first in the list that fits. */
export interface Turn {
  readonly on: Sign;
  readonly says?: readonly Saying[];
  /** Goes away, and after so many seconds comes back and says this. */
  readonly away?: { readonly seconds: number; readonly then: readonly Saying[] };
  /** How the conversation goes on afterwards, if it does not. */
  readonly then?: "leaves" | "ends";
}

/** What there is to learn. `never`: met as long as nothing of the kind was done. */
export interface Goal {
  readonly text: Both;
  readonly by: Sign;
  readonly never?: true;
}

/** An invented person. Nobody who ever wrote is in here. */
export interface Scenario {
  readonly id: string;
  readonly answers: readonly (readonly [question: string, answer: string])[];
  /** What was written first; nothing where the page reads another language. */
  readonly text?: Both;
  /**
   * Reads a language that the console does not speak, and answers by quick phrases. Left out where the kommun offers
   * none.
   */
  readonly foreign?: true;
  readonly turns: readonly Turn[];
  /** When nothing fits, one after the other. */
  readonly otherwise: readonly Saying[];
  /** Seconds after which waiting for a word becomes a deed of its own. */
  readonly patience: number;
  readonly goals: readonly Goal[];
}

export function fits(sign: Sign, deed: Deed): boolean {
  if ("kind" in sign) return sign.kind === deed.kind;
  if (deed.kind === "phrase") return sign.phrases?.includes(deed.key) ?? false;
  return deed.kind === "text" && (sign.words?.test(deed.text) ?? false);
}

/** What has been played of a scenario. */
export interface Past {
  readonly used: readonly Turn[];
  /** How many of its other answers were given. */
  readonly otherwise: number;
}

export const nothingYet: Past = { used: [], otherwise: 0 };

export interface Reaction {
  readonly past: Past;
  readonly turn?: Turn | undefined;
  readonly saying?: Saying | undefined;
}

/** What an invented visitor makes of what was done: the first turn that fits and was not taken, else the next answer. */
export function reactionTo(scenario: Scenario, past: Past, deed: Deed): Reaction {
  const turn = scenario.turns.find((one) => !past.used.includes(one) && fits(one.on, deed));
  if (turn) return { past: { ...past, used: [...past.used, turn] }, turn };
  if (deed.kind !== "phrase" && deed.kind !== "text") return { past };
  return { past: { ...past, otherwise: past.otherwise + 1 }, saying: scenario.otherwise[past.otherwise] };
}
