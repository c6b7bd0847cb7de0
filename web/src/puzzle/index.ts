import { utf8 } from "../wire/bytes.ts";
import type { Puzzle } from "../wire/directory.ts";
import { sha256 } from "../wire/transcript.ts";

/** Work that is under way. After `stop` it never resolves; it rejects where the browser lets no worker run. */
export interface Job {
  readonly work: Promise<Uint8Array>;
  stop(): void;
}

export type Solve = (puzzle: Puzzle, mailbox: Uint8Array) => Job;

/** The address of worker.ts as its own file: web/internal/bundle fills it in. */
declare const WORKER: string;

/** SHA-256 of label, salt and mailbox: where the search begins (spec §6.4). */
export function seedOf(salt: Uint8Array, mailbox: Uint8Array): Promise<Uint8Array> {
  return sha256(new Uint8Array([...utf8("utvag.1 work"), ...salt, ...mailbox]));
}

/** Solves in a worker. One without modules, which every browser that this page is for knows. */
export const solve: Solve = ({ salt, bits }, mailbox) => {
  let stopped = false;
  let worker: Worker | undefined;

  async function run(): Promise<Uint8Array> {
    if (bits === 0) return new Uint8Array();
    const seed = await seedOf(salt, mailbox);
    return new Promise((resolve, reject) => {
      if (stopped) return;
      worker = new Worker(trusted() as string);
      worker.onmessage = ({ data }) => {
        stop();
        resolve(data as Uint8Array);
      };
      worker.onerror = reject;
      worker.postMessage([salt, bits, seed]);
    });
  }

  function stop(): void {
    stopped = true;
    worker?.terminate();
  }

  const work = run();
  // Whoever waits for it is told; nobody may be waiting yet.
  work.catch(() => undefined);
  return { work, stop };
};

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/** The one address that this page may run beside itself; web/headers.go names the policy. */
function trusted(): unknown {
  policy ??= (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy("worker", {
    createScriptURL: () => WORKER,
  });
  return policy?.createScriptURL("") ?? WORKER;
}
