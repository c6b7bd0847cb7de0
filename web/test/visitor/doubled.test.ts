import { expect, test } from "vitest";
import { newTapFilter } from "../../src/visitor/doubled.ts";
import type { Tap } from "../../src/visitor/doubled.ts";

const button = (): { isConnected: boolean } => ({ isConnected: true });

/** Whether a second tap is ignored, when the first one took its button away. */
function second(change: Partial<Tap>, stays = false): boolean {
  const doubled = newTapFilter();
  const pressed = button();
  const tap: Tap = { time: 0, x: 100, y: 300, touch: true, count: 1, target: pressed };
  expect(doubled(tap)).toBe(false);
  pressed.isConnected = stays;
  return doubled({ ...tap, time: 120, target: button(), ...change });
}

test("a second tap does not answer the question that came after the first", () => {
  expect(second({})).toBe(true);
  expect(second({ x: 110, y: 290 })).toBe(true);
  expect(second({ touch: false, count: 2 })).toBe(true);
});

test("what was meant is done", () => {
  expect(second({}, true), "the same button").toBe(false);
  expect(second({ time: 600 }), "later").toBe(false);
  expect(second({ y: 380 }), "elsewhere").toBe(false);
  expect(second({ touch: false, count: 1 }), "two clicks of a mouse").toBe(false);
  expect(second({ count: 0 }), "a keyboard").toBe(false);
});

test("a third tap is no better than a second", () => {
  const doubled = newTapFilter();
  const tap: Tap = { time: 0, x: 1, y: 1, touch: true, count: 1, target: { isConnected: false } };
  expect(
    [0, 200, 400, 600].map((time) => doubled({ ...tap, time, target: time === 0 ? tap.target : button() })),
  ).toEqual([false, true, true, true]);
});
