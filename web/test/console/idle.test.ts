import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchIdle } from "../../src/console/idle.ts";

/** Ten minutes, as a coordinator has who has chosen nothing. */
const after = 600_000;
let locked: number;
let soon: boolean[];
let end: () => void;
const page = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date", "performance"] });
  vi.stubGlobal("document", page);
  locked = 0;
  soon = [];
  end = watchIdle({ after: () => after, lock: () => locked++, soon: (is) => soon.push(is) });
});
afterEach(() => {
  end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a page that nobody touches says that it will lock, and locks", () => {
  vi.advanceTimersByTime(after - 61_000);
  expect([locked, soon]).toEqual([0, []]);
  vi.advanceTimersByTime(5_000);
  expect([locked, soon]).toEqual([0, [true]]);
  page.dispatchEvent(new Event("keydown"));
  expect(soon).toEqual([true, false]);
  vi.advanceTimersByTime(after - 5_000);
  expect(locked).toBe(0);
  vi.advanceTimersByTime(10_000);
  expect(locked).toBeGreaterThan(0);
});

test("after a sleep neither the clock nor the first touch keeps it open", () => {
  vi.setSystemTime(Date.now() + 200_000);
  page.dispatchEvent(new Event("pointermove"));
  expect(locked).toBe(1);
});

test("a clock that is set back does not keep it open", () => {
  vi.setSystemTime(Date.now() - 86_400_000);
  vi.advanceTimersByTime(after + 5_000);
  expect(locked).toBeGreaterThan(0);
});

test("a browser that freezes the page locks it first, and one that is done with it no more", () => {
  page.dispatchEvent(new Event("freeze"));
  expect(locked).toBe(1);
  end();
  page.dispatchEvent(new Event("freeze"));
  vi.advanceTimersByTime(2 * after);
  expect(locked).toBe(1);
});
