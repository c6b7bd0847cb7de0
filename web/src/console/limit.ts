import type { Case, Duty } from "../conversation/api.ts";

/** How many conversations one person should have at once: they are slow, and each wants the whole of somebody. */
export const mostAtOnce = 2;

/**
 * Whether a conversation may be claimed now. again: after a second press. hold: not now, since a colleague can take it. Danger is never
 * held, and neither is whoever has nobody else.
 */
export function claiming(one: Pick<Case, "priority">, mine: number, alias: string, duty: Duty | undefined, pressed: boolean): "go" | "again" | "hold" {
  if (mine < mostAtOnce) return "go";
  const colleague = duty?.on.some((other) => other.alias !== alias && other.state === "here" && other.place !== "lead") ?? false;
  if (one.priority !== 0 && colleague) return "hold";
  return pressed ? "go" : "again";
}

/** Who answers and cannot be reached: what everybody on duty should know. */
export function missing(duty: Duty | undefined): readonly string[] {
  if (duty?.plan !== "planned") return [];
  return duty.on.filter((one) => one.place === "first" && one.state !== "here").map(({ alias }) => alias);
}

/** Closing is near: no conversation should be begun any more. `now` in Unix seconds. */
export function closingSoon(duty: Duty | undefined, now: number): number | undefined {
  const { lastStart, closes } = duty ?? {};
  return lastStart !== undefined && closes !== undefined && now >= lastStart && now < closes ? closes : undefined;
}
