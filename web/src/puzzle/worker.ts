import { newSearch } from "./search.ts";

/** Solves what it is sent, once. It becomes a file of its own (web/internal/bundle). */

const inside = globalThis as unknown as DedicatedWorkerGlobalScope;
inside.onmessage = ({ data }: MessageEvent<Parameters<typeof newSearch>>) => {
  const search = newSearch(...data);
  let work: Uint8Array | undefined;
  while (!work) work = search(1 << 16);
  inside.postMessage(work);
};
