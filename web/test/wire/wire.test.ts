import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromUtf8, utf8 } from "../../src/wire/bytes.ts";
import { CodecError, Reader, Writer } from "../../src/wire/codec.ts";
import { decodeBound, encodeBound } from "../../src/wire/bound.ts";
import { decodeDirectory, encodeDirectory } from "../../src/wire/directory.ts";
import {
  decodeClientFrame,
  decodeFrame,
  encodeFrame,
  encodeRelayFrame,
  type ClientFrame,
  type RelayFrame,
} from "../../src/wire/frames.ts";
import { decodePayload, encodePayload, type Payload, type SharedLine } from "../../src/wire/payload.ts";
import { firstTranscript, nextTranscript } from "../../src/wire/transcript.ts";

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const some = (most = 90) => fc.uint8Array({ maxLength: most });
const device = fc.stringMatching(/^[0-9a-f]{16}$/);
const devices = fc.array(device, { maxLength: 32 });
const distinct = fc.uniqueArray(device, { maxLength: 32 });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const version = u64.filter((v) => v > 0n);
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const ref = fc.integer({ min: 1, max: 0xffffffff });
const mailbox = fixed(32);
const cursor = fc.record({ incarnation: fixed(16), seq: u64, tag: fixed(8) });
const text = fc.string({ unit: "grapheme", maxLength: 60 }).map((s) => fromUtf8(utf8(s)));
const key = fc.stringMatching(/^[a-z.]{1,64}$/);
const c = fc.constant;

const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record({ kind: c("login" as const), ref, device, signature: some() }),
  fc.record({
    kind: c("open" as const),
    ref,
    mailbox,
    slot: fixed(32),
    retention: fc.constantFrom(0 as const, 1 as const),
    devices,
    work: some(64),
    welcome: some(),
    message: some(300),
  }),
  fc.record({ kind: c("attach" as const), ref, mailbox, capability: fc.oneof(fixed(0), fixed(32)), cursor }),
  fc.record({
    kind: c("send" as const),
    ref,
    mailbox,
    counter: u64,
    opens: devices,
    closes: devices,
    welcome: some(),
    message: some(300),
  }),
  fc.record({ kind: c("advance" as const), ref, mailbox, cursor }),
  fc.record({ kind: c("end" as const), ref, mailbox, counter: u64, read: cursor, message: some() }),
  fc.record({
    kind: c("publish" as const),
    ref,
    keyPackages: fc.array(fc.record({ day: u32, keyPackage: some() }), { maxLength: 8 }),
  }),
  fc.record({ kind: c("fetch" as const), ref, mailbox }),
  fc.record({ kind: c("ping" as const), ref }),
  fc.record({ kind: c("resolve" as const), ref, mailbox, cursor }),
  fc.record({
    kind: c("put" as const),
    ref,
    locator: fixed(32),
    capability: fixed(32),
    version,
    keep: fc.constantFrom(0 as const, 1 as const),
    blob: some(64),
  }),
  fc.record({ kind: c("get" as const), ref, locator: fixed(32) }),
  fc.record({ kind: c("drop" as const), ref, locator: fixed(32), capability: fixed(32) }),
  fc.record({ kind: c("leave" as const), ref, mailbox, erase: fc.constantFrom(0 as const, 1 as const) }),
  fc.record({ kind: c("keep" as const), ref, mailbox }),
  fc.record({ kind: c("acknowledge" as const), ref, mailbox }),
  fc.record({
    kind: c("reach" as const),
    ref,
    wish: fc.constantFrom(0, 2),
    channel: c(""),
    endpoint: c(""),
    key: c(new Uint8Array()),
    secret: c(new Uint8Array()),
  }),
  fc.record({
    kind: c("reach" as const),
    ref,
    wish: fc.constantFrom(3, 4),
    channel: fc.stringMatching(/^[a-z]{1,16}$/),
    endpoint: c(""),
    key: c(new Uint8Array()),
    secret: c(new Uint8Array()),
  }),
  fc.record({
    kind: c("reach" as const),
    ref,
    wish: c(1),
    channel: c(""),
    endpoint: fc.webUrl().filter((u) => u.length < 1000),
    key: fixed(65),
    secret: fixed(16),
  }),
  fc.record({ kind: c("shift" as const), ref, state: fc.constantFrom(0 as const, 1 as const), minutes: c(0) }),
  fc.record({ kind: c("shift" as const), ref, state: c(2 as const), minutes: fc.integer({ min: 1, max: 120 }) }),
);

const shifts = fc.array(
  fc.record({
    alias: fc.stringMatching(/^[A-Za-zå ]{0,40}$/),
    level: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    state: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    start: u64,
    end: u64,
  }),
  { maxLength: 32 },
);

