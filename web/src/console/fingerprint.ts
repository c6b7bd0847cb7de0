import { hex, unbase64 } from "../wire/bytes.ts";

/**
 * What the coordinator reads to the team lead, who sees the same beside the request: SHA-256 of the key, the first 20
 * hex digits in groups of four (spec/protocol.md §6.3). Undefined for a text that holds no key.
 */
export async function fingerprint(request: string): Promise<string | undefined> {
  const key = unbase64(/^key (\S+)$/m.exec(request)?.[1] ?? "");
  if (key === undefined || key.length !== 32) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(key)));
  return hex(digest.slice(0, 10)).replace(/(.{4})(?=.)/g, "$1 ");
}
