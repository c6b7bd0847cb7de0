import type { Reader, Writer } from "../wire/codec.ts";
import { deviceOf, type Change, type Claimer, type Course, type Leaf } from "./policy.ts";

/**
 * What a group has to remember beside the MLS state, so that `policy.ts` can judge who answers and whose turn a counter
 * is.
 */

/**
 * Who enters with the opening hears everybody from the beginning; who enters later knows neither claimer nor counters.
 */
export function courseOnJoining(own: number, epoch: bigint, leaves: readonly Leaf[]): Course {
  if (epoch !== 1n) return { claimer: "unknown", counters: new Map([[own, 0n]]) };
  return { claimer: undefined, counters: new Map(leaves.map((l) => [l.leaf, 0n])) };
}

/** What is known once this leaf has been heard with this counter. */
export function heard(course: Course, claimer: Claimer, sender: number, counter: bigint): Course {
  return { claimer, counters: new Map(course.counters).set(sender, counter) };
}

/** A new leaf begins with counter 0, also where another stood before. */
export function turned(
  course: Course,
  changes: readonly Change[],
  before: readonly Leaf[],
  after: readonly Leaf[],
): Course {
  const counters = new Map(course.counters);
  const gone = removedBy(changes);
  for (const leaf of gone) counters.delete(leaf);
  for (const { leaf } of after) if (gone.has(leaf) || !before.some((was) => was.leaf === leaf)) counters.set(leaf, 0n);
  return { ...course, counters };
}

/** A course that was made before something was heard, and the counters heard since of those who stayed. */
export function caughtUp(course: Course, since: Course, stayed: readonly Leaf[]): Course {
  const counters = new Map(course.counters);
  for (const { leaf } of stayed) {
    const counter = since.counters.get(leaf);
    if (counter !== undefined) counters.set(leaf, counter);
  }
  return { ...course, counters };
}

/** Written into the stored group. */
export function putCourse(w: Writer, { claimer, counters }: Course): Writer {
  w.uint32(claimer === undefined ? nobody : claimer === "unknown" ? unknown : claimer);
  return w.vector([...counters], (v, [leaf, counter]) => v.uint32(leaf).uint64(counter));
}

/** Throws CodecError. */
export function readCourse(r: Reader): Course {
  const claimer = r.uint32();
  const counters = new Map(r.vector((v): [number, bigint] => [v.uint32(), v.uint64()]));
  return { claimer: claimer === nobody ? undefined : claimer === unknown ? "unknown" : claimer, counters };
}

/** Leaf numbers that no tree has. */
const nobody = 0xffffffff;
const unknown = 0xfffffffe;

/** Every device among the leaves, in their order. */
export function devicesOf(leaves: readonly Leaf[]): string[] {
  return leaves.filter((l) => l.leaf !== 0).map(deviceOf);
}

/** The leaves that the changes take out. */
export function removedBy(changes: readonly Change[]): Set<number> {
  return new Set(changes.flatMap((change) => (change.kind === "remove" ? [change.leaf] : [])));
}

/** The devices that judged proposals open and close. */
export function doneBy(changes: readonly Change[], before: readonly Leaf[]): { opens: string[]; closes: string[] } {
  const gone = removedBy(changes);
  return {
    opens: changes.flatMap((change) => (change.kind === "add" ? [deviceOf(change.leaf)] : [])),
    closes: devicesOf(before.filter((l) => gone.has(l.leaf))),
  };
}
