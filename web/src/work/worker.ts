import { newSearch } from "./search.ts";

export { newSearch };

/** Of the file that this becomes. Run as a worker it solves; loaded by a page it does nothing. */
export const address = import.meta.url;

interface Inside {
  onmessage: (event: { readonly data: Parameters<typeof newSearch> }) => void;
  postMessage(work: Uint8Array): void;
}

if ("WorkerGlobalScope" in globalThis) {
  const inside = globalThis as unknown as Inside;
  inside.onmessage = ({ data }) => {
    const search = newSearch(...data);
    let work: Uint8Array | undefined;
    while (!work) work = search(1 << 16);
    inside.postMessage(work);
  };
}
