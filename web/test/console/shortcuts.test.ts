import { describe, expect, test } from "vitest";
import { type Press, actionFor, listed, sends } from "../../src/console/shortcuts.ts";
import { tongueOf } from "./support.ts";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  modified: false,
  typing: false,
  inList: false,
  ...more,
});

describe("shortcuts", () => {
  test("every listed key does what the list says, and has words in both languages", () => {
    for (const { action, keys } of listed) {
      for (const key of keys) {
        const name = { "↓": "ArrowDown", "↑": "ArrowUp", Esc: "Escape" }[key] ?? key;
        expect(actionFor(press(name, { inList: true }), true), key).toBe(action);
      }
      for (const tag of ["sv", "en"] as const) expect(tongueOf(tag).say(`desk.keys.${action}`)).not.toBe("");
    }
  });

  test("a single character does nothing while somebody types, nor once they are turned off", () => {
    for (const key of ["j", "k", "c", "w", "/", "e", "h", "p", "?"]) {
      expect(actionFor(press(key), true), key).toBeDefined();
      expect(actionFor(press(key, { typing: true }), true), key).toBeUndefined();
      expect(actionFor(press(key), false), key).toBeUndefined();
    }
  });

  test("every action can be reached without a single character, but for those that have a button in the tab order", () => {
    for (const key of ["F2", "F4", "F8", "Escape"])
      expect(actionFor(press(key, { typing: true }), false), key).toBeDefined();
    expect(actionFor(press("ArrowDown", { inList: true }), false)).toBe("next");
  });

  test("leaves the browser its own, and what is not a shortcut", () => {
    expect(actionFor(press("c", { modified: true }), true)).toBeUndefined();
    expect(actionFor(press("F4", { modified: true }), true)).toBeUndefined();
    expect(actionFor(press("ArrowDown"), true)).toBeUndefined();
    for (const key of ["x", "Enter", "Tab", "constructor", "__proto__"])
      expect(actionFor(press(key), true), key).toBeUndefined();
  });

  test("Caps Lock changes nothing", () => expect(actionFor(press("J"), true)).toBe("next"));
});

describe("Enter in the composer", () => {
  const enter = { key: "Enter", shift: false, ctrl: false, composing: false };
  test("sends with a keyboard, and makes a line with Shift", () => {
    expect(sends(enter, false)).toBe(true);
    expect(sends({ ...enter, shift: true }, false)).toBe(false);
  });
  test("makes a line on a touch screen, where Ctrl still sends", () => {
    expect(sends(enter, true)).toBe(false);
    expect(sends({ ...enter, ctrl: true }, true)).toBe(true);
  });
  test("never sends a word that is still being composed", () =>
    expect(sends({ ...enter, composing: true, ctrl: true }, false)).toBe(false));
});
