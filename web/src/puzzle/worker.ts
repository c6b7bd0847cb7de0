import { newSearch } from "./search.ts";

/** Solves what it is sent, once. It becomes a file of its own (web/internal/bundle). */

interface Inside {
  onmessage: (event: { readonly data: Parameters<typeof newSearch> }) => void;
  postMessage(work: Uint8Array): void;
}

const inside = globalThis as unknown as Inside;
inside.onmessage = ({ data }) => {
  const search = newSearch(...data);
  let work: Uint8Array | undefined;
  while (!work) work = search(1 << 16);
  inside.postMessage(work);
};
