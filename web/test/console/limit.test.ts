import { describe, expect, test } from "vitest";
import { claiming, closingSoon, leftTo, missing, rulesOf } from "../../src/console/limit.ts";
import { dutyOf } from "../../src/conversation/desk/duty.ts";
import type { Duty, OnDuty } from "../../src/conversation/api.ts";
import { config } from "./support.ts";

const on = (...people: readonly OnDuty[]): Duty => ({ plan: "planned", on: people, next: [], gaps: [], warnings: [] });
const sara: OnDuty = { alias: "Sara", level: "first", state: "here" };
const amir: OnDuty = { alias: "Amir", level: "second", state: "here" };

const rules = { atOnce: 2, breaks: [10] };

describe("a conversation more than the kommun wants one person to have", () => {
  const third = (
    priority: 0 | 1 | 2 | 3,
    duty: Duty | undefined,
    pressed = false,
    more: { readonly waited?: number; readonly unheeded?: true } = {},
  ) =>
    claiming({
      one: { priority, since: 6000, ...(more.unheeded && { unheeded: true }) },
      rules,
      mine: 2,
      alias: "Sara",
      duty,
      now: 6000 + (more.waited ?? 10),
      pressed,
    });
  test("is what the rule is about: as many as it says are claimed at once", () => {
    for (const atOnce of [1, 2, 5]) {
      const outcome = (mine: number) =>
        claiming({
          one: { priority: 3, since: 0 },
          rules: { ...rules, atOnce },
          mine,
          alias: "Sara",
          duty: on(sara, amir),
          now: 10,
          pressed: false,
        });
      expect([atOnce - 1, atOnce].map(outcome)).toEqual(["go", "hold"]);
    }
  });
  test("waits for a colleague who is here, however often it is pressed", () => {
    expect(third(1, on(sara, amir))).toBe("hold");
    expect(third(1, on(sara, amir), true)).toBe("hold");
  });
  test("is not left for ever to a colleague who has as many, or does not look", () => {
    expect(third(1, on(sara, amir), true, { waited: leftTo - 1 })).toBe("hold");
    expect(third(1, on(sara, amir), false, { waited: leftTo })).toBe("again");
    expect(third(1, on(sara, amir), true, { waited: leftTo })).toBe("go");
    expect(third(1, on(sara, amir), true, { unheeded: true })).toBe("go");
  });
  test("of someone in danger is claimed by a second press", () => {
    expect(third(0, on(sara, amir))).toBe("again");
    expect(third(0, on(sara, amir), true)).toBe("go");
  });
  test("is claimed by a second press where nobody else can take it", () => {
    for (const duty of [
      undefined,
      on(sara),
      on(sara, { ...amir, state: "missing" }),
      on(sara, { ...amir, state: "paused" }),
      on(sara, { ...amir, level: "lead" }),
    ]) {
      expect(third(2, duty)).toBe("again");
      expect(third(2, duty, true)).toBe("go");
    }
  });
});

test("a page without the kommun's rules is no console's, and says so", () => {
  expect(rulesOf(config)).toEqual({ atOnce: 2, breaks: [10, 20, 30, 60] });
  const { duty: _, ...visitors } = config;
  expect(() => rulesOf(visitors)).toThrow("no console");
});

test("whoever should answer first and cannot be reached is named; others are not", () => {
  expect(missing(on({ ...sara, state: "missing" }, { ...amir, state: "missing" }))).toEqual(["Sara"]);
  expect(missing(on({ ...sara, state: "paused" }))).toEqual(["Sara"]);
  expect(missing({ ...on({ ...sara, state: "missing" }), plan: "unread" })).toEqual([]);
  expect(missing(undefined)).toEqual([]);
});

test("closing is near from the last start to the end, and never where the hours are not known", () => {
  const duty = { ...on(sara), closes: 2000, lastStart: 500 };
  expect([499, 500, 1999, 2000].map((now) => closingSoon(duty, now))).toEqual([undefined, 2000, 2000, undefined]);
  expect(closingSoon(on(sara), 1000)).toBeUndefined();
});

test("what the relay says is shown as it is", () => {
  const turn = { alias: "Sara", level: 1, state: 2, start: 5n, end: 9n } as const;
  expect(
    dutyOf({
      kind: "duty",
      plan: 1,
      on: [turn, { alias: "Amir", level: 0, state: 1, start: 0n, end: 0n }],
      next: [{ ...turn, state: 0 }],
      gaps: [{ start: 9n, end: 12n }],
      warnings: [{ rule: 5, start: 1n, end: 2n }],
      closes: 0n,
      lastStart: 0n,
    }),
  ).toEqual({
    plan: "planned",
    on: [
      { alias: "Sara", level: "first", state: "paused", start: 5, end: 9 },
      { alias: "Amir", state: "here" },
    ],
    next: [{ alias: "Sara", level: "first", state: "missing", start: 5, end: 9 }],
    gaps: [{ start: 9, end: 12 }],
    warnings: [{ rule: "alone", start: 1, end: 2 }],
  });
});
