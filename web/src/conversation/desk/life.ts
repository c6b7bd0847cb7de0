import type { Roster, RosterDevice } from "../../mls/roster.ts";
import type { Answer, Pushed } from "../../relay/link.ts";
import { equal } from "../../wire/bytes.ts";
import { Close, Refusal } from "../../wire/codes.gen.ts";
import type { Case, DeskView, Duty, Locked, Trouble } from "../api.ts";
import type { DeviceRecord } from "./device.ts";
import { bytesOf } from "../mailbox/state.ts";
import type { Vault } from "../vault/vault.ts";

/** What the console's engine decides: from its life, its session and the time to the next deed. Nothing here acts. */

/** A device whose vault is open. */
export interface Opened {
  readonly device: DeviceRecord;
  readonly vault: Vault;
  /** The enrolment request, of one that no roster has held yet. */
  readonly request?: string | undefined;
}

/**
 * What a desk is about. new: this browser has no device. idle: it has one, and nothing has been started. starting: it
 * takes the device, which only one tab may run. seeking: it looks for itself in the roster. offline, online: at work,
 * without and with a login. stopped: for a reason that only a person can mend. locked: no key is in memory; the
 * conversations are those that were its own. Whoever reads it handles every kind: a `switch` whose default is
 * `satisfies never`.
 */
export type DeskLife =
  | { readonly kind: "new" }
  | { readonly kind: "idle"; readonly own: Opened }
  | { readonly kind: "starting"; readonly own: Opened; readonly before: Trouble | undefined }
  | { readonly kind: "seeking"; readonly own: Opened }
  | { readonly kind: "offline"; readonly own: Opened }
  | { readonly kind: "online"; readonly own: Opened }
  | { readonly kind: "stopped"; readonly own: Opened; readonly trouble: Trouble }
  | {
      readonly kind: "locked";
      readonly device: Pick<DeviceRecord, "id" | "alias" | "key">;
      readonly heard: Locked;
      readonly conversations: ReadonlySet<string>;
    };

export type LockedDesk = Extract<DeskLife, { readonly kind: "locked" }>;

/** What the desk remembers of this page beside its device and its cases. */
export interface DeskSession {
  /** Logins that were refused one after the other. */
  readonly refusedLogins: number;
  /** The day, since the epoch, whose key packages the relay has taken. */
  readonly publishedDay: number;
  readonly packagesUntil?: number | undefined;
  readonly duty?: Duty | undefined;
  /** What is wrong and does not stop it. */
  readonly notice?: Trouble | undefined;
}

export const newDeskSession: DeskSession = { refusedLogins: 0, publishedDay: 0 };

/** The device with its open vault; undefined where there is none, or it is locked. */
export function openedIn(life: DeskLife): Opened | undefined {
  return life.kind === "new" || life.kind === "locked" ? undefined : life.own;
}

/** Whether it was started, and has not stopped since. */
export function isRunning(life: DeskLife): boolean {
  switch (life.kind) {
    case "starting":
    case "seeking":
    case "offline":
    case "online":
      return true;
    case "new":
    case "idle":
    case "stopped":
    case "locked":
      return false;
    default:
      return life satisfies never;
  }
}

export function phaseOf(life: DeskLife): DeskView["phase"] {
  switch (life.kind) {
    case "new":
    case "offline":
    case "online":
    case "stopped":
    case "locked":
      return life.kind;
    case "idle":
    case "seeking":
      return life.own.device.enrolled ? "offline" : "enrolling";
    case "starting":
      // What stopped it stands until the device is this tab's.
      if (life.before) return "stopped";
      return life.own.device.enrolled ? "offline" : "enrolling";
    default:
      return life satisfies never;
  }
}

export function troubleOf(life: DeskLife, session: DeskSession): Trouble | undefined {
  if (life.kind === "stopped") return life.trouble;
  return (life.kind === "starting" ? life.before : undefined) ?? session.notice;
}

/** Stops it for a reason that only a person can mend. What was under way when it was locked is looked at when it is not. */
export function stoppedBy(life: DeskLife, trouble: Trouble): DeskLife {
  const own = openedIn(life);
  return own ? { kind: "stopped", own, trouble } : life;
}

/** The connection is gone; `final`: for good, by this close code. */
export function afterDown(life: DeskLife, final: number | undefined): DeskLife {
  // To log in again takes the device's key.
  if (life.kind === "locked") return { ...life, heard: { ...life.heard, connected: false } };
  if (final !== undefined) return stoppedBy(life, final === Close.revoked ? "device" : "bug");
  return life.kind === "online" ? { kind: "offline", own: life.own } : life;
}

