import { concat, hex, unbase64, utf8 } from "../wire/bytes.ts";

/** The Ed25519 key in a note verifier key of this name, `name+hash+base64`; undefined where it is none. */
export async function readKey(text: string, name: string): Promise<Uint8Array | undefined> {
  const head = `${name}+`;
  if (!text.startsWith(head)) return undefined;
  const [, digits, encoded] = /^([0-9a-f]{8})\+(.+)$/.exec(text.slice(head.length)) ?? [];
  const bytes = unbase64(encoded ?? "");
  if (bytes?.length !== 33 || bytes[0] !== 1) return undefined;
  const hash = new Uint8Array(
    await crypto.subtle.digest("SHA-256", concat(utf8(`${name}\n`), bytes) as BufferSource),
  ).slice(0, 4);
  return hex(hash) === digits ? bytes.slice(1) : undefined;
}
