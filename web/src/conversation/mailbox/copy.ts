import { bytesForm } from "../../stored/form.ts";
import { type Reader, Writer, decode } from "../../wire/codec.ts";
import type { ReturnKeys } from "../api.ts";
import type { MailboxState } from "./state.ts";
import { mailboxForm } from "./stored.ts";
import { longestContent, paddedLength, sealState } from "./sealed.ts";

/**
 * Where a return code finds the conversation: what is known of the blob at the relay. It outlives a mailbox that broke.
 */
export interface Copy {
  readonly keys: ReturnKeys;
  /** The version that the relay has confirmed; 0: none yet. */
  version: bigint;
  /**
   * The blob that was put and not confirmed: put again as it is, because another one of this version would be refused.
   */
  flight?: { readonly version: bigint; readonly blob: Uint8Array } | undefined;
  /** What lay under earlier codes, to be dropped once this one is kept. */
  before: readonly Copy[];
}

export function newCopy(keys: ReturnKeys, before: readonly Copy[] = [], version = 0n): Copy {
  return {
    keys: { locator: keys.locator.slice(), capability: keys.capability.slice(), key: keys.key.slice() },
    version,
    before,
  };
}

/** Seals the next version and puts it in flight. */
export async function sealNext(
  copy: Copy,
  s: MailboxState,
  group: Uint8Array | undefined,
  next: Uint8Array | undefined,
): Promise<void> {
  const version = copy.version + 1n;
  const content = encodeContent(copy, s, group, next);
  const blob = await sealState(
    copy.keys,
    version,
    content,
    paddedLength(content.length, s.readers, s.claimer !== undefined),
  );
  content.fill(0);
  copy.flight = { version, blob };
}

/**
 * What is sealed: the state, both groups, and what is still to be dropped; the oldest lines left out where all of them
 * would not fit.
 */
function encodeContent(
  copy: Copy,
  s: MailboxState,
  group: Uint8Array | undefined,
  next: Uint8Array | undefined,
): Uint8Array {
  for (let cut = 0; ; cut += Math.max(1, Math.ceil((s.lines.length - cut) / 8))) {
    const state = mailboxForm.encode(cut === 0 ? s : { ...s, lines: s.lines.slice(cut) });
    const content = new Writer()
      .opaque(state)
      .opaque(group ?? none)
      .opaque(next ?? none)
      .vector(copy.before, putPlace)
      .bytes();
    if (content.length <= longestContent || cut >= s.lines.length) return content;
  }
}

export interface Content {
  readonly records: Readonly<Record<"state" | "group" | "next", Uint8Array | undefined>>;
  readonly before: readonly Copy[];
}

/** What an opened blob holds. Throws CodecError. */
export function decodeContent(content: Uint8Array): Content {
  return decode(content, (r) => {
    const some = (bytes: Uint8Array) => (bytes.length > 0 ? bytes : undefined);
    const records = { state: r.opaque(), group: some(r.opaque()), next: some(r.opaque()) };
    const key = new Uint8Array(32);
    return {
      records,
      before: r.vector((v) => ({
        keys: { locator: v.fixed(32), capability: v.fixed(32), key },
        version: 0n,
        before: [],
      })),
    };
  });
}

function putPlace(w: Writer, { keys }: Copy): Writer {
  return w.fixed(keys.locator, 32).fixed(keys.capability, 32);
}

export function forgetCopy(copy: Copy): void {
  for (const { keys } of [copy, ...copy.before])
    for (const secret of [keys.locator, keys.capability, keys.key]) secret.fill(0);
}

const none = new Uint8Array();

const putCopy = (w: Writer, c: Copy): Writer =>
  w
    .fixed(c.keys.locator, 32)
    .fixed(c.keys.capability, 32)
    .fixed(c.keys.key, 32)
    .uint64(c.version)
    .uint64(c.flight?.version ?? 0n)
    .opaque(c.flight?.blob ?? none);

function getCopy(r: Reader): Copy {
  const keys = { locator: r.fixed(32), capability: r.fixed(32), key: r.fixed(32) };
  const version = r.uint64();
  const flight = { version: r.uint64(), blob: r.opaque() };
  return { keys, version, ...(flight.version > 0n && { flight }), before: [] };
}

/** For a vault. */
export const copyForm = bytesForm<Copy>("copy", {
  put: (w, copy) => putCopy(w, copy).vector(copy.before, putCopy),
  get: (r) => ({ ...getCopy(r), before: r.vector(getCopy) }),
});
