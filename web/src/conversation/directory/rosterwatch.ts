import { pause } from "../mailbox/steps.ts";

/** Looks before a relay that only speaks of newer rosters is left alone. */
const maxLooks = 6;

/**
 * How long to wait before the next look at the directory, in milliseconds; undefined: there is nothing to look for, or
 * it was looked for often enough. `looks`: how many there were. `longest`: the longest wait before the first, which
 * `chance` in [0, 1) spreads; each one after it waits twice as long.
 */
export function nextLook(
  o: { readonly known: bigint; readonly told: bigint; readonly looks: number },
  longest: number,
  chance: number,
): number | undefined {
  if (o.known >= o.told || o.looks >= maxLooks) return undefined;
  return o.looks === 0 ? longest * chance : longest * 2 ** (o.looks - 1);
}

/** What a client does when the relay says that it has a roster with this serial (spec §6.6). */
export function newRosterWatch(o: {
  /** The newest serial accepted. */
  serial(): bigint | undefined;
  /** Loads the directory and does what follows from it. */
  look(): Promise<unknown>;
  /** The longest pause before the first look. Milliseconds. */
  readonly longest: number;
  over(): boolean;
}): (serial: bigint) => void {
  let told = 0n;
  let following = false;

  async function follow(): Promise<void> {
    following = true;
    for (let looks = 0; ; looks++) {
      const ms = o.over() ? undefined : nextLook({ known: o.serial() ?? 0n, told, looks }, o.longest, Math.random());
      if (ms === undefined) break;
      await pause(ms);
      await o.look();
    }
    following = false;
  }

  return (serial) => {
    if (serial > told) told = serial;
    if (!following) void follow();
  };
}
