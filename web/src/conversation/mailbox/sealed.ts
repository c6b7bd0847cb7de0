import { concat, utf8 } from "../../wire/bytes.ts";
import { type Migration, Newer, climb } from "../../stored/form.ts";
import { CodecError, Reader, Writer } from "../../wire/codec.ts";
import type { ReturnKeys } from "../api.ts";

/** What lies at the relay under a return code (spec §8, «Sealed state»). */

const label = "utvag.1 sealed state";
const nonceLength = 12;
const step = 32_768;
/** Largest padded plaintext; with nonce and tag it is a little below the relay's limit for a blob. */
const largest = 262_144;
/** Sized for a claim, its successor state beside it, and an ordinary thread. */
const claimed = 65_536;

/** What leads from the content of one form to that of the next. */
const steps: readonly Migration<Uint8Array>[] = [];
/** The form of what is sealed today. */
export const sealedVersion = steps.length + 1;

/** Of the room, one byte says which form the content has, and four how long it is. */
const spent = 5;
/** The longest content that can be sealed. */
export const longestContent = largest - spent;

/**
 * The length that a state is padded to: what the relay can tell of it is the number of members before the claim, and
 * nothing of an ordinary thread. `members`: how many devices can read; `hasClaimer`: whether one has claimed.
 */
export function paddedLength(length: number, members: number, hasClaimer: boolean): number {
  const room = hasClaimer ? claimed : 24_576 + 6_656 * members;
  return Math.max(step * Math.ceil((length + spent) / step), Math.min(largest, step * Math.ceil(room / step)));
}

/** The blob for `put`. Throws CodecError where the content is longer than `padded` holds. */
export async function sealState(
  keys: ReturnKeys,
  version: bigint,
  content: Uint8Array,
  padded: number,
): Promise<Uint8Array> {
  const filled = new Writer().uint8(sealedVersion).opaque(content).bytes();
  if (filled.length > padded) throw new CodecError("longer than its room");
  const plain = new Uint8Array(padded);
  plain.set(filled);
  filled.fill(0);
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength));
  const sealed = await crypto.subtle.encrypt(params(keys, version, nonce), await aesKey(keys), plain as BufferSource);
  plain.fill(0);
  return concat(nonce, new Uint8Array(sealed));
}

/**
 * The content of a blob; undefined where it is not one that these keys made under this version. Rejects with Newer
 * where a later release made it.
 */
export async function openState(keys: ReturnKeys, version: bigint, blob: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const how = params(keys, version, blob.slice(0, nonceLength));
    const plain = new Uint8Array(
      await crypto.subtle.decrypt(how, await aesKey(keys), blob.slice(nonceLength) as BufferSource),
    );
    const r = new Reader(plain);
    const content = climb(r.uint8(), () => r.opaque(), steps);
    plain.fill(0);
    return content;
  } catch (error) {
    if (error instanceof Newer) throw error;
    return undefined;
  }
}

function params(keys: ReturnKeys, version: bigint, nonce: Uint8Array): AesGcmParams {
  const bound = new Writer().opaque(utf8(label)).fixed(keys.locator, 32).uint64(version).bytes();
  return { name: "AES-GCM", iv: nonce as BufferSource, additionalData: bound as BufferSource };
}

function aesKey(keys: ReturnKeys): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", keys.key as BufferSource, "AES-GCM", false, ["encrypt", "decrypt"]);
}
