import { fromUtf8, utf8 } from "../wire/bytes.ts";
import { type Reader, Writer, decode } from "../wire/codec.ts";
import { type Check, Damaged, any, pair, whole } from "./check.ts";

/**
 * What browsers and blobs keep outlives the release that wrote it. Each form of it has a version from 1 on, which
 * stands first in what is stored, and for every older version a step that leads to the next.
 */

/** A later release has stored it. It is whole, and not this program's to touch. */
export class Newer extends Error {}

/** How what one version has stored becomes what the next one would have. The name says what the step is for. */
export interface Migration<S> {
  readonly name: string;
  readonly up: (older: S) => S;
}

/** `decode` throws Newer, or Damaged. */
export interface Form<T, S> {
  readonly name: string;
  readonly version: number;
  encode(value: T): S;
  decode(stored: S): T;
}

/** Whether a later release has stored it, so that this one must not write over it. */
export function isNewer<S>(form: Form<unknown, S>, stored: S): boolean {
  try {
    form.decode(stored);
    return false;
  } catch (error) {
    return error instanceof Newer;
  }
}

/** Leads what was stored in that version to today's. Throws Newer before it looks at the rest. */
export function climb<S>(found: number, body: () => S, steps: readonly Migration<S>[]): S {
  if (found > steps.length + 1) throw new Newer("a later release has stored this");
  if (!(found >= 1)) throw new Damaged("a version below the first");
  return steps.slice(found - 1).reduce((older, { up }) => up(older), body());
}

/** What a step or a reader throws of its own says as little as possible: the value holds what people wrote. */
function strictly<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Newer || error instanceof Damaged) throw error;
    throw new Damaged("a stored value is damaged");
  }
}

/** Values as a browser's database takes them: `[version, value]`. */
export function valueForm<T>(
  name: string,
  check: Check<T>,
  steps: readonly Migration<unknown>[] = [],
): Form<T, unknown> {
  const version = steps.length + 1;
  return {
    name,
    version,
    encode: (value) => [version, value],
    decode: (stored) =>
      strictly(() => {
        const [found, value] = pair(whole, any)(stored);
        return check(climb(found, () => value, steps));
      }),
  };
}

/** The same as JSON, for plain values. */
export function jsonForm<T>(name: string, check: Check<T>, steps: readonly Migration<unknown>[] = []): Form<T, string> {
  const inner = valueForm(name, check, steps);
  return {
    ...inner,
    encode: (value) => JSON.stringify(inner.encode(value)),
    decode: (stored) => inner.decode(strictly(() => JSON.parse(stored) as unknown)),
  };
}

/** The same again, for whoever keeps bytes. */
export function jsonBytesForm<T>(
  name: string,
  check: Check<T>,
  steps: readonly Migration<unknown>[] = [],
): Form<T, Uint8Array> {
  const inner = jsonForm(name, check, steps);
  return {
    ...inner,
    encode: (value) => utf8(inner.encode(value)),
    decode: (stored) => inner.decode(strictly(() => fromUtf8(stored))),
  };
}

/** Bytes in the presentation language: the version, and the rest. */
export function bytesForm<T>(
  name: string,
  o: { readonly put: (w: Writer, value: T) => Writer; readonly get: (r: Reader) => T },
  steps: readonly Migration<Uint8Array>[] = [],
): Form<T, Uint8Array> {
  const version = steps.length + 1;
  return {
    name,
    version,
    encode: (value) => o.put(new Writer().uint8(version), value).bytes(),
    decode: (stored) =>
      strictly(() =>
        decode(
          climb(stored[0] ?? 0, () => stored.slice(1), steps),
          o.get,
        ),
      ),
  };
}
