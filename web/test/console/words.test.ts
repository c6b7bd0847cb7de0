import { describe, expect, test } from "vitest";
import { answerDue, daysLeft, groups, neighbour, news, order, waited, warning } from "../../src/console/words.ts";
import { caseOf, line, tongueOf } from "./support.ts";

describe("how long somebody has waited", () => {
  const sv = (seconds: number) => waited(tongueOf("sv").say, 1000, 1000 + seconds);
  const en = (seconds: number) => waited(tongueOf("en").say, 1000, 1000 + seconds);
  test.each([
    [-500, "Kom nyss"],
    [59, "Kom nyss"],
    [60, "Väntat 1 minut"],
    [3599, "Väntat 59 minuter"],
    [3600, "Väntat 1 timme"],
    [4300, "Väntat 1 timme 11 minuter"],
    [6 * 3600 + 600, "Väntat 6 timmar"],
    [47 * 3600, "Väntat 47 timmar"],
    [49 * 3600, "Väntat 2 dygn"],
  ])("%i seconds are %s", (seconds, words) => expect(sv(seconds)).toBe(words));
  test("in English", () => expect([en(61), en(7260)]).toEqual(["Waited 1 minute", "Waited 2 hours 1 minute"]));
});

describe("warnings before an expiry", () => {
  test.each([
    [9, undefined],
    [6, undefined],
    [5, 5],
    [4, 5],
    [3, 3],
    [2, 3],
    [1, 1],
    [0, 1],
  ] as const)("%i days left reach step %s", (days, step) => expect(warning(days)).toBe(step));
  test("a part of a day counts as none, and the past as none", () => {
    expect([daysLeft(86_399, 0), daysLeft(2 * 86_400, 0), daysLeft(0, 86_400)]).toEqual([0, 2, 0]);
  });
});

describe("the list", () => {
  const cases = [
    caseOf("w", { priority: 0 }),
    caseOf("m", { state: "mine" }),
    caseOf("t", { state: "taken" }),
    caseOf("o", { state: "opening" }),
    caseOf("c", { state: "claiming" }),
  ];

  test("shows the own cases first, then who waits, then what is over, each in the desk's order", () => {
    expect(order(cases).map((one) => one.id)).toEqual(["m", "c", "w", "o", "t"]);
    expect(groups(cases).done.map((one) => one.id)).toEqual(["t"]);
  });

  test("is walked without wrapping", () => {
    expect(neighbour(cases, undefined, 1)).toBe("m");
    expect(neighbour(cases, undefined, -1)).toBe("t");
    expect(neighbour(cases, "c", 1)).toBe("w");
    expect(neighbour(cases, "m", -1)).toBe("m");
    expect(neighbour(cases, "t", 1)).toBe("t");
    expect(neighbour(cases, "gone", 1)).toBe("m");
    expect(neighbour([], "gone", 1)).toBeUndefined();
  });
});

describe("news", () => {
  const ids = (of: readonly { readonly id: string }[]) => of.map((one) => one.id);

  test("a case is new once it waits, and not again when a claim of ours is refused", () => {
    expect(ids(news([caseOf("a", { state: "opening" })], [caseOf("a")]).waiting)).toEqual(["a"]);
    expect(ids(news([caseOf("a")], [caseOf("a"), caseOf("b")]).waiting)).toEqual(["b"]);
    expect(ids(news([caseOf("a", { state: "claiming" })], [caseOf("a")]).waiting)).toEqual([]);
  });

  test("a lost race is told, a colleague's undisturbed claim is not", () => {
    const taken = [caseOf("a", { state: "taken", takenBy: "Amir" })];
    expect(ids(news([caseOf("a", { state: "claiming" })], taken).lost)).toEqual(["a"]);
    expect(ids(news([caseOf("a")], taken).lost)).toEqual([]);
  });

  test("the visitor's words in an own case are told once", () => {
    const mine = (unread: number) => [caseOf("a", { state: "mine", unread })];
    expect(ids(news(mine(0), mine(1)).written)).toEqual(["a"]);
    expect(ids(news(mine(1), mine(1)).written)).toEqual([]);
    expect(ids(news([caseOf("a", { unread: 0 })], [caseOf("a", { unread: 1 })]).written)).toEqual([]);
  });

  test("an end by the visitor is told, one's own is not", () => {
    const mine = [caseOf("a", { state: "mine" })];
    expect(ids(news(mine, [caseOf("a", { state: "ended", end: { by: "visitor", confirmed: true } })]).ended)).toEqual([
      "a",
    ]);
    expect(ids(news(mine, [caseOf("a", { state: "ended" })]).ended)).toEqual(["a"]);
    expect(ids(news(mine, [caseOf("a", { state: "ended", end: { by: "staff", confirmed: false } })]).ended)).toEqual(
      [],
    );
  });

  test("only a new failure counts", () => {
    const failed = (times: number) => [
      caseOf("a", {
        state: "mine",
        lines: Array.from({ length: times }, (_, at) => ({
          id: `${at}`,
          from: "staff" as const,
          delivery: "failed" as const,
        })),
      }),
    ];
    expect([
      news(failed(0), failed(1)).failed,
      news(failed(1), failed(1)).failed,
      news(failed(2), failed(1)).failed,
    ]).toEqual([1, 0, 0]);
  });
});

describe("the last word", () => {
  test("an answer is due while the visitor wrote last", () => {
    expect(answerDue([])).toBe(true);
    expect(answerDue([line("visitor", "a"), line("staff", "b"), line("system", "c")])).toBe(false);
    expect(answerDue([line("staff", "b"), line("visitor", "a"), line("system", "c")])).toBe(true);
  });
});
