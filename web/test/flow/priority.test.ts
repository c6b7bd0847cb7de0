import { expect, test } from "vitest";
import { newRules } from "../../src/flow/priority.ts";

const cases: [string, (readonly [string, string])[], number][] = [
  [
    "danger now",
    [
      ["who", "who.self"],
      ["dng", "dng.now"],
    ],
    0,
  ],
  [
    "danger now, said by a professional",
    [
      ["who", "who.pro"],
      ["dng", "dng.now"],
    ],
    0,
  ],
  [
    "danger soon",
    [
      ["who", "who.self"],
      ["dng", "dng.soon"],
    ],
    1,
  ],
  [
    "under 15",
    [
      ["who", "who.self"],
      ["age", "age.u15"],
    ],
    1,
  ],
  [
    "15 to 17",
    [
      ["who", "who.self"],
      ["age", "age.1517"],
    ],
    1,
  ],
  [
    "18 to 20",
    [
      ["who", "who.self"],
      ["age", "age.1820"],
    ],
    2,
  ],
  [
    "safety",
    [
      ["who", "who.self"],
      ["need", "need.debt"],
      ["need", "need.safe"],
    ],
    1,
  ],
  [
    "a home",
    [
      ["who", "who.self"],
      ["need", "need.home"],
    ],
    1,
  ],
  [
    "debts only",
    [
      ["who", "who.self"],
      ["need", "need.debt"],
    ],
    2,
  ],
  [
    "a mother whose son is under 18",
    [
      ["who", "who.rel"],
      ["rel.age", "common.yes"],
    ],
    1,
  ],
  [
    "a mother who does not know",
    [
      ["who", "who.rel"],
      ["rel.age", "common.dontknow"],
    ],
    2,
  ],
  [
    "a mother who wants her son safe",
    [
      ["who", "who.rel"],
      ["rel.want", "rel.want.safe"],
    ],
    1,
  ],
  [
    "yes to another question is not an age",
    [
      ["who", "who.rel"],
      ["rel.aware", "common.yes"],
    ],
    2,
  ],
  [
    "a professional about somebody under 18",
    [
      ["who", "who.pro"],
      ["pro.u18", "common.yes"],
    ],
    3,
  ],
  ["just asking", [["who", "who.ask"]], 2],
  ["everything skipped", [], 2],
];

test.each(cases)("%s", (_, answers, priority) => {
  expect(newRules(undefined).priorityOf(answers)).toBe(priority);
});