const relayFrame: fc.Arbitrary<RelayFrame> = fc.oneof(
  fc.record({ kind: c("hello" as const), nonce: fixed(32), time: u64, kommun: text }),
  fc.record({ kind: c("ready" as const), ref }),
  fc.record({ kind: c("refused" as const), ref: u32, code: u16, detail: u64 }),
  fc.record({ kind: c("attached" as const), ref, mailbox, slot: u16, head: cursor, epoch: u64, counter: u64 }),
  fc.record({ kind: c("accepted" as const), ref, counter: u64, cursor }),
  fc.record({
    kind: c("entry" as const),
    mailbox,
    seq: u64,
    tag: fixed(8),
    slot: u16,
    counter: u64,
    message: some(300),
  }),
  fc.record({ kind: c("welcome" as const), ref, from: cursor, welcome: some(300) }),
  fc.record({ kind: c("waiting" as const), mailbox, since: u64 }),
  fc.record({
    kind: c("gone" as const),
    mailbox,
    reason: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 5 as const, 6 as const),
  }),
  fc.record({ kind: c("blob" as const), ref, version, blob: some(300) }),
  fc.record({ kind: c("presence" as const), mailbox, state: fc.constantFrom(0 as const, 1 as const, 2 as const) }),
  fc.record({ kind: c("alarm" as const), mailbox, state: fc.constantFrom(0 as const, 1 as const, 2 as const) }),
  fc.record({
    kind: c("duty" as const),
    plan: fc.constantFrom(0 as const, 1 as const, 2 as const),
    on: shifts,
    next: shifts,
    gaps: fc.array(fc.record({ start: u64, end: u64 }), { maxLength: 32 }),
    warnings: fc.array(
      fc.record({
        rule: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 5 as const),
        start: u64,
        end: u64,
      }),
      { maxLength: 32 },
    ),
    closes: u64,
    lastStart: u64,
  }),
);

const slots = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), text, { maxKeys: 4, noNullPrototype: true });
const alias = fc.stringMatching(/^[A-Za-zå]{1,40}$/);
const words = text.filter((t) => t.length > 0);
const line: fc.Arbitrary<SharedLine> = fc.oneof(
  fc.record({ from: c("visitor" as const), alias: c(""), text: words }),
  fc.record({ from: c("visitor" as const), alias: c(""), key: text, slots }),
  fc.record({ from: c("staff" as const), alias, text: words }),
  fc.record({ from: c("staff" as const), alias, key: text, slots }),
);

const payload: fc.Arbitrary<Payload> = fc.oneof(
  fc.record({ kind: c("intake" as const), lang: text, answers: fc.array(fc.tuple(key, key), { maxLength: 32 }), text }),
  fc.record({ kind: c("text" as const), text: text.filter((t) => t.length > 0) }),
  fc.record({ kind: c("receipt" as const), seq: u64, transcript: fixed(32) }),
  fc.record({ kind: c("phrase" as const), key: text, slots }),
  fc.record({ kind: c("end" as const), reason: c(0 as const) }),
  fc.record({
    kind: c("history" as const),
    seq: u64,
    transcript: fixed(32),
    claimer: fc.array(device, { maxLength: 1 }),
  }),
  fc.record({ kind: c("verdict" as const), nonce: fixed(16), verdict: fc.constantFrom(0, 1) }),
  fc.record({
    kind: c("proposal" as const),
    nonce: fixed(16),
    reason: fc.constantFrom(1, 2),
    until: u64,
    kommun: c(""),
    devices: fc.tuple(device),
  }),
  fc.record({
    kind: c("proposal" as const),
    nonce: fixed(16),
    reason: fc.constantFrom(0, 3),
    until: u64,
    kommun: c(""),
    devices: c([]),
  }),
  fc.record({
    kind: c("proposal" as const),
    nonce: fixed(16),
    reason: c(4),
    until: u64,
    kommun: fc.stringMatching(/^[a-z]{1,40}$/),
    devices: fc.tuple(device),
  }),
  fc.record({
    kind: c("shared" as const),
    lang: text,
    answers: fc.array(fc.tuple(key, key), { maxLength: 8 }),
    lines: fc.array(line, { maxLength: 8 }),
  }),
);

const directory = fc.record({
  roster: text,
  time: fc.nat(),
  puzzle: fc.record({ salt: fixed(16), bits: fc.nat(24) }),
  keyPackages: fc.uniqueArray(fc.record({ device, day: u32, keyPackage: some() }), {
    maxLength: 12,
    selector: (k) => k.device,
  }),
});

/**
 * What was decoded encodes to the same bytes, and so do the bytes with one byte changed, cut or added, unless they are
 * refused.
 */
