import { describe, expect, test } from "vitest";
import type { Case } from "../../src/conversation/api.ts";
import {
  type DeskLife,
  type LockedDesk,
  type Opened,
  type Standing,
  afterDown,
  clearable,
  isRunning,
  lockedDesk,
  newDeskSession,
  nextLogin,
  nextSearch,
  nextUpkeep,
  overheard,
  phaseOf,
  published,
  standingOf,
  stoppedBy,
  troubleOf,
} from "../../src/conversation/desk/life.ts";
import type { DeviceRecord } from "../../src/conversation/desk/device.ts";
import { memoryVault } from "../../src/conversation/vault/vault.ts";
import type { Roster } from "../../src/mls/roster.ts";
import type { Answer, Pushed } from "../../src/relay/link.ts";
import { unhex } from "../../src/wire/bytes.ts";
import { Close, Refusal } from "../../src/wire/codes.gen.ts";

/** What the desk decides, without a relay, a Redis or a browser. */

const enrolled: DeviceRecord = { id: "aa", alias: "Sara", languages: [], seed: "01", key: "0102", enrolled: true };
const vault = memoryVault();
const own: Opened = { device: enrolled, vault };
const fresh: Opened = { device: { ...enrolled, enrolled: false }, vault, request: "utvag enrolment 1" };
const locked: LockedDesk = {
  kind: "locked",
  device: enrolled,
  heard: { connected: true, waiting: false, rung: 0, stirred: false },
  conversations: new Set(["c1"]),
};
const ready = { kind: "ready", ref: 1 } as Answer;
const refused = (code: number) => ({ kind: "refused", ref: 1, code, detail: 0n }) as Answer;

test.each<[DeskLife, string, boolean, string | undefined]>([
  [{ kind: "new" }, "new", false, undefined],
  [{ kind: "idle", own }, "offline", false, undefined],
  [{ kind: "idle", own: fresh }, "enrolling", false, undefined],
  [{ kind: "starting", own, before: undefined }, "offline", true, undefined],
  [{ kind: "starting", own: fresh, before: undefined }, "enrolling", true, undefined],
  [{ kind: "starting", own, before: "elsewhere" }, "stopped", true, "elsewhere"],
  [{ kind: "seeking", own: fresh }, "enrolling", true, undefined],
  [{ kind: "seeking", own }, "offline", true, undefined],
  [{ kind: "offline", own }, "offline", true, undefined],
  [{ kind: "online", own }, "online", true, undefined],
  [{ kind: "stopped", own, trouble: "device" }, "stopped", false, "device"],
  [locked, "locked", false, undefined],
])("%o is shown as %s", (life, phase, running, trouble) => {
  expect([phaseOf(life), isRunning(life), troubleOf(life, newDeskSession)]).toEqual([phase, running, trouble]);
});

describe("the roster", () => {
  const roster = (devices: readonly object[]) => ({ devices }) as unknown as Roster;
  const listed = { id: "aa", key: unhex("0102")!, expires: 1000 };
  test.each<[string, Roster | undefined, number, Parameters<typeof standingOf>[3], Standing]>([
    ["holds the device", roster([listed]), 999, undefined, "in"],
    ["holds it, by what was loaded last", roster([listed]), 999, "unreachable", "in"],
    ["holds it no longer", roster([]), 999, undefined, "out"],
    ["holds its id with another key", roster([{ ...listed, key: unhex("0103")! }]), 999, undefined, "out"],
    ["has let its certificate end", roster([listed]), 1000, undefined, "out"],
    ["may be another by now", roster([]), 999, "unreachable", "unknown"],
    ["was forged", roster([]), 999, "roster_signature", "unknown"],
    ["has not come", undefined, 999, "unreachable", "unknown"],
  ])("%s", (_, roster, now, trouble, standing) => expect(standingOf(roster, enrolled, now, trouble)).toBe(standing));

  test.each<[string, Standing, boolean, object]>([
    ["goes to work once it is in", "in", true, { do: "work" }],
    ["stops where it was taken out", "out", true, { do: "stop" }],
    ["waits to be let in", "out", false, { do: "wait", ms: 25 }],
    ["is patient with a network", "unknown", false, { do: "wait", ms: 2000 }],
    ["does not stop for a network", "unknown", true, { do: "wait", ms: 2000 }],
  ])("a desk %s", (_, found, enrolled, step) => expect(nextSearch(found, enrolled, 25)).toEqual(step));
});

describe("a login", () => {
  test.each<[string, Answer, Standing | undefined, number, string]>([
    ["that is taken begins the work", ready, undefined, 0, "work"],
    ["that finds no store is tried again", refused(Refusal.unavailable), undefined, 0, "again"],
    ["that is refused is looked into", refused(Refusal.bad_login), undefined, 0, "look"],
    ["of a device that is in is tried again", refused(Refusal.bad_login), "in", 1, "again"],
    ["is tried again three times", refused(Refusal.bad_login), "in", 3, "again"],
    ["and then believed", refused(Refusal.bad_login), "in", 4, "stop"],
    ["of a device that is out stops it", refused(Refusal.bad_login), "out", 0, "stop"],
    ["of a device that nobody knows of stops it", refused(Refusal.bad_login), "unknown", 0, "stop"],
  ])("%s", (_, answer, standing, times, next) => expect(nextLogin(answer, standing, times)).toBe(next));
});

