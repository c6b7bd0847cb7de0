import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allowed, conditions } from "../../src/i18n/claims.ts";
import type { Facts } from "../../src/i18n/claims.ts";

const sv = JSON.parse(readFileSync(new URL("../../../i18n/catalog/sv.json", import.meta.url), "utf8")) as Record<
  string,
  unknown
>;
const none: Facts = { claims: [], slots: {}, numbers: [] };

test("a promise stands only while its claim holds", () => {
  expect(allowed("info.lock", none)).toBe("info.lock.alt");
  expect(allowed("info.lock", { ...none, claims: ["e2ee_active"] })).toBe("info.lock");
  expect(allowed("info.lock", { ...none, claims: ["no_ip_stored"] })).toBe("info.lock.alt");
});

test("an alternative may need a value of its own", () => {
  expect(allowed("info.ip", none)).toBe("info.ip.alt.nodays");
  expect(allowed("info.ip", { ...none, slots: { days: "30" } })).toBe("info.ip.alt");
  expect(allowed("info.ip", { ...none, slots: { days: "30" }, claims: ["no_ip_stored"] })).toBe("info.ip");
});

test("what has no alternative is not said; what promises nothing always is", () => {
  expect(allowed("minor.bris", none)).toBeUndefined();
  expect(allowed("minor.bris", { ...none, numbers: ["children"] })).toBe("minor.bris");
  expect(allowed("info.name", none)).toBe("info.name");
  expect(allowed("constructor", none)).toBe("constructor");
});

test("every condition is about a sentence, and ends at one that needs nothing", () => {
  for (const [key, condition] of Object.entries(conditions)) {
    expect(sv, key).toHaveProperty([key]);
    expect(
      Object.keys(condition).filter((name) => name !== "alt"),
      key,
    ).toHaveLength(1);
    if (condition.alt !== undefined) expect(sv, key).toHaveProperty([condition.alt]);
    const standing = allowed(key, none);
    if (standing !== undefined) expect(conditions, key).not.toHaveProperty([standing]);
  }
});

test("every sentence that was tagged with a claim has a condition", () => {
  for (const key of ["start.p1", "info.ip", "info.lock", "info.soc", "lim.4", "lim.7", "lim.7b"])
    expect(conditions).toHaveProperty([key]);
});
