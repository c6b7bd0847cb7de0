import type { Case, Delivery, DeskView, Line } from "../conversation/api.ts";
import { codeNote } from "../i18n/phrasebook.ts";

/** Looks a text up in the language that the coordinator reads; a missing key is the caller's fault. */
export type Say = (key: string, slots?: Readonly<Record<string, string | number>>) => string;

/**
 * How long somebody has waited, in words; both times in Unix seconds. A clock that runs behind gives «just now», never
 * a negative time.
 */
export function waited(say: Say, since: number, now: number): string {
  const min = Math.max(0, Math.floor((now - since) / 60));
  return min < 1 ? say("desk.wait.now") : say("desk.wait.for", { time: span(say, min) });
}

// Beyond six hours the minutes, and beyond two days the hours, tell nothing that anyone acts on.
function span(say: Say, min: number): string {
  if (min < 60) return say("desk.wait.minutes", { min });
  const hours = Math.floor(min / 60);
  if (hours >= 48) return say("desk.wait.days", { days: Math.floor(hours / 24) });
  const whole = say("desk.wait.hours", { hours });
  const rest = min % 60;
  return rest === 0 || hours >= 6
    ? whole
    : say("desk.wait.and", { hours: whole, minutes: say("desk.wait.minutes", { min: rest }) });
}

/** Whole days from `now` until `expires`, both in Unix seconds; 0 means today or past. */
export function daysLeft(expires: number, now: number): number {
  return Math.max(0, Math.floor((expires - now) / 86_400));
}

/** The step of 5, 3 and 1 days that a remaining time has reached; undefined while there is no need to say anything. */
export function warning(days: number): 5 | 3 | 1 | undefined {
  return days <= 1 ? 1 : days <= 3 ? 3 : days <= 5 ? 5 : undefined;
}

export const deliveryKey: Readonly<Record<Delivery, string>> = {
  waiting: "desk.delivery.waiting",
  sent: "desk.delivery.sent",
  received: "desk.delivery.received",
  failed: "desk.delivery.failed",
};

/** The list in three parts, each in the order that the desk gave. */
export interface Groups {
  readonly mine: readonly Case[];
  readonly waiting: readonly Case[];
  readonly done: readonly Case[];
}

export function groups(cases: readonly Case[]): Groups {
  const mine: Case[] = [];
  const waiting: Case[] = [];
  const done: Case[] = [];
  for (const one of cases) {
    if (one.state === "mine" || one.state === "claiming") mine.push(one);
    else if (one.state === "waiting" || one.state === "opening") waiting.push(one);
    else done.push(one);
  }
  return { mine, waiting, done };
}

/** The cases as they stand on the screen, top to bottom: what the arrow keys walk through. */
export function order(cases: readonly Case[]): readonly Case[] {
  const { mine, waiting, done } = groups(cases);
  return [...mine, ...waiting, ...done];
}

/** The case that follows `id` by `step` in screen order; the ends do not wrap, so that a held key stops. */
export function neighbour(cases: readonly Case[], id: string | undefined, step: 1 | -1): string | undefined {
  const all = order(cases);
  const at = all.findIndex((one) => one.id === id);
  if (at < 0) return all[step === 1 ? 0 : all.length - 1]?.id;
  return all[Math.min(all.length - 1, Math.max(0, at + step))]?.id;
}

/** What is worth saying aloud when one list of cases follows another. */
export interface News {
  /** Cases that have come to wait. */
  readonly waiting: readonly Case[];
  /** Own cases in which the visitor wrote. */
  readonly written: readonly Case[];
  /** Cases that we tried to claim and a colleague has. */
  readonly lost: readonly Case[];
  /** Own cases that the visitor, or the relay, ended. */
  readonly ended: readonly Case[];
  /** Own lines that have just failed. */
  readonly failed: number;
}

export function news(before: readonly Case[], after: readonly Case[]): News {
  const old = new Map(before.map((one) => [one.id, one]));
  const failures = (one: Case | undefined) => one?.lines.filter((line) => line.delivery === "failed").length ?? 0;
  let failed = 0;
  for (const one of after) failed += Math.max(0, failures(one) - failures(old.get(one.id)));
  return {
    waiting: after.filter((one) => one.state === "waiting" && !isWaiting(old.get(one.id))),
    written: after.filter(
      (one) => one.state === "mine" && old.get(one.id)?.state === "mine" && one.unread > (old.get(one.id)?.unread ?? 0),
    ),
    lost: after.filter((one) => one.state === "taken" && old.get(one.id)?.state === "claiming"),
    ended: after.filter((one) => one.state === "ended" && old.get(one.id)?.state === "mine" && one.end?.by !== "staff"),
    failed,
  };
}

// A claim that the relay refuses puts a case back to waiting: nothing new, nobody needs to hear it.
function isWaiting(one: Case | undefined): boolean {
  return one?.state === "waiting" || one?.state === "claiming";
}

/** Whether the visitor wrote last, so that an answer is due. */
export function answerDue(lines: readonly Line[]): boolean {
  const written = lines.filter((line) => line.from !== "system" && !isCodeNote(line));
  return written[written.length - 1]?.from !== "staff";
}

/** Whether a line is the note that the visitor's page sends by itself. */
export function isCodeNote({ from, phrase }: Pick<Line, "from" | "phrase">): boolean {
  return from === "visitor" && phrase?.key === codeNote;
}

/** Whether the visitor's page has said that they have a code to come back with. */
export function hasCode(lines: readonly Line[]): boolean {
  return lines.some(isCodeNote);
}

/** A day in the reader's language, from Unix seconds. */
export function dateOf({ tag }: { readonly tag: string }, seconds: number): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: "long" }).format(new Date(seconds * 1000));
}

/** Whether somebody real needs this desk now, so that nobody may be in a training. */
export function isCalled({ cases, locked }: Pick<DeskView, "cases" | "locked">): boolean {
  return (
    locked?.waiting === true ||
    cases.some(({ state }) => state === "waiting" || state === "claiming" || state === "mine")
  );
}
