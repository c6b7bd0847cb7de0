import { pause } from "./steps.ts";

/** Each attempt waits twice as long as the one before it. */
const attempts = 6;

/** What a client does when the relay says that it has a roster with this serial (spec §6.6). */
export function newRosterWatch(o: {
  /** The newest serial accepted. */
  serial(): bigint | undefined;
  /** Loads the directory and does what follows from it. */
  look(): Promise<unknown>;
  /** The longest pause before the first look. Milliseconds. */
  readonly most: number;
  over(): boolean;
}): (serial: bigint) => void {
  let told = 0n;
  let following = false;

  const behind = (): boolean => !o.over() && (o.serial() ?? 0n) < told;

  async function follow(): Promise<void> {
    following = true;
    let wait = Math.random() * o.most;
    for (let i = 0; i < attempts && behind(); i++) {
      await pause(wait);
      await o.look();
      wait = o.most * 2 ** i;
    }
    following = false;
  }

  return (serial) => {
    if (serial > told) told = serial;
    if (!following) void follow();
  };
}
