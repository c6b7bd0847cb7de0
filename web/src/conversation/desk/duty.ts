import type { DutyFrame, DutyShift } from "../../wire/duty.ts";
import type { Duty, OnDuty } from "../api.ts";

const levels = [undefined, "first", "second", "lead"] as const;
const states = ["missing", "here", "paused", "ended"] as const;
const rules = ["block", "shift", "daily", "weekly", "alone"] as const;

/** What a console shows of who is on duty. */
export function dutyOf(f: DutyFrame): Duty {
  return {
    plan: (["none", "planned", "unread"] as const)[f.plan],
    on: f.on.map(onDuty),
    next: f.next.map(onDuty),
    gaps: f.gaps.map((s) => ({ start: Number(s.start), end: Number(s.end) })),
    warnings: f.warnings.map((w) => ({ rule: rules[w.rule - 1]!, start: Number(w.start), end: Number(w.end) })),
    ...(f.closes > 0n && { closes: Number(f.closes) }),
    ...(f.lastStart > 0n && { lastStart: Number(f.lastStart) }),
  };
}

function onDuty(t: DutyShift): OnDuty {
  const level = levels[t.level];
  return {
    alias: t.alias,
    state: states[t.state],
    ...(level && { level }),
    ...(t.end > 0n && { start: Number(t.start), end: Number(t.end) }),
  };
}