export function listedIn(
  roster: Roster | undefined,
  device: Pick<DeviceRecord, "id" | "key">,
): RosterDevice | undefined {
  return roster?.devices.find((d) => d.id === device.id && equal(d.key, bytesOf(device.key)));
}

export type Standing = "in" | "out" | "unknown";

/**
 * Whether the newest roster holds the device. `trouble`: what was wrong with the load; only a roster that is the newest
 * for certain says that a device is out. `now` in Unix seconds.
 */
export function standingOf(
  roster: Roster | undefined,
  device: DeviceRecord,
  now: number,
  trouble: Trouble | undefined,
): Standing {
  if (!roster) return "unknown";
  const listed = listedIn(roster, device);
  if (listed && listed.expires > now) return "in";
  return trouble === undefined ? "out" : "unknown";
}

export type SearchStep = { readonly do: "work" | "stop" } | { readonly do: "wait"; readonly ms: number };

/** What a desk that was started does by what it found. `pause`: between looks, in milliseconds. */
export function nextSearch(found: Standing, enrolled: boolean, pause: number): SearchStep {
  if (found === "in") return { do: "work" };
  if (found === "out" && enrolled) return { do: "stop" };
  return { do: "wait", ms: found === "out" ? pause : Math.max(pause, 2000) };
}

/**
 * What follows from the answer to a login. `standing`: what the roster said since; undefined where nobody has looked.
 * The relay may read a new roster a moment after it has shown it: only what is refused again is believed.
 */
export function nextLogin(
  answer: Answer,
  standing: Standing | undefined,
  refusedLogins: number,
): "work" | "look" | "stop" | "again" {
  if (answer.kind !== "refused") return "work";
  if (answer.code !== Refusal.bad_login) return "again";
  if (standing === undefined) return "look";
  return standing !== "in" || refusedLogins > 3 ? "stop" : "again";
}

/** A roster is looked at again this often, so that its expiry and a colleague's going show. Milliseconds. */
const maxRosterAge = 600_000;

/** What is due: another look at the roster, or key packages of a new day. `looked`: it was looked at just now. */
export function nextUpkeep(
  life: DeskLife,
  session: DeskSession,
  o: { readonly age: number; readonly day: number; readonly looked: boolean },
): "look" | "publish" | "wait" {
  if (!isRunning(life)) return "wait";
  if (o.age > maxRosterAge && !o.looked) return "look";
  return life.kind === "online" && session.publishedDay !== o.day ? "publish" : "wait";
}

/** The session after the relay's answer to key packages of these days. */
export function published(
  session: DeskSession,
  answer: Answer | undefined,
  day: number,
  days: readonly number[],
): DeskSession {
  if (answer?.kind === "ready") return { ...session, publishedDay: day, packagesUntil: Math.max(...days) * 86_400 };
  if (answer?.kind === "refused" && answer.code === Refusal.bad_key_package) return { ...session, notice: "clock" };
  return session;
}

/** A desk that is locked now. `waits`: somebody waits who is not among the cases yet. */
export function lockedDesk(
  { id, alias, key }: DeviceRecord,
  cases: readonly Pick<Case, "id" | "state">[],
  waits: boolean,
  connected: boolean,
): LockedDesk {
  const waiting = waits || cases.some(({ state }) => state === "waiting");
  return {
    kind: "locked",
    device: { id, alias, key },
    heard: { connected, waiting, rung: 0, stirred: false },
    conversations: new Set(cases.filter(({ state }) => state === "mine").map(({ id }) => id)),
  };
}

/**
 * What a locked desk hears of goes no further than that something has come. It judges no roster: the relay cuts it
 * where it is out, and it looks when it is opened. `id`: of the mailbox that it is about.
 */
export function overheard(life: LockedDesk, kind: Pushed["kind"], id: string): LockedDesk {
  const { heard } = life;
  const own = life.conversations.has(id);
  if (kind === "waiting" && !own) return { ...life, heard: { ...heard, waiting: true, rung: heard.rung + 1 } };
  if (kind === "entry" && own) return { ...life, heard: { ...heard, stirred: true } };
  return life;
}

/** Whether a case may be taken off the list: only what is over here. */
export function clearable(state: Case["state"]): boolean {
  return state === "ended" || state === "taken" || state === "broken";
}
