import { Writer } from "./codec.ts";

/** T(0) of spec §8. */
export const firstTranscript: Uint8Array = new Uint8Array(32);

/** T(seq) from T(seq - 1) and the message of entry `seq` (spec §8, «Transcript»). */
export async function nextTranscript(previous: Uint8Array, seq: bigint, message: Uint8Array): Promise<Uint8Array> {
  return foldTranscript(previous, seq, await sha256(message));
}

/** The same from the SHA-256 of that message: for who has read it before being told T(seq - 1). */
export async function foldTranscript(previous: Uint8Array, seq: bigint, hash: Uint8Array): Promise<Uint8Array> {
  return sha256(new Writer().fixed(previous, 32).uint64(seq).fixed(hash, 32).bytes());
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
}
