import type { Trust } from "../mls/library.ts";
import type { DirectoryClient } from "./directory.ts";
import type { Mailbox } from "./mailbox.ts";
import { soundDevices } from "./opening.ts";
import type { MailboxState } from "./state.ts";
import { pause } from "./steps.ts";

/**
 * A store that loses everything again and again, or a relay that says so, does not make the page open one conversation
 * after the other.
 */
const mostRemade = 3;
/** About a minute: within half of one the nodes have put the key packages back. */
const remakeTries = 40;

/**
 * Another mailbox in the place of one that the relay's store has lost, without anybody having to understand why (spec
 * §7.5).
 */
export interface Recovery {
  readonly underWay: boolean;
  /** It has happened since the person last wrote. */
  readonly happened: boolean;
  /** Whether this state, just stored, is worth it; then `run` does it. */
  worth(s: MailboxState): boolean;
  run(): Promise<void>;
  /** The person has written, or decided. */
  written(): void;
}

export function newRecovery(o: {
  /** How long a live conversation is kept. Milliseconds. */
  readonly live: number;
  readonly again: number;
  readonly now: () => number;
  readonly trust: Trust;
  readonly directory: DirectoryClient;
  readonly mailbox: () => Mailbox | undefined;
  readonly over: () => boolean;
  readonly load: () => Promise<unknown>;
  /** Opens the successor for these devices. */
  readonly anew: (old: Mailbox, only: readonly string[] | undefined) => Promise<void>;
  readonly changed: () => void;
}): Recovery {
  let underWay = false;
  let times = 0;
  /** The newest entry, and since when it is. */
  let newest = { seq: 0, at: o.now() };

  return {
    get underWay() {
      return underWay;
    },
    get happened() {
      return times > 0;
    },
    // The store was set back, and it was no expiry: something waits for an answer, or the conversation was under way.
    worth(s) {
      if (s.seq !== newest.seq) newest = { seq: s.seq, at: o.now() };
      if (
        s.stage.kind !== "broken" ||
        !s.stage.setBack ||
        s.ending ||
        s.returning ||
        underWay ||
        o.over() ||
        times >= mostRemade
      )
        return false;
      // Who had claimed has been taken out: nobody could read, so that nobody is let in unasked.
      if (!s.claimer && s.lines.some((line) => line.era === s.era && line.event === "claimed")) return false;
      const open = s.lines.some(
        (line) => line.from === "visitor" && line.delivery !== undefined && line.delivery !== "received",
      );
      return open || o.now() - newest.at < o.live / 2;
    },
    // Nobody can read it who could not read the one before: after a claim it is opened for the claimer, and for who
    // reads beside, alone. Where they cannot be reached the person decides, as for everything else that breaks.
    async run() {
      const old = o.mailbox();
      if (!old) return;
      underWay = true;
      times++;
      const { claimer, second } = old.s;
      const only = claimer ? [claimer.device, ...(second ? [second.device] : [])] : old.s.only;
      let there = false;
      // Everybody's comes at once, and the nodes have to put the key packages back into an empty store.
      for (let tries = 0; !there && tries < remakeTries && o.mailbox() === old && !o.over(); tries++) {
        await pause(o.again * (0.5 + Math.random()));
        await o.load();
        if (!o.directory.roster) continue;
        const { devices } = await soundDevices(o.directory, o.trust, only);
        there = devices.some((d) => !claimer || d.device === claimer.device);
      }
      underWay = false;
      if (o.over() || o.mailbox() !== old) return;
      if (!there) return o.changed();
      await o.anew(old, only);
    },
    written() {
      times = 0;
    },
  };
}
