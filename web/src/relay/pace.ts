/** How long a link waits for what. Every value in milliseconds. */
export interface Pace {
  /** Longest wait before the first new try. */
  readonly first: number;
  /** Longest wait between tries. */
  readonly longest: number;
  /** Until the relay has said hello. */
  readonly hello: number;
  /** Until a request is answered; beyond it the connection counts as dead. */
  readonly answer: number;
  /** Without a frame sent, until a ping (spec §9). */
  readonly silence: number;
  /** Until the answer to a ping that was sent because the network changed. */
  readonly probe: number;
  /** Over how long clients spread when the relay drains. */
  readonly drain: number;
  /** Over how long they spread when it is overloaded. */
  readonly overloaded: number;
}

export const usualPace: Pace = {
  first: 300,
  longest: 15_000,
  hello: 10_000,
  answer: 15_000,
  silence: 20_000,
  probe: 5_000,
  drain: 5_000,
  overloaded: 30_000,
};

/**
 * lost: the network. broken: the relay said what it must not. drain, overloaded, final: its close codes (spec §3.3).
 */
export type Why = "lost" | "broken" | "drain" | "overloaded" | "final";

/**
 * Milliseconds to wait before try `attempt` (0 the first); `chance` in [0, 1) spreads clients that lost the relay
 * together.
 */
export function delayAfter(why: Why, attempt: number, pace: Pace, chance: number): number {
  const spread = why === "drain" ? pace.drain : why === "overloaded" ? pace.overloaded : 0;
  if (spread > 0) return spread * (0.1 + 0.9 * chance);
  if (attempt === 0 && why === "lost") return pace.first * chance;
  const ceiling = Math.min(pace.longest, pace.first * 2 ** Math.min(attempt, 16));
  return ceiling * (0.5 + 0.5 * chance);
}
