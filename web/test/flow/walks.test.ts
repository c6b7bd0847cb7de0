import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { back, pairs, shipped, stepOf, walk } from "../../src/flow/flow.ts";
import type { Answers, Flow } from "../../src/flow/flow.ts";
import { newRules } from "../../src/flow/priority.ts";

interface Walked {
  readonly answers: Answers;
  readonly trail: readonly string[];
  readonly step?: string;
  readonly exit?: string;
  readonly pairs: readonly (readonly [string, string])[];
  readonly priority: number;
}

const files = JSON.parse(
  readFileSync(new URL("../../../intake/flow/testdata/walks.json", import.meta.url), "utf8"),
) as readonly { readonly flow: Flow; readonly walks: readonly Walked[] }[];
const own = files[1]!.flow;

test("this program and the one in Go walk alike, through the flow that ships and through a kommun's own", () => {
  expect(files[0]?.flow).toEqual(shipped);
  let seen = 0;
  for (const { flow, walks } of files)
    for (const { answers, trail, step, exit, pairs: sent, priority } of walks) {
      const place = walk(flow, answers);
      expect(place).toEqual({ trail, ...(step === undefined ? { exit } : { step }) });
      expect(pairs(flow, answers)).toEqual(sent);
      // The rules that ship hold beside a kommun's own; where the own flow asks it, they agree.
      expect(newRules(flow === files[0]?.flow ? undefined : flow).priorityOf(sent)).toBe(priority);
      seen++;
    }
  expect(seen).toBe(300);
});

test.each([
  ["ships", shipped],
  ["is a kommun's own", own],
])("whatever is tapped in the flow that %s, the way ends, and what is sent fits", (_, flow) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ tap: fc.nat(), more: fc.nat(), back: fc.boolean() }), { maxLength: 60 }),
      (taps) => {
        let answers: Answers = {};
        for (const { tap, more, back: again } of taps) {
          const { step: id, exit } = walk(flow, answers);
          if (id === undefined) return void expect(["chat", "message", "call", "stop"]).toContain(exit);
          if (again && tap % 3 === 0) {
            answers = back(flow, answers) ?? answers;
            continue;
          }
          const { kind, skip, choices } = stepOf(flow, id);
          const keys = choices.map(({ key }) => key);
          const chosen =
            kind === "many"
              ? keys.filter((_, i) => (more >> i) & 1)
              : skip && tap % 5 === 0
                ? []
                : [keys[tap % keys.length]!];
          answers = { ...answers, [id]: chosen };
        }
        const sent = pairs(flow, answers);
        expect(sent.length).toBeLessThanOrEqual(32);
        for (const key of sent.flat()) expect(new TextEncoder().encode(key).length).toBeLessThanOrEqual(64);
        // From wherever somebody stopped, the last choice of each step leads out.
        for (let i = 0; i < 40 && walk(flow, answers).step !== undefined; i++) {
          const id = walk(flow, answers).step!;
          answers = { ...answers, [id]: [stepOf(flow, id).choices.slice(-1)[0]!.key] };
        }
        expect(["chat", "message", "call", "stop"]).toContain(walk(flow, answers).exit);
      },
    ),
  );
});

test("a kommun's own rules hold beside those of the release, for pages that were opened before", () => {
  const rules = newRules(own);
  expect(rules.priorityOf([["own.kids", "own.kids.yes"]])).toBe(1);
  expect(rules.reasons([["own.kids", "own.kids.yes"]])).toEqual(["safe"]);
  // The own flow does not ask for the age.
  expect(
    rules.priorityOf([
      ["who", "who.self"],
      ["age", "age.u15"],
    ]),
  ).toBe(1);
  expect(newRules(undefined).priorityOf([["own.kids", "own.kids.yes"]])).toBe(2);
  expect(
    rules.reasons([
      ["need", "need.home"],
      ["dng", "dng.now"],
      ["age", "age.u15"],
    ]),
  ).toEqual(["now", "home", "minor"]);
});
