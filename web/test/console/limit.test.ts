import { describe, expect, test } from "vitest";
import { claiming, closingSoon, missing } from "../../src/console/limit.ts";
import { dutyOf } from "../../src/conversation/duty.ts";
import type { Duty, OnDuty } from "../../src/conversation/api.ts";

const on = (...people: readonly OnDuty[]): Duty => ({ plan: "planned", on: people, next: [], gaps: [], warnings: [] });
const sara: OnDuty = { alias: "Sara", place: "first", state: "here" };
const amir: OnDuty = { alias: "Amir", place: "second", state: "here" };

describe("a third conversation", () => {
  const third = (priority: 0 | 1 | 2 | 3, duty: Duty | undefined, pressed = false) => claiming({ priority }, 2, "Sara", duty, pressed);
  test("is what the rule is about: one and two are claimed at once", () => {
    for (const mine of [0, 1]) expect(claiming({ priority: 3 }, mine, "Sara", on(sara, amir), false)).toBe("go");
  });
  test("waits for a colleague who is here, however often it is pressed", () => {
    expect(third(1, on(sara, amir))).toBe("hold");
    expect(third(1, on(sara, amir), true)).toBe("hold");
  });
  test("of someone in danger is claimed by a second press", () => {
    expect(third(0, on(sara, amir))).toBe("again");
    expect(third(0, on(sara, amir), true)).toBe("go");
  });
  test("is claimed by a second press where nobody else can take it", () => {
    for (const duty of [undefined, on(sara), on(sara, { ...amir, state: "missing" }), on(sara, { ...amir, state: "paused" }), on(sara, { ...amir, place: "lead" })]) {
      expect(third(2, duty)).toBe("again");
      expect(third(2, duty, true)).toBe("go");
    }
  });
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
  const turn = { alias: "Sara", place: 1, state: 2, start: 5n, end: 9n } as const;
  expect(dutyOf({
    kind: "duty", plan: 1, on: [turn, { alias: "Amir", place: 0, state: 1, start: 0n, end: 0n }], next: [{ ...turn, state: 0 }],
    gaps: [{ start: 9n, end: 12n }], warnings: [{ rule: 5, start: 1n, end: 2n }], closes: 0n, lastStart: 0n,
  })).toEqual({
    plan: "planned", on: [{ alias: "Sara", place: "first", state: "paused", start: 5, end: 9 }, { alias: "Amir", state: "here" }],
    next: [{ alias: "Sara", place: "first", state: "missing", start: 5, end: 9 }], gaps: [{ start: 9, end: 12 }], warnings: [{ rule: "alone", start: 1, end: 2 }],
  });
});
