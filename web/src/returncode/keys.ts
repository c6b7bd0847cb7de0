/** From the code to the keys of a kept conversation (spec/protocol.md §8.1). */
import type { ReturnKeys } from "../conversation/api.ts";
import { utf8 } from "../wire/bytes.ts";

/** What somebody wrote down: seven numbers of words, or 23 digits without the one that checks them. */
export type ReturnCode = { readonly words: readonly number[] } | { readonly digits: string };

const rounds = 210_000;

/**
 * The same code in the same kommun gives the same keys, on any device and in any language. Takes about a tenth of a
 * second.
 */
export async function keysOf(code: ReturnCode, kommun: string): Promise<ReturnKeys> {
  const { subtle } = crypto;
  const password = await subtle.importKey("raw", canonical(code), "PBKDF2", false, ["deriveBits"]);
  const stretched = await subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-512", salt: utf8(`utvag.1 return code${kommun}`) as BufferSource, iterations: rounds },
    password,
    512,
  );
  const secret = await subtle.importKey("raw", stretched, "HKDF", false, ["deriveBits"]);
  const part = async (name: string): Promise<Uint8Array> =>
    new Uint8Array(
      await subtle.deriveBits(
        { name: "HKDF", hash: "SHA-512", salt: new Uint8Array(), info: utf8(`utvag.1 ${name}`) as BufferSource },
        secret,
        256,
      ),
    );
  return { locator: await part("locator"), capability: await part("capability"), key: await part("key") };
}

/** The first byte tells words from digits, so that no code of one kind gives the keys of one of the other. */
function canonical(code: ReturnCode): Uint8Array<ArrayBuffer> {
  if ("digits" in code) return Uint8Array.from([2, ...utf8(code.digits)]);
  return Uint8Array.from([1, ...code.words.flatMap((index) => [index >> 8, index & 255])]);
}