function strict<T>(
  name: string,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => T,
): void {
  test(`${name}: what is encoded decodes to the same value`, () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  test(`${name}: bytes are refused with CodecError, or are the only encoding of their value`, () => {
    const onlyEncoding = (bytes: Uint8Array) => {
      let value: T;
      try {
        value = decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
        return;
      }
      expect(encode(value)).toEqual(bytes);
    };
    fc.assert(
      fc.property(values, u32, fc.integer({ min: 1, max: 255 }), (value, where, change) => {
        const bytes = encode(value);
        const mutated = bytes.slice();
        mutated[where % bytes.length]! ^= change;
        onlyEncoding(mutated);
        onlyEncoding(bytes.slice(0, where % bytes.length));
        expect(() => decode(new Uint8Array([...bytes, change]))).toThrow(CodecError);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), onlyEncoding), { numRuns: 500 });
  });
}

describe("codec", () => {
  strict("client frame", clientFrame, encodeFrame, decodeClientFrame);
  strict("relay frame", relayFrame, encodeRelayFrame, decodeFrame);
  strict("payload", payload, encodePayload, decodePayload);
  strict("bound", fc.record({ counter: u64, opens: distinct, closes: distinct }), encodeBound, decodeBound);
  strict("directory", directory, encodeDirectory, decodeDirectory);

  test("lengths are minimal on both sides of each border", () => {
    for (const [length, head] of [
      [0, 1],
      [63, 1],
      [64, 2],
      [16383, 2],
      [16384, 4],
    ] as const) {
      const bytes = new Writer().opaque(new Uint8Array(length)).bytes();
      expect(bytes.length).toBe(length + head);
      expect(new Reader(bytes).opaque().length).toBe(length);
    }
  });

  test.each([
    ["2 bytes for 63", [0x40, 63, ...new Array<number>(63).fill(0)]],
    ["4 bytes for 64", [0x80, 0, 0, 64, ...new Array<number>(64).fill(0)]],
    ["8 bytes", [0xc0, 0, 0, 0, 0, 0, 0, 0]],
    ["cut in the length", [0x40]],
    ["longer than what is there", [2, 0]],
  ])("a length is refused: %s", (_, bytes) => {
    expect(() => new Reader(new Uint8Array(bytes)).opaque()).toThrow(CodecError);
  });

  test("numbers out of range are refused, not cut", () => {
    for (const bad of [-1, 256]) expect(() => new Writer().uint8(bad)).toThrow(CodecError);
    expect(() => new Writer().uint64(1n << 64n)).toThrow(CodecError);
    expect(() => encodeFrame({ kind: "ping", ref: 0 })).toThrow(CodecError);
  });

  test("limits of §9 hold when reading and when writing", () => {
    const box = new Uint8Array(32);
    const send = (message: number, welcome = 0, closes = 0): ClientFrame => ({
      kind: "send",
      ref: 1,
      mailbox: box,
      counter: 1n,
      opens: [],
      closes: new Array<string>(closes).fill("00".repeat(8)),
      welcome: new Uint8Array(welcome),
      message: new Uint8Array(message),
    });
    expect(decodeClientFrame(encodeFrame(send(65536))).kind).toBe("send");
    expect(() => encodeFrame(send(65537))).toThrow(CodecError);
    expect(() => encodeFrame(send(0, 98305))).toThrow(CodecError);
    expect(() => encodeFrame(send(65536, 98304))).toThrow(CodecError);
    expect(decodeClientFrame(encodeFrame(send(0, 0, 32))).kind).toBe("send");
    expect(() => encodeFrame(send(0, 0, 33))).toThrow(CodecError);
    const raw = new Writer()
      .uint8(4)
      .uint32(1)
      .fixed(box, 32)
      .uint64(1n)
      .opaque(new Uint8Array())
      .opaque(new Uint8Array(33 * 8));
    expect(() => decodeClientFrame(raw.opaque(new Uint8Array()).opaque(new Uint8Array()).bytes())).toThrow("too many");
  });

  test("a put alone may be as long as a blob needs", () => {
    const put = (keep: 0 | 1, length: number): ClientFrame => ({
      kind: "put",
      ref: 1,
      locator: new Uint8Array(32),
      capability: new Uint8Array(32),
      version: 1n,
      keep,
      blob: new Uint8Array(length),
    });
    expect(encodeFrame(put(1, 262208)).length).toBe(262290);
    expect(decodeClientFrame(encodeFrame(put(1, 262208)))).toEqual(put(1, 262208));
    expect(() => encodeFrame(put(1, 262209))).toThrow(CodecError);
    expect(decodeClientFrame(encodeFrame(put(0, 64)))).toEqual(put(0, 64));
    expect(() => encodeFrame(put(0, 65))).toThrow(CodecError);
    expect(() => encodeFrame({ ...put(0, 1), version: 0n } as ClientFrame)).toThrow(CodecError);
  });

  test("a capability is 32 bytes, or none; a Bound names no device twice", () => {
    const attach = (length: number): ClientFrame => ({
      kind: "attach",
      ref: 1,
      mailbox: new Uint8Array(32),
      capability: new Uint8Array(length),
      cursor: { incarnation: new Uint8Array(16), seq: 0n, tag: new Uint8Array(8) },
    });
    for (const good of [0, 32]) expect(decodeClientFrame(encodeFrame(attach(good)))).toEqual(attach(good));
    for (const bad of [1, 31, 33]) expect(() => encodeFrame(attach(bad))).toThrow(CodecError);
    const id = "00112233445566aa";
    expect(() => decodeBound(encodeBound({ counter: 1n, opens: [], closes: [id, id] }))).toThrow("twice");
  });

  test("what is read does not change with the buffer it came in", () => {
    const buffer = encodeRelayFrame({ kind: "gone", mailbox: new Uint8Array(32).fill(7), reason: 1 });
    const frame = decodeFrame(buffer);
    buffer.fill(0);
    expect(frame).toMatchObject({ mailbox: new Uint8Array(32).fill(7) });
  });
});

describe("payload", () => {
  test("fills the smallest bucket, and a text of 4,000 of the widest characters fits", () => {
    expect(encodePayload({ kind: "end", reason: 0 }).length).toBe(256);
    expect(encodePayload({ kind: "text", text: "x".repeat(252) }).length).toBe(256 + 256);
    expect(encodePayload({ kind: "text", text: "😀".repeat(4000) }).length).toBe(16384);
    expect(() => encodePayload({ kind: "text", text: "x".repeat(4001) })).toThrow(CodecError);
    expect(() => encodePayload({ kind: "text", text: "" })).toThrow(CodecError);
  });

  test("padding that is not zero, too much of it, or none is refused", () => {
    const bytes = encodePayload({ kind: "text", text: "hej" });
    const dirty = bytes.slice();
    dirty[255] = 1;
    expect(() => decodePayload(dirty)).toThrow("padding");
    const wide = new Uint8Array(512);
    wide.set(bytes);
    expect(() => decodePayload(wide)).toThrow("bucket");
    expect(() => decodePayload(bytes.slice(0, 6))).toThrow("bucket");
  });

  test("an intake has three sizes, at most 32 answers, and keys of at most 64 bytes", () => {
    const intake = (answers: [string, string][], text = ""): Payload => ({ kind: "intake", lang: "sv", answers, text });
    const answers = (count: number) => Array.from({ length: count }, (_, i): [string, string] => ["q", `a${i}`]);
    expect(encodePayload(intake([])).length).toBe(4096);
    expect(encodePayload(intake(answers(32), "x".repeat(4000))).length).toBe(8192);
    expect(encodePayload(intake(answers(32), "😀".repeat(4000))).length).toBe(16384);
    expect(() => encodePayload(intake(answers(33)))).toThrow(CodecError);
    expect(() => encodePayload(intake([["q".repeat(65), "a"]]))).toThrow(CodecError);
    expect(() => encodePayload(intake([["q", "å".repeat(33)]]))).toThrow(CodecError);
    expect(() => decodePayload(encodePayload(intake([])).slice(0, 256))).toThrow("bucket");
  });

  test("a slot named twice, or by digits, is refused", () => {
    const raw = (...names: string[]) => {
      const body = new Writer()
        .text("k")
        .vector(names, (w, n) => w.text(n).text("v"))
        .bytes();
      const padded = new Uint8Array(256);
      padded.set(new Writer().uint8(4).opaque(body).bytes());
      return padded;
    };
    expect(decodePayload(raw("a", "b"))).toMatchObject({ slots: { a: "v", b: "v" } });
    expect(() => decodePayload(raw("a", "a"))).toThrow("twice");
    expect(() => decodePayload(raw("2", "1"))).toThrow("name");
  });
});

test("the transcript hashes order, number and content", async () => {
  const a = utf8("a");
  const b = utf8("b");
  const one = await nextTranscript(firstTranscript, 1n, a);
  const two = await nextTranscript(one, 2n, b);
  const swapped = await nextTranscript(await nextTranscript(firstTranscript, 1n, b), 2n, a);
  expect(two).not.toEqual(swapped);
  // What was before counts where number and message are the same.
  expect(await nextTranscript(await nextTranscript(firstTranscript, 1n, b), 2n, b)).not.toEqual(two);
  expect(await nextTranscript(firstTranscript, 2n, a)).not.toEqual(one);
  await expect(nextTranscript(new Uint8Array(31), 1n, a)).rejects.toThrow(CodecError);
});
