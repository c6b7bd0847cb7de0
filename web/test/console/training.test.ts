import { readFileSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Case } from "../../src/conversation/api.ts";
import { book } from "../../src/console/phrases.ts";
import type { Scenario } from "../../src/console/training/scenario.ts";
import { scenarios } from "../../src/console/training/scenarios.ts";
import { type Drill, newDrill } from "../../src/console/training/simulated.ts";
import { isCalled } from "../../src/console/words.ts";
import { caseOf, config, tongueOf } from "./support.ts";

const of = (id: string): Scenario => scenarios.find((one) => one.id === id)!;

async function begin(id: string): Promise<{ drill: Drill; one: () => Case; said: () => string[] }> {
  const drill = newDrill({ config, scenarios: [of(id)], alias: "Kim", lang: "sv", foreign: "ar" });
  await drill.start();
  await vi.advanceTimersByTimeAsync(2500);
  const [first] = drill.view.cases;
  const one = () => drill.view.cases.find((found) => found.id === first!.id)!;
  expect(one().state).toBe("waiting");
  await drill.claim(one().id);
  await vi.advanceTimersByTimeAsync(1000);
  expect(one().state).toBe("mine");
  return {
    drill,
    one,
    said: () =>
      one()
        .lines.filter(({ from }) => from === "visitor")
        .map((line) => line.text ?? line.phrase!.key),
  };
}

describe("a training", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("opens no socket, asks no server, and stores nothing", async () => {
    for (const name of ["fetch", "WebSocket", "indexedDB", "localStorage", "sessionStorage"]) {
      vi.stubGlobal(
        name,
        new Proxy(() => {}, {
          get: () => expect.unreachable(name),
          apply: () => expect.unreachable(name),
          construct: () => expect.unreachable(name),
        }),
      );
    }
    const { drill, one } = await begin("danger");
    drill.send(one().id, "Ring 112.");
    await vi.advanceTimersByTimeAsync(120_000);
    await drill.end(one().id);
    drill.stop();
    vi.unstubAllGlobals();
  });

  test("answers what is done: 112 said, then the way to other people", async () => {
    const { drill, one, said } = await begin("danger");
    expect(one().priority).toBe(0);
    drill.sendPhrase(one().id, "pb.danger", {});
    await vi.advanceTimersByTimeAsync(6000);
    expect(said().at(-1)).toBe("vågar inte prata. dom hör");
    drill.send(one().id, "Kan du ta dig till andra människor?");
    await vi.advanceTimersByTimeAsync(12_000);
    expect(said()).toContain("q.gone");
    expect(one().visitor).toBe("away");
    await vi.advanceTimersByTimeAsync(40_000);
    expect(one().visitor).toBe("here");
    expect(said().at(-1)).toMatch(/hon ringer 112/);
    expect(drill.review(one().id).map(({ done }) => done)).toEqual([true, true, true, true]);
    drill.stop();
  });

  test("says what was missed, and what was said that must not be", async () => {
    const { drill, one } = await begin("probing");
    drill.send(one().id, "Din bror har skrivit till oss, ja.");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(drill.review(one().id).map(({ done }) => done)).toEqual([false, false, true]);
    drill.stop();
  });

  test("lets one go quickly, and nothing can be written to them afterwards", async () => {
    const { drill, one } = await begin("leaves");
    drill.sendPhrase(one().id, "pb.seen", {});
    await vi.advanceTimersByTimeAsync(20_000);
    expect(one()).toMatchObject({ state: "ended", end: { by: "visitor", left: true } });
    const before = one().lines.length;
    drill.send(one().id, "hallå");
    expect(one().lines).toHaveLength(before);
    drill.stop();
  });

  test("waits, and says so, when nobody writes", async () => {
    const { drill, said } = await begin("danger");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said()).toContain("dom bankar");
    drill.stop();
  });

  test("has someone who reads another language and understands ready replies alone", async () => {
    const { drill, one, said } = await begin("foreign");
    expect(one().intake?.lang).toBe("ar");
    drill.send(one().id, "Hej, hur är det?");
    await vi.advanceTimersByTimeAsync(8000);
    expect(said().at(-1)).toBe("q.explain");
    drill.stop();
  });

  test("is over when it is stopped: nobody comes, nothing is left", async () => {
    const { drill } = await begin("mother");
    drill.stop();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(drill.view.cases).toEqual([]);
  });
});

test("the invented visitors use sentences that exist, in both languages, and name nobody", () => {
  const replies = book.flatMap(({ keys }) => keys);
  for (const { id, turns, otherwise, goals, text, foreign } of scenarios) {
    expect(text !== undefined || foreign, id).toBe(true);
    for (const sign of [...turns.map(({ on }) => on), ...goals.map(({ by }) => by)])
      if (!("kind" in sign)) for (const key of sign.phrases ?? []) expect(replies, `${id} ${key}`).toContain(key);
    const sayings = [...turns.flatMap(({ says = [], away }) => [...says, ...(away?.then ?? [])]), ...otherwise];
    for (const saying of sayings) {
      if ("quick" in saying)
        for (const tag of ["sv", "en"] as const) expect(tongueOf(tag).has(saying.quick), saying.quick).toBe(true);
      else
        expect(
          [saying.sv, saying.en].every((one) => one.trim() !== ""),
          id,
        ).toBe(true);
    }
  }
});

test("a training gives way to everybody real, and to nobody else", () => {
  for (const state of ["waiting", "claiming", "mine"] as const)
    expect(isCalled({ cases: [caseOf("a", { state })] }), state).toBe(true);
  for (const state of ["opening", "taken", "ended", "broken"] as const)
    expect(isCalled({ cases: [caseOf("a", { state })] }), state).toBe(false);
  expect(isCalled({ cases: [], locked: { connected: true, waiting: true, rung: 1 } as never })).toBe(true);
});

test("a training's source reaches no network, no keys and no store", () => {
  const folder = new URL("../../src/console/training/", import.meta.url);
  for (const name of readdirSync(folder)) {
    const source = readFileSync(new URL(name, folder), "utf8");
    expect(source, name).not.toMatch(
      /fetch\(|WebSocket|Storage|indexedDB|\/(relay|mls|wire)\/|conversation\/(?!(api|viewstore|desk\/case)\.ts)/,
    );
  }
});
