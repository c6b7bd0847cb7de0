import { utf8 } from "../wire/bytes.ts";
import type { Puzzle } from "../wire/directory.ts";
import { sha256 } from "../wire/transcript.ts";

/** Work that is under way. After `stop` it never resolves. */
export interface Job {
  readonly work: Promise<Uint8Array>;
  stop(): void;
}

export type Solve = (puzzle: Puzzle, mailbox: Uint8Array) => Job;

/** Solves in a worker, or a little at a time beside everything else where there can be none. */
export const solve: Solve = (puzzle, mailbox) => {
  let stopped = false;
  let worker: Worker | undefined;

  async function run(): Promise<Uint8Array> {
    const { salt, bits } = puzzle;
    if (bits === 0) return new Uint8Array();
    const seed = await sha256(new Uint8Array([...utf8("utvag.1 work"), ...salt, ...mailbox]));
    const { address, newSearch } = await import("./worker.ts");
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        if (stopped) return;
        // Safari before 15 and Firefox before 114 know no workers of modules, and say so by an error.
        worker = new Worker(trusted(address) as string, { type: "module" });
        worker.onmessage = ({ data }) => resolve(data as Uint8Array);
        worker.onerror = reject;
        worker.postMessage([salt, bits, seed]);
      });
    } catch {
      const search = newSearch(salt, bits, seed);
      return new Promise((resolve) => {
        (function more(): void {
          const work = search(500);
          if (work) resolve(work);
          else if (!stopped) setTimeout(more, 4);
        })();
      });
    } finally {
      worker?.terminate();
    }
  }

  return {
    work: run(),
    stop() {
      stopped = true;
      worker?.terminate();
    },
  };
};

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/** The one address that this page may run beside itself; web/headers.go names the policy. */
function trusted(address: string): unknown {
  policy ??= (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy("worker", { createScriptURL: () => address });
  return policy?.createScriptURL("") ?? address;
}
