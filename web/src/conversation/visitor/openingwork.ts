import type { Job, Solve } from "../../puzzle/index.ts";
import { hex, unhex } from "../../wire/bytes.ts";
import type { Puzzle } from "../../wire/directory.ts";

/**
 * Work for openings (spec §6.4). It is bound to the mailbox's id, which is therefore drawn before anything is written.
 */
export interface OpeningWork {
  /** Begins with the work for the next opening, unless that has begun. */
  begin(puzzle: Puzzle): void;
  /** The id of the next opening, in hex; the one after it gets another. */
  take(): string;
  /** The work for an opening, begun with this puzzle where it has not begun. */
  pay(id: string, puzzle: Puzzle): Promise<Uint8Array>;
  /** Stops what is under way; it never resolves. */
  stop(): void;
}

export function newOpeningWork(solve: Solve): OpeningWork {
  const jobs = new Map<string, Job>();
  const draw = (): string => hex(crypto.getRandomValues(new Uint8Array(32)));
  let next = draw();

  function begun(id: string, puzzle: Puzzle): Job {
    const job = jobs.get(id) ?? solve(puzzle, unhex(id)!);
    jobs.set(id, job);
    return job;
  }

  return {
    begin: (puzzle) => void begun(next, puzzle),
    take() {
      const id = next;
      next = draw();
      return id;
    },
    pay: (id, puzzle) => begun(id, puzzle).work,
    stop: () => jobs.forEach((job) => void job.stop()),
  };
}
