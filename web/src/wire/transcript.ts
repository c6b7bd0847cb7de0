import { Writer } from "./codec.ts";

/** T(0) of spec §8. */
export const firstTranscript: Uint8Array = new Uint8Array(32);

/** T(seq) from T(seq - 1) and the message of entry `seq` (spec §8, «Transcript»). */
export async function nextTranscript(previous: Uint8Array, seq: bigint, message: Uint8Array): Promise<Uint8Array> {
  const inner = new Uint8Array(await crypto.subtle.digest("SHA-256", message as BufferSource));
  const bytes = new Writer().fixed(previous, 32).uint64(seq).fixed(inner, 32).bytes();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
}
