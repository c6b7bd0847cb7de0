import { CodecError, type Reader, type Writer } from "./codec.ts";
import { Limit } from "./codes.gen.ts";

/** What somebody is on duty as. 0: not on the rota, 1 first, 2 second, 3 lead. */
export type DutyLevel = 0 | 1 | 2 | 3;

/** 0: can be reached by nothing, 1 here, 2 paused, 3 ended their shift before its time. */
export type DutyState = 0 | 1 | 2 | 3;

/** Times are Unix seconds; end is 0 where it has none. */
export interface DutyShift {
  readonly alias: string;
  readonly level: DutyLevel;
  readonly state: DutyState;
  readonly start: bigint;
  readonly end: bigint;
}

export interface DutySpan {
  readonly start: bigint;
  readonly end: bigint;
}

/** 1 a block, 2 a shift, 3 the rest of a day, 4 of a week, 5 alone in the evening. */
export type DutyRule = 1 | 2 | 3 | 4 | 5;

/** Who is on duty (spec §6.5). */
export interface DutyFrame {
  readonly kind: "duty";
  /** 0: the kommun keeps no rota, 1: as planned, 2: it cannot be read. */
  readonly plan: 0 | 1 | 2;
  readonly on: readonly DutyShift[];
  readonly next: readonly DutyShift[];
  readonly gaps: readonly DutySpan[];
  readonly warnings: readonly (DutySpan & { readonly rule: DutyRule })[];
  readonly closes: bigint;
  readonly lastStart: bigint;
}

export interface ShiftFields {
  readonly state: 0 | 1 | 2;
  readonly minutes: number;
}

export function putShift(w: Writer, f: ShiftFields): void {
  w.uint8(within(f.state, 0, 2)).uint16(minutes(f.state, f.minutes));
}

export function getShift(r: Reader): ShiftFields {
  const state = within(r.uint8(), 0, 2) as ShiftFields["state"];
  return { state, minutes: minutes(state, r.uint16()) };
}

function minutes(state: number, value: number): number {
  if ((state === 2) !== value > 0 || value > Limit.pause_minutes) throw new CodecError("value without a meaning");
  return value;
}

export function putDuty(w: Writer, f: DutyFrame): void {
  w.uint8(within(f.plan, 0, 2));
  for (const shifts of [f.on, f.next]) {
    w.vector(
      shifts,
      (v, t) =>
        v
          .text(t.alias, Limit.alias)
          .uint8(within(t.level, 0, 3))
          .uint8(within(t.state, 0, 3))
          .uint64(t.start)
          .uint64(t.end),
      Limit.duty,
    );
  }
  w.vector(f.gaps, (v, s) => v.uint64(s.start).uint64(s.end), Limit.duty);
  w.vector(
    f.warnings,
    (v, one) =>
      v
        .uint8(within(one.rule, 1, 5))
        .uint64(one.start)
        .uint64(one.end),
    Limit.duty,
  );
  w.uint64(f.closes).uint64(f.lastStart);
}

export function getDuty(r: Reader): Omit<DutyFrame, "kind"> {
  const shifts = () =>
    r.vector(
      (v) => ({
        alias: v.text(Limit.alias),
        level: within(v.uint8(), 0, 3) as DutyLevel,
        state: within(v.uint8(), 0, 3) as DutyState,
        start: v.uint64(),
        end: v.uint64(),
      }),
      Limit.duty,
    );
  return {
    plan: within(r.uint8(), 0, 2) as DutyFrame["plan"],
    on: shifts(),
    next: shifts(),
    gaps: r.vector((v) => ({ start: v.uint64(), end: v.uint64() }), Limit.duty),
    warnings: r.vector(
      (v) => ({ rule: within(v.uint8(), 1, 5) as DutyRule, start: v.uint64(), end: v.uint64() }),
      Limit.duty,
    ),
    closes: r.uint64(),
    lastStart: r.uint64(),
  };
}

function within(value: number, lowest: number, highest: number): number {
  if (value < lowest || value > highest) throw new CodecError("value without a meaning");
  return value;
}
