import { describe, expect, test } from "vitest";
import { cleanAlias, readFragment, writeFragment } from "../../src/console/fragment.ts";
import { defaults, readPrefs, writePrefs } from "../../src/console/prefs.ts";

describe("the fragment", () => {
  test("reads a demo link", () => {
    expect(readFragment("#enrol=ab_C-1&alias=%C3%85sa")).toEqual({ enrol: "ab_C-1", alias: "Åsa" });
  });

  test("reads a device, and writes what it read", () => {
    const found = readFragment("#device=00112233445566aa&enrol=t0ken");
    expect(found).toEqual({ device: "00112233445566aa", enrol: "t0ken" });
    expect(readFragment(writeFragment(found))).toEqual(found);
    const demo = { device: "00112233445566aa", pass: "mavo tiku reba sulo nafi" };
    expect(readFragment(writeFragment(demo))).toEqual(demo);
    expect(writeFragment({})).toBe("");
  });

  test.each([
    "",
    "#",
    "#device=00112233445566AA",
    "#device=../../x",
    "#device=0011",
    "#enrol=a%0Ab",
    `#enrol=${"a".repeat(129)}`,
    "#alias=%00",
    "#alias=+",
    "#pass=short",
    "#pass=Mavo+tiku+reba+sulo+nafi",
  ])("takes nothing from %j", (hash) => expect(readFragment(hash)).toEqual({}));
});

describe("an alias", () => {
  test("is trimmed, and at most 40 characters of any script", () => {
    expect(cleanAlias("  Åsa   Märta ")).toBe("Åsa Märta");
    expect(cleanAlias("😀".repeat(40))).toBe("😀".repeat(40));
    expect(cleanAlias("a".repeat(41))).toBeUndefined();
  });
  test.each(["", "   ", "a\u0000b", "a\u202Eb", "a\u200Bb"])("is not %j", (alias) =>
    expect(cleanAlias(alias)).toBeUndefined(),
  );
});

describe("the settings", () => {
  const kept = (text: string | null) => readPrefs(() => ({ getItem: () => text }));

  test("are silent and veil nothing until somebody chooses", () => {
    expect(kept(null)).toEqual(defaults);
    expect(defaults).toEqual({ lang: "", sound: false, count: false, singles: true, veil: false, idle: 10 });
  });

  test("survive a reload", () => {
    let stored = "";
    const chosen = { lang: "en", sound: true, count: true, singles: false, veil: true, idle: 15 };
    writePrefs(() => ({ getItem: () => null, setItem: (_, text) => (stored = text) }), chosen);
    expect(kept(stored)).toEqual(chosen);
  });

  test("of a later release are left as they are", () => {
    const later = '[99,{"lang":"en"}]';
    expect(kept(later)).toEqual(defaults);
    writePrefs(() => ({ getItem: () => later, setItem: () => expect.unreachable("written over") }), defaults);
  });

  test.each([
    "",
    "null",
    "[]",
    "{",
    '"x"',
    '{"sound":1,"lang":7,"veil":"true"}',
    '[1,{"idle":600}]',
    '[1,{"idle":"5"}]',
    "[1]",
    "[0,{}]",
  ])("fall back from %j", (text) => expect(kept(text)).toEqual(defaults));

  test("work in a browser that forbids storage", () => {
    const refuse = (): never => {
      throw new Error("denied");
    };
    expect(readPrefs(refuse)).toEqual(defaults);
    expect(() => writePrefs(refuse, defaults)).not.toThrow();
  });
});
