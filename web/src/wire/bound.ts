import { hex, unhex } from "./bytes.ts";
import { CodecError, Writer, decode } from "./codec.ts";
import { Limit } from "./codes.gen.ts";
import type { DeviceId } from "./frames.ts";

/**
 * What a message says in clear about its frame, and its sender signs: the authenticated data of every message (spec
 * §5.3).
 */
export interface Bound {
  readonly counter: bigint;
  readonly opens: readonly DeviceId[];
  readonly closes: readonly DeviceId[];
}

/** Throws CodecError. */
export function encodeBound(b: Bound): Uint8Array {
  const device = (w: Writer, id: DeviceId) => w.fixed(unhex(id) ?? new Uint8Array(), 8);
  return new Writer()
    .uint64(b.counter)
    .vector(b.opens, device, Limit.devices)
    .vector(b.closes, device, Limit.devices)
    .bytes();
}

/** Throws CodecError, also for a device that is named twice. */
export function decodeBound(bytes: Uint8Array): Bound {
  return decode(bytes, (r) => {
    const devices = () => r.vector((v) => hex(v.fixed(8)), Limit.devices);
    const bound = { counter: r.uint64(), opens: devices(), closes: devices() };
    for (const named of [bound.opens, bound.closes]) {
      if (new Set(named).size !== named.length) throw new CodecError("device named twice");
    }
    return bound;
  });
}
