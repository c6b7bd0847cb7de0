import { hex, unhex } from "./bytes.ts";
import { CodecError, Writer, decode } from "./codec.ts";
import { Limit } from "./codes.gen.ts";
import type { DeviceId } from "./frames.ts";

/** What an opening costs (spec §6.4); nothing where `bits` is 0. */
export interface Puzzle {
  readonly salt: Uint8Array;
  readonly bits: number;
}

/**
 * `GET /directory` (spec §6). Nothing in it is trusted yet: the roster's signature and the key packages are checked in
 * `mls/`.
 */
export interface Directory {
  /** The signed roster, unverified. */
  readonly roster: string;
  /** The relay's clock, Unix seconds. */
  readonly time: number;
  readonly puzzle: Puzzle;
  /** At most one for each device. */
  readonly keyPackages: readonly { readonly device: DeviceId; readonly day: number; readonly keyPackage: Uint8Array }[];
}

/** A roster's text is at most 16 KiB; its signature lines come on top. */
const longestRoster = 20 * 1024;

/** A roster names at most 64 devices. */
const maxKeyPackages = 64;

/** Throws CodecError. */
export function decodeDirectory(bytes: Uint8Array): Directory {
  return decode(bytes, (r) => {
    const roster = r.text(longestRoster);
    const time = r.uint64();
    if (time > BigInt(Number.MAX_SAFE_INTEGER)) throw new CodecError("time out of range");
    const puzzle = { salt: r.fixed(16), bits: r.uint8() };
    if (puzzle.bits > Limit.work_bits) throw new CodecError("too much work");
    const keyPackages = r.vector(
      (v) => ({ device: hex(v.fixed(8)), day: v.uint32(), keyPackage: v.opaque(Limit.key_package) }),
      maxKeyPackages,
    );
    if (new Set(keyPackages.map((k) => k.device)).size !== keyPackages.length)
      throw new CodecError("device named twice");
    return { roster, time: Number(time), puzzle, keyPackages };
  });
}

/** For the vectors and for relays in tests. */
export function encodeDirectory(d: Directory): Uint8Array {
  return new Writer()
    .text(d.roster, longestRoster)
    .uint64(BigInt(d.time))
    .fixed(d.puzzle.salt, 16)
    .uint8(d.puzzle.bits)
    .vector(
      d.keyPackages,
      (w, k) =>
        w
          .fixed(unhex(k.device) ?? new Uint8Array(), 8)
          .uint32(k.day)
          .opaque(k.keyPackage, Limit.key_package),
      maxKeyPackages,
    )
    .bytes();
}