describe("upkeep", () => {
  const online: DeskLife = { kind: "online", own };
  const today = { age: 0, day: 20_000, looked: false };
  const done = { ...newDeskSession, publishedDay: 20_000 };
  test.each<[string, DeskLife, typeof done, typeof today, string]>([
    ["is nothing while all is new", online, done, today, "wait"],
    ["is key packages on a new day", online, done, { ...today, day: 20_001 }, "publish"],
    ["is key packages that were not taken", online, newDeskSession, today, "publish"],
    ["is no key package without a login", { kind: "offline", own }, newDeskSession, today, "wait"],
    ["is a look at an old roster", online, done, { ...today, age: 600_001 }, "look"],
    ["is a look without a login, too", { kind: "offline", own }, done, { ...today, age: 600_001 }, "look"],
    ["is one look, however old it stays", online, done, { ...today, age: 600_001, looked: true }, "wait"],
    ["is the look first", online, newDeskSession, { ...today, age: 600_001 }, "look"],
    [
      "is nothing for a desk that stopped",
      { kind: "stopped", own, trouble: "device" },
      newDeskSession,
      { ...today, age: 600_001 },
      "wait",
    ],
    ["is nothing for a locked desk", locked, newDeskSession, { ...today, age: 600_001 }, "wait"],
  ])("%s", (_, life, session, o, next) => expect(nextUpkeep(life, session, o)).toBe(next));

  test("is remembered by what the relay said", () => {
    expect(published(newDeskSession, ready, 20_000, [20_000, 20_006])).toMatchObject({
      publishedDay: 20_000,
      packagesUntil: 20_006 * 86_400,
    });
    expect(published(newDeskSession, refused(Refusal.bad_key_package), 20_000, [20_000]).notice).toBe("clock");
    expect(published(newDeskSession, undefined, 20_000, [20_000])).toEqual(newDeskSession);
    expect(published(newDeskSession, refused(Refusal.busy), 20_000, [20_000])).toEqual(newDeskSession);
  });
});

describe("a connection that goes", () => {
  test.each<[string, DeskLife, number | undefined, DeskLife]>([
    ["leaves the desk offline", { kind: "online", own }, undefined, { kind: "offline", own }],
    ["changes nothing before a login", { kind: "seeking", own }, undefined, { kind: "seeking", own }],
    [
      "for good because of the device stops it",
      { kind: "online", own },
      Close.revoked,
      { kind: "stopped", own, trouble: "device" },
    ],
    ["for good stops it", { kind: "online", own }, 4501, { kind: "stopped", own, trouble: "bug" }],
    ["leaves a locked desk deaf", locked, undefined, { ...locked, heard: { ...locked.heard, connected: false } }],
    [
      "for good leaves a locked desk locked",
      locked,
      Close.revoked,
      { ...locked, heard: { ...locked.heard, connected: false } },
    ],
    ["is nothing to a browser without a device", { kind: "new" }, Close.revoked, { kind: "new" }],
  ])("%s", (_, life, final, next) => expect(afterDown(life, final)).toEqual(next));

  test("only what has a device can be stopped", () => {
    expect(stoppedBy(locked, "bug")).toBe(locked);
    expect(stoppedBy({ kind: "offline", own }, "bug")).toEqual({ kind: "stopped", own, trouble: "bug" });
  });
});

describe("a locked desk", () => {
  const cases: readonly Pick<Case, "id" | "state">[] = [
    { id: "c1", state: "mine" },
    { id: "c2", state: "taken" },
  ];
  test("keeps which conversations were its own, and whether somebody waits", () => {
    const made = lockedDesk(enrolled, cases, false, true);
    expect([...made.conversations]).toEqual(["c1"]);
    expect(made.heard).toEqual({ connected: true, waiting: false, rung: 0, stirred: false });
    expect(JSON.stringify(made)).not.toContain("seed");
    expect(lockedDesk(enrolled, [...cases, { id: "c3", state: "waiting" }], false, true).heard.waiting).toBe(true);
    expect(lockedDesk(enrolled, cases, true, false).heard).toMatchObject({ waiting: true, connected: false });
  });

  test.each<[string, Pushed["kind"], string, object]>([
    ["rings for somebody new", "waiting", "c9", { waiting: true, rung: 1 }],
    ["does not ring for its own", "waiting", "c1", {}],
    ["stirs for its own", "entry", "c1", { stirred: true }],
    ["does not stir for another's", "entry", "c9", {}],
    ["hears no alarm", "alarm", "c1", {}],
    ["judges no roster", "roster", "", {}],
    ["knows no duty", "duty", "", {}],
  ])("%s", (_, kind, id, change) =>
    expect(overheard(locked, kind, id)).toEqual({ ...locked, heard: { ...locked.heard, ...change } }),
  );
});

test.each<[Case["state"], boolean]>([
  ["opening", false],
  ["waiting", false],
  ["claiming", false],
  ["mine", false],
  ["taken", true],
  ["ended", true],
  ["broken", true],
])("a case that is %s may be cleared: %s", (state, may) => expect(clearable(state)).toBe(may));
