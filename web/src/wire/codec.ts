import { fromUtf8, utf8 } from "./bytes.ts";

/** Bytes that break the encoding (spec §2), or a value that has no encoding. Its text holds nothing of the bytes. */
export class CodecError extends Error {}

/** The longest vector that the 4-byte length can name. */
const longest = 0x3fffffff;

/**
 * Reads the presentation language of RFC 9420 §2, strictly. Every method throws CodecError.
 * Byte arrays returned are copies: a message outlives the socket buffer that it came in.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** `opaque x[n]`. */
  fixed(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  /** `opaque x<V>` of at most `limit` bytes. */
  opaque(limit = longest): Uint8Array {
    return this.fixed(this.#length(limit));
  }

  /** `opaque x<V>` that holds UTF-8. */
  text(limit = longest): string {
    const bytes = this.opaque(limit);
    try {
      return fromUtf8(bytes);
    } catch {
      throw new CodecError("text is not UTF-8");
    }
  }

  /** `T x<V>` of at most `limit` elements. */
  vector<T>(element: (r: Reader) => T, limit = longest): T[] {
    const inner = new Reader(this.opaque());
    const all: T[] = [];
    while (inner.left > 0) {
      if (all.length === limit) throw new CodecError("too many elements");
      all.push(element(inner));
    }
    return all;
  }

  /** Refuses trailing bytes. */
  end(): void {
    if (this.left !== 0) throw new CodecError("trailing bytes");
  }

  #take(count: number): number {
    if (count > this.left) throw new CodecError("cut short");
    const at = this.#at;
    this.#at += count;
    return at;
  }

  #length(limit: number): number {
    const first = this.#bytes[this.#at];
    if (first === undefined) throw new CodecError("cut short");
    let length: number;
    if (first < 0x40) {
      length = this.uint8();
    } else if (first < 0x80) {
      length = this.uint16() & 0x3fff;
      if (length < 0x40) throw new CodecError("length is not minimal");
    } else if (first < 0xc0) {
      length = this.uint32() & longest;
      if (length < 0x4000) throw new CodecError("length is not minimal");
    } else {
      throw new CodecError("length of eight bytes");
    }
    if (length > limit) throw new CodecError("longer than its limit");
    return length;
  }
}

/** Writes what Reader reads. Throws CodecError for a value out of range, so that nothing is cut silently. */
export class Writer {
  #bytes = new Uint8Array(256);
  #length = 0;

  uint8(value: number): this {
    return this.#unsigned(BigInt(value), 1);
  }

  uint16(value: number): this {
    return this.#unsigned(BigInt(value), 2);
  }

  uint32(value: number): this {
    return this.#unsigned(BigInt(value), 4);
  }

  uint64(value: bigint): this {
    return this.#unsigned(value, 8);
  }

  fixed(bytes: Uint8Array, length: number): this {
    if (bytes.length !== length) throw new CodecError("array of another length");
    this.#reserve(length).set(bytes);
    return this;
  }

  opaque(bytes: Uint8Array, limit = longest): this {
    const length = bytes.length;
    if (length > Math.min(limit, longest)) throw new CodecError("longer than its limit");
    if (length < 0x40) this.uint8(length);
    else if (length < 0x4000) this.uint16(0x4000 | length);
    else this.uint32(0x80000000 + length);
    return this.fixed(bytes, length);
  }

  text(text: string, limit = longest): this {
    return this.opaque(utf8(text), limit);
  }

  vector<T>(all: readonly T[], element: (w: Writer, value: T) => void, limit = longest): this {
    if (all.length > limit) throw new CodecError("too many elements");
    const inner = new Writer();
    for (const value of all) element(inner, value);
    return this.opaque(inner.bytes());
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #unsigned(value: bigint, size: number): this {
    if (value < 0n || value >= 1n << BigInt(8 * size)) throw new CodecError("number out of range");
    const space = this.#reserve(size);
    for (let i = size - 1; i >= 0; i--) {
      space[i] = Number(value & 0xffn);
      value >>= 8n;
    }
    return this;
  }

  #reserve(count: number): Uint8Array {
    const from = this.#length;
    const to = from + count;
    if (to > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, to));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length = to;
    return this.#bytes.subarray(from, to);
  }
}

/** Reads a whole structure and refuses what is left over. */
export function decode<T>(bytes: Uint8Array, read: (r: Reader) => T): T {
  const reader = new Reader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}
