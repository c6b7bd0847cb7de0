/** Takes apart what browsers write in compressed form, as far as a search for a sentence needs it. */

/** Everything that a file holds: its bytes as they are, and what is packed in them. */
export function* contents(file: Buffer): Generator<Buffer> {
  yield file;
  if (file.subarray(0, 8).toString("latin1") === "mozLz40\0") yield lz4(file.subarray(12), file.readUInt32LE(8));
  if (file.length >= 48 && file.readBigUInt64LE(file.length - 8) === tableEnd) yield* table(file);
}

/** The number at the end of each LevelDB table. */
const tableEnd = 0xdb4775248b80fb57n;

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function varint(from: Reader): number {
  let value = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = from.bytes[from.at++];
    if (byte === undefined) throw new Error("the bytes end in the middle of a number");
    value += (byte & 127) * shift;
    if (byte < 128) return value;
  }
}

/** The data blocks of a LevelDB table, unpacked. */
function* table(file: Buffer): Generator<Buffer> {
  const footer = { bytes: file, at: file.length - 48 };
  varint(footer);
  varint(footer);
  const index = { bytes: block(file, varint(footer), varint(footer)), at: 0 };
  const end = index.bytes.length - 4 - 4 * index.bytes.readUInt32LE(index.bytes.length - 4);
  while (index.at < end) {
    varint(index);
    const key = varint(index);
    const length = varint(index);
    index.at += key;
    const handle = { bytes: index.bytes, at: index.at };
    index.at += length;
    yield block(file, varint(handle), varint(handle));
  }
}

function block(file: Buffer, offset: number, size: number): Buffer {
  const bytes = file.subarray(offset, offset + size);
  return file[offset + size] === 1 ? snappy(bytes) : bytes;
}

/** Copies from what is already there, byte by byte: it may reach into what is being written. */
function repeat(out: number[], back: number, length: number): void {
  if (back === 0 || back > out.length) throw new Error("a copy from before the beginning");
  for (let i = 0; i < length; i++) out.push(out[out.length - back]!);
}

export function snappy(bytes: Buffer): Buffer {
  const from = { bytes, at: 0 };
  const size = varint(from);
  const out: number[] = [];
  while (from.at < bytes.length) {
    const tag = bytes[from.at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const more = length - 60;
        length = bytes.readUIntLE(from.at, more) + 1;
        from.at += more;
      }
      for (const end = from.at + length; from.at < end; ) out.push(bytes[from.at++]!);
    } else if (kind === 1) {
      repeat(out, ((tag >> 5) << 8) | bytes[from.at++]!, ((tag >> 2) & 7) + 4);
    } else {
      const width = kind === 2 ? 2 : 4;
      const back = bytes.readUIntLE(from.at, width);
      from.at += width;
      repeat(out, back, (tag >> 2) + 1);
    }
  }
  if (out.length !== size) throw new Error(`${out.length} bytes, and ${size} were announced`);
  return Buffer.from(out);
}

/** One LZ4 block. */
export function lz4(bytes: Buffer, size: number): Buffer {
  const out: number[] = [];
  let at = 0;
  const long = (length: number): number => {
    for (let byte = length === 15 ? 255 : 0; byte === 255; length += byte) byte = bytes[at++]!;
    return length;
  };
  while (at < bytes.length) {
    const token = bytes[at++]!;
    const literals = long(token >> 4);
    for (const end = at + literals; at < end; ) out.push(bytes[at++]!);
    if (at >= bytes.length) break;
    const back = bytes.readUInt16LE(at);
    at += 2;
    repeat(out, back, long(token & 15) + 4);
  }
  if (out.length !== size) throw new Error(`${out.length} bytes, and ${size} were announced`);
  return Buffer.from(out);
}
