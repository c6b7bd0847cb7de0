import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newRules } from "../../src/flow/priority.ts";
import { back, forget, give, pairs, shipped as flow, stepOf, summary, walk } from "../../src/flow/flow.ts";
import type { Answers, Exit, Flow } from "../../src/flow/flow.ts";

interface Path {
  readonly answers: Answers;
  readonly trail: readonly string[];
  readonly exit: Exit;
}

/** Every way through: each single choice, each skip, and for several choices none, the first, the last and all. */
function paths(of: Flow, answers: Answers = {}): readonly Path[] {
  const { step: id, exit, trail } = walk(of, answers);
  if (exit) return [{ answers, trail, exit }];
  const step = stepOf(of, id!);
  const keys = step.choices.map(({ key }) => key);
  const options = step.kind === "many" ? [keys.slice(0, 1), keys.slice(-1), keys] : keys.map((key) => [key]);
  if (step.skip) options.push([]);
  return options.flatMap((chosen) => paths(of, give(answers, id!, chosen)));
}

const all = paths(flow);
const questions = (path: Path): number => path.trail.filter((id) => stepOf(flow, id).kind !== "page").length;
const chose = (path: Path, key: string): boolean => Object.values(path.answers).some((keys) => keys.includes(key));

test("every path reaches a human, a number or an exit", () => {
  expect(all.length).toBeGreaterThan(1000);
  const exits = new Set(all.map(({ exit }) => exit));
  expect([...exits].sort()).toEqual(["call", "chat", "message", "stop"]);
  for (const step of Object.values(flow.steps).filter(({ kind }) => kind === "channel"))
    expect(step.choices.map(({ exit }) => exit).sort()).toEqual(["call", "chat", "message", "stop"]);
});

test("the longest path for oneself asks seven times, and who only wants to ask is asked twice", () => {
  expect(Math.max(...all.filter((path) => chose(path, "who.self")).map(questions))).toBe(7);
  expect(Math.max(...all.filter((path) => chose(path, "who.ask")).map(questions))).toBe(2);
});

test("danger is the first thing asked after who, and danger now skips every other question", () => {
  expect(all.filter((path) => (chose(path, "who.self") || chose(path, "who.rel")) && path.trail[1] !== "dng")).toEqual(
    [],
  );
  for (const path of all.filter((path) => chose(path, "dng.now"))) {
    expect(path.trail).toEqual(["who", "dng", "dng.now"]);
    expect(path.exit).toBe("chat");
  }
  expect(stepOf(flow, "dng.now").call).toEqual(["emergency"]);
});

test("every question but the first can be skipped", () => {
  for (const [id, step] of Object.entries(flow.steps))
    if (step.kind === "one" || step.kind === "many") expect(step.skip ?? false, id).toBe(id !== flow.first);
});

test("a minor is told what the rules are, and given the children's number", () => {
  const minor = (path: Path): boolean => chose(path, "age.u15") || chose(path, "age.1517");
  expect(all.filter((path) => minor(path) !== path.trail.includes("minor"))).toEqual([]);
  expect(all.some(minor)).toBe(true);
  expect(stepOf(flow, "minor").call).toEqual(["children"]);
});

test("no step is out of reach, and every text stands in both catalogs", () => {
  const seen = new Set(all.flatMap(({ trail }) => trail));
  expect(Object.keys(flow.steps).filter((id) => !seen.has(id))).toEqual([]);
  for (const tag of ["sv", "en"]) {
    const catalog = JSON.parse(
      readFileSync(new URL(`../../../i18n/catalog/${tag}.json`, import.meta.url), "utf8"),
    ) as object;
    for (const [id, { ask, help, texts = [], links = [], choices }] of Object.entries(flow.steps))
      for (const key of [ask, help, ...texts, ...links.map((link) => `link.${link}`), ...choices.map(({ key }) => key)])
        if (key !== undefined) expect(catalog, `${id}: ${key}`).toHaveProperty([key]);
  }
});

test("the flow's priorities are those that the console sorts by", () => {
  const { priorityOf } = newRules(undefined);
  for (const path of all) {
    const marks = path.trail.flatMap((id) =>
      stepOf(flow, id)
        .choices.filter(({ key }) => path.answers[id]?.includes(key))
        .flatMap(({ priority }) => priority ?? []),
    );
    const own = marks.length > 0 ? Math.min(...marks) : flow.priority;
    if (priorityOf(pairs(flow, path.answers)) !== own) throw new Error(`${JSON.stringify(path.answers)}: ${own}`);
  }
});

test("what is sent names questions and answers, skipped ones too, and never what was left behind", () => {
  let answers: Answers = {};
  for (const [id, keys] of [
    ["who", ["who.self"]],
    ["dng", ["common.no"]],
    ["scr", []],
    ["age", ["age.21"]],
    ["place", ["place.here"]],
    ["need", ["need.home", "need.debt"]],
    ["chan", ["chan.chat"]],
  ] as const)
    answers = give(answers, id, keys);
  expect(pairs(flow, answers)).toEqual([
    ["who", "who.self"],
    ["dng", "common.no"],
    ["scr", "common.skip"],
    ["age", "age.21"],
    ["place", "place.here"],
    ["need", "need.home"],
    ["need", "need.debt"],
  ]);
  const changed = give(answers, "who", ["who.ask"]);
  expect(walk(flow, changed).exit).toBe("chat");
  expect(pairs(flow, changed)).toEqual([["who", "who.ask"]]);
  expect(pairs(flow, give(give({}, "who", ["who.pro"]), "pro", []))).toEqual([
    ["who", "who.pro"],
    ["pro", "common.skip"],
  ]);
});

test("changing one answer asks it again, and keeps the others", () => {
  const done = all.find(
    (path) => chose(path, "who.self") && chose(path, "age.21") && path.exit === "chat" && path.trail.length === 7,
  )!;
  const open = forget(done.answers, "age");
  expect(walk(flow, open).step).toBe("age");
  expect(walk(flow, give(open, "age", ["age.21"])).exit).toBe("chat");
  // Another answer may bring a page that was not read yet.
  expect(walk(flow, give(open, "age", ["age.u15"])).step).toBe("minor");
});

test("back goes one step at a time to the first question, and no further", () => {
  for (const path of all.slice(0, 50)) {
    let answers: Answers | undefined = path.answers;
    for (const id of [...path.trail].reverse()) {
      answers = back(flow, answers!);
      expect(walk(flow, answers!).step).toBe(id);
    }
    expect(back(flow, answers!)).toBeUndefined();
  }
  expect(summary(flow, {})).toEqual([]);
});

test("an answer that the flow does not know is asked for again", () => {
  expect(walk(flow, { who: ["who.nobody"] }).step).toBe("who");
  expect(() =>
    walk({ first: "a", priority: 2, paths: {}, steps: { a: { kind: "one", choices: [{ key: "x" }] } } }, { a: ["x"] }),
  ).toThrow("without an exit");
});
