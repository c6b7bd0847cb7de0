import { expect, test } from "vitest";
import type { DeviceMember } from "../../src/conversation/mailbox/context.ts";
import { secondOf } from "../../src/conversation/desk/second.ts";
import type { Role, Roster } from "../../src/mls/roster.ts";

/** Whom a claim keeps while the visitor is away (spec §8.5). */

const now = 1_800_000_000;
const id = (n: number) => n.toString(16).padStart(16, "0");

interface One {
  readonly n: number;
  readonly alias: string;
  readonly role?: Role;
  readonly expires?: number;
}

function second(all: readonly One[], unlisted: readonly number[] = []): string | undefined {
  const devices = all.map(({ n, alias, role = "coordinator", expires = now + 60 }) => ({
    id: id(n),
    role,
    languages: ["sv"],
    expires,
    key: new Uint8Array(32).fill(n),
    alias,
  }));
  const roster: Roster = { kommun: "botkyrka", serial: 1n, issued: now, expires: now + 60, note: "", devices };
  const members = devices.map(
    (d, leaf): DeviceMember => ({
      leaf: leaf + 1,
      kind: "device",
      kommun: "botkyrka",
      device: d.id,
      alias: d.alias,
      role: d.role,
    }),
  );
  const listed = { ...roster, devices: devices.filter((d) => !unlisted.some((n) => d.id === id(n))) };
  return secondOf(members.reverse(), id(1), listed, now);
}

const sara: One = { n: 1, alias: "Sara" };

test("is the first by its id, whoever stands first in the group", () => {
  expect(second([sara, { n: 2, alias: "Ali" }, { n: 3, alias: "Bo" }])).toBe(id(2));
  expect(second([sara])).toBeUndefined();
});

test("is another person's before another device of the claimer's own", () => {
  expect(second([sara, { n: 2, alias: "Sara" }, { n: 3, alias: "Bo" }])).toBe(id(3));
  expect(second([sara, { n: 2, alias: "Sara" }])).toBe(id(2));
});

test("is a coordinator's or a lead's, and of nobody else", () => {
  for (const role of ["caseworker", "peer", "interpreter"] as const)
    expect(second([sara, { n: 2, alias: "Ali", role }])).toBeUndefined();
  expect(second([sara, { n: 2, alias: "Ali", role: "peer" }, { n: 3, alias: "Bo", role: "lead" }])).toBe(id(3));
});

test("is valid by the newest roster", () => {
  expect(second([sara, { n: 2, alias: "Ali", expires: now }, { n: 3, alias: "Bo" }])).toBe(id(3));
  expect(second([sara, { n: 2, alias: "Ali" }], [2])).toBeUndefined();
});
