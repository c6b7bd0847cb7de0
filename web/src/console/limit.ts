import type { DutyRules, PageConfig } from "../config.ts";
import type { Case, Duty } from "../conversation/api.ts";

/** What the kommun asks of whoever is on duty. */
export function rulesOf({ duty }: PageConfig): DutyRules {
  if (!duty) throw new Error("the page has no rules of duty: it is no console's");
  return duty;
}

/** How long whoever has enough leaves somebody to a colleague, in seconds. */
export const leftTo = 180;

export interface Claiming {
  readonly one: Pick<Case, "priority" | "since" | "unheeded">;
  readonly rules: DutyRules;
  /** How many conversations this person has. */
  readonly mine: number;
  readonly alias: string;
  readonly duty: Duty | undefined;
  /** Unix seconds. */
  readonly now: number;
  /** It was asked before, about this conversation. */
  readonly pressed: boolean;
}

/** Whether one person has as many conversations as they should: each is slow, and wants the whole of somebody. */
export function full({ rules, mine }: Pick<Claiming, "rules" | "mine">): boolean {
  return mine >= rules.atOnce;
}

/**
 * Whether a conversation may be claimed now. again: after a second press. hold: not yet, since a colleague can take it.
 * Danger is never held, and neither is whoever has nobody else: a colleague who is here may have enough to do, too, or
 * not look.
 */
export function claiming(c: Claiming): "go" | "again" | "hold" {
  if (!full(c)) return "go";
  const colleague =
    c.duty?.on.some((other) => other.alias !== c.alias && other.state === "here" && other.level !== "lead") ?? false;
  const left = !c.one.unheeded && c.now - c.one.since < leftTo;
  if (c.one.priority !== 0 && colleague && left) return "hold";
  return c.pressed ? "go" : "again";
}

/** Who answers and cannot be reached: what everybody on duty should know. */
export function missing(duty: Duty | undefined): readonly string[] {
  if (duty?.plan !== "planned") return [];
  return duty.on.filter((one) => one.level === "first" && one.state !== "here").map(({ alias }) => alias);
}

/** Closing is near: no conversation should be begun any more. `now` in Unix seconds. */
export function closingSoon(duty: Duty | undefined, now: number): number | undefined {
  const { lastStart, closes } = duty ?? {};
  return lastStart !== undefined && closes !== undefined && now >= lastStart && now < closes ? closes : undefined;
}
