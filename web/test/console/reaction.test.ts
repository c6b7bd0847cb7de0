import { expect, test } from "vitest";
import { type Deed, type Past, type Scenario, nothingYet, reactionTo } from "../../src/console/training/scenario.ts";

/** What an invented visitor makes of what is done. */

const hello = { on: { phrases: ["pb.hello"] }, says: [{ sv: "Hej", en: "Hi" }] } as const;
const anyText = { on: { kind: "text" } } as const;
const left = { on: { kind: "silence" }, says: [{ quick: "q.bye" }] } as const;
const scenario: Scenario = {
  id: "s",
  answers: [],
  turns: [hello, { ...hello }, anyText, left],
  otherwise: [{ quick: "q.yes" }, { quick: "q.no" }],
  patience: 60,
  goals: [],
};
const [first, second] = scenario.turns;
const phrase = (key: string): Deed => ({ kind: "phrase", key });

test.each<[string, Past, Deed, Partial<ReturnType<typeof reactionTo>>]>([
  ["the first turn that fits", nothingYet, phrase("pb.hello"), { turn: first! }],
  ["each turn once", { used: [first!], otherwise: 0 }, phrase("pb.hello"), { turn: second! }],
  [
    "else the next answer",
    { used: [first!, second!], otherwise: 1 },
    phrase("pb.hello"),
    { saying: { quick: "q.no" } },
  ],
  ["nothing, once all was said", { used: [], otherwise: 2 }, phrase("pb.bye"), {}],
  ["no answer to silence", { used: [left], otherwise: 0 }, { kind: "silence" }, {}],
  ["no answer to being claimed", nothingYet, { kind: "claimed" }, {}],
])("%s", (_, past, deed, reaction) => {
  const { past: after, ...made } = reactionTo(scenario, past, deed);
  expect({ turn: made.turn, saying: made.saying }).toEqual({ turn: undefined, saying: undefined, ...reaction });
  if (made.turn) expect(after).toEqual({ ...past, used: [...past.used, made.turn] });
});

test("an answer is given once", () => {
  const { past } = reactionTo(scenario, nothingYet, phrase("pb.bye"));
  expect(reactionTo(scenario, past, phrase("pb.bye")).saying).toEqual({ quick: "q.no" });
});
