/**
 * Where an engine can be stopped. `at` is awaited between every two steps; what it throws ends the engine as a crash
 * would, with nothing tidied up. Pages leave it out.
 */
export interface Hooks {
  at?(step: string): Promise<void> | void;
}

/** Thrown by `at` to end an engine. */
export class Crash extends Error {}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How long an engine waits before it tells the relay what may wait. Milliseconds. */
export interface Rhythm {
  /** Least time between two receipts (spec §8). */
  readonly receipt: number;
  /** From the first unconfirmed entry to its receipt, so that several are confirmed by one. */
  readonly gather: number;
  /** Least time between two moves of the slot. */
  readonly advance: number;
  /** Before a request is repeated that found the store unavailable. */
  readonly again: number;
  /** Until an entry of which the relay has spoken must have come. */
  readonly missing: number;
  /** Between looks at the roster while a device waits to be let in. */
  readonly enrolment: number;
  /** The longest pause before a newer roster is asked for (spec §6.6). */
  readonly roster: number;
}

export const usualRhythm: Rhythm = {
  receipt: 1000,
  gather: 150,
  advance: 500,
  again: 1500,
  missing: 10_000,
  enrolment: 4000,
  roster: 2000,
};
