import { CodecError, Reader, Writer } from "./codec.ts";

/** What is inside an application message (spec §8). */
export type Payload =
  | {
      readonly kind: "intake"; readonly lang: string;
      /** Question key and answer key, in the order asked: at most 32, each key at most 64 bytes. */
      readonly answers: readonly (readonly [string, string])[];
      /** May be empty. */
      readonly text: string;
    }
  /** 1 to 4,000 characters (Unicode scalar values). */
  | { readonly kind: "text"; readonly text: string }
  /** `transcript` is 32 bytes: T(seq). */
  | { readonly kind: "receipt"; readonly seq: bigint; readonly transcript: Uint8Array }
  | { readonly kind: "phrase"; readonly key: string; readonly slots: Readonly<Record<string, string>> }
  /** 0: ended, 1: left quickly. */
  | { readonly kind: "end"; readonly reason: 0 | 1 }
  /** Reserved: no client of this version sends it, and whoever gets one has no use for it. `transcript` is 32 bytes: T(seq). */
  | { readonly kind: "history"; readonly seq: bigint; readonly transcript: Uint8Array };

/** A length in this list tells the relay nothing more than which of seven sizes. */
const buckets = [256, 512, 1024, 2048, 4096, 8192, 16384] as const;

/** An intake's length would tell how many questions were answered: it has fewer sizes. */
const intakeBuckets = [4096, 8192, 16384] as const;

const codes = { intake: 1, text: 2, receipt: 3, phrase: 4, end: 5, history: 6 } as const;

const mostAnswers = 32;
/** Bytes of a question key or an answer key. */
const longestKey = 64;

/** The longest text in characters: Unicode scalar values, as a person would nearly count. */
export const longestText = 4000;

/** Whether bytes of this length may be sealed: a length that is no bucket would tell the relay more. */
export function isBucket(length: number): boolean {
  return (buckets as readonly number[]).includes(length);
}

/** Padded bytes. Throws CodecError when the payload fits no bucket or breaks a rule of §8. */
export function encodePayload(p: Payload): Uint8Array {
  const body = new Writer();
  switch (p.kind) {
    case "intake":
      body.text(p.lang);
      body.vector(p.answers, (w, [question, answer]) => w.text(question, longestKey).text(answer, longestKey), mostAnswers);
      body.text(measured(p.text, 0));
      break;
    case "text":
      body.text(measured(p.text, 1));
      break;
    case "receipt":
    case "history":
      body.uint64(p.seq).fixed(p.transcript, 32);
      break;
    case "phrase":
      body.text(p.key).vector(Object.entries(p.slots), (w, [slot, value]) => w.text(slotName(slot)).text(value));
      break;
    case "end":
      body.uint8(reason(p.reason));
      break;
  }
  const bytes = new Writer().uint8(codes[p.kind]).opaque(body.bytes()).bytes();
  const padded = new Uint8Array(bucketFor(codes[p.kind], bytes.length));
  padded.set(bytes);
  return padded;
}

/** Throws CodecError for an unknown kind, padding that is not zero, a length that is no bucket, or more padding than needed. */
export function decodePayload(bytes: Uint8Array): Payload {
  const outer = new Reader(bytes);
  const kind = outer.uint8();
  const r = new Reader(outer.opaque());
  if (bucketFor(kind, bytes.length - outer.left) !== bytes.length) throw new CodecError("not the smallest bucket");
  if (outer.fixed(outer.left).some((byte) => byte !== 0)) throw new CodecError("padding is not zero");
  const payload = readBody(kind, r);
  r.end();
  return payload;
}

function readBody(kind: number, r: Reader): Payload {
  switch (kind) {
    case codes.intake:
      return {
        kind: "intake", lang: r.text(),
        answers: r.vector((v): [string, string] => [v.text(longestKey), v.text(longestKey)], mostAnswers),
        text: measured(r.text(), 0),
      };
    case codes.text:
      return { kind: "text", text: measured(r.text(), 1) };
    case codes.receipt:
      return { kind: "receipt", seq: r.uint64(), transcript: r.fixed(32) };
    case codes.phrase:
      return { kind: "phrase", key: r.text(), slots: readSlots(r) };
    case codes.end:
      return { kind: "end", reason: reason(r.uint8()) };
    case codes.history:
      return { kind: "history", seq: r.uint64(), transcript: r.fixed(32) };
    default:
      throw new CodecError("unknown payload");
  }
}

function readSlots(r: Reader): Record<string, string> {
  const pairs = r.vector((v): [string, string] => [slotName(v.text()), v.text()]);
  const slots: Record<string, string> = Object.fromEntries(pairs);
  if (Object.keys(slots).length !== pairs.length) throw new CodecError("slot named twice");
  return slots;
}

/** A name that begins with a letter: an object keeps names of digits in another order than they came. */
function slotName(name: string): string {
  if (!/^[a-zA-Z]/.test(name)) throw new CodecError("slot without a name");
  return name;
}

function bucketFor(kind: number, length: number): number {
  const bucket = (kind === codes.intake ? intakeBuckets : buckets).find((b) => b >= length);
  if (bucket === undefined) throw new CodecError("larger than every bucket");
  return bucket;
}

function measured(text: string, least: number): string {
  let count = 0;
  for (const _ of text) count++;
  if (count < least || count > longestText) throw new CodecError("text of a forbidden length");
  return text;
}

function reason(value: number): 0 | 1 {
  if (value !== 0 && value !== 1) throw new CodecError("value without a meaning");
  return value;
}
