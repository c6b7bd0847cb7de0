import { hex, unhex } from "./bytes.ts";
import { CodecError, Reader, Writer } from "./codec.ts";

/** What is inside an application message (spec §8). */
export type Payload =
  | {
      readonly kind: "intake";
      readonly lang: string;
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
  | { readonly kind: "end"; readonly reason: 0 }
  /**
   * From the visitor to whoever a commit has just added. `transcript` is 32 bytes: T(seq), from which a joiner goes
   * on.
   */
  | {
      readonly kind: "history";
      readonly seq: bigint;
      readonly transcript: Uint8Array;
      /** Who answers and stays: none or one, by its id. */
      readonly claimer: readonly string[];
    }
  /**
   * The thread before that, in as many of these as it needs. Where the intake stands in another of them, `lang` is
   * empty.
   */
  | {
      readonly kind: "shared";
      readonly lang: string;
      readonly answers: readonly (readonly [string, string])[];
      readonly lines: readonly SharedLine[];
    }
  | Proposal
  /** From the visitor to a proposal: 0 no, 1 it cannot be. Yes is a commit. */
  | { readonly kind: "verdict"; readonly nonce: Uint8Array; readonly verdict: number };

/** From the claimer: somebody whom the visitor may let in. */
export interface Proposal {
  readonly kind: "proposal";
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
  readonly reason: number;
  /** Unix seconds at which it is void. */
  readonly until: bigint;
  /** Another kommun's id with `Reason.kommun`; else empty. */
  readonly kommun: string;
  /** One id, or none where it is withdrawn or puts back. */
  readonly devices: readonly string[];
}

/** Why somebody is to be let in (spec §8, «Proposals»). */
export const Reason = { withdrawn: 0, colleague: 1, shift: 2, back: 3, kommun: 4 } as const;

/**
 * What was said, as the visitor's page shows it. The alias is that of the device; the visitor has none. At most 40
 * characters.
 */
export type SharedLine = { readonly from: "visitor" | "staff"; readonly alias: string } & (
  | { readonly text: string }
  | { readonly key: string; readonly slots: Readonly<Record<string, string>> }
);

/** A length in this list tells the relay nothing more than which of seven sizes. */
const buckets = [256, 512, 1024, 2048, 4096, 8192, 16384] as const;

/** The length of an intake or of a thread would tell how much was answered: it has fewer sizes. */
const wideBuckets = [4096, 8192, 16384] as const;

const codes = {
  intake: 1,
  text: 2,
  receipt: 3,
  phrase: 4,
  end: 5,
  history: 6,
  shared: 7,
  proposal: 8,
  verdict: 9,
} as const;

const maxAnswers = 32;
/** Bytes of a question key or an answer key. */
const longestKey = 64;
/** Characters of an alias, as in a roster. */
const longestAlias = 40;

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
      putAnswers(body.text(p.lang), p.answers).text(measured(p.text, 0));
      break;
    case "text":
      body.text(measured(p.text, 1));
      break;
    case "receipt":
      body.uint64(p.seq).fixed(p.transcript, 32);
      break;
    case "history":
      putDevices(body.uint64(p.seq).fixed(p.transcript, 32), p.claimer);
      break;
    case "proposal":
      putDevices(body.fixed(p.nonce, 16).uint8(sensible(p).reason).uint64(p.until).text(p.kommun), p.devices);
      break;
    case "verdict":
      body.fixed(p.nonce, 16).uint8(bit(p.verdict));
      break;
    case "phrase":
      putPhrase(body, p);
      break;
    case "end":
      body.uint8(reason(p.reason));
      break;
    case "shared":
      putAnswers(body.text(p.lang), p.answers).vector(p.lines, putLine);
      break;
  }
  const bytes = new Writer().uint8(codes[p.kind]).opaque(body.bytes()).bytes();
  const padded = new Uint8Array(bucketFor(codes[p.kind], bytes.length));
  padded.set(bytes);
  return padded;
}

/**
 * Throws CodecError for an unknown kind, padding that is not zero, a length that is no bucket, or more padding than
 * needed.
 */
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
        kind: "intake",
        lang: r.text(),
        answers: getAnswers(r),
        text: measured(r.text(), 0),
      };
    case codes.text:
      return { kind: "text", text: measured(r.text(), 1) };
    case codes.receipt:
      return { kind: "receipt", seq: r.uint64(), transcript: r.fixed(32) };
    case codes.phrase:
      return { kind: "phrase", ...getPhrase(r) };
    case codes.end:
      return { kind: "end", reason: reason(r.uint8()) };
    case codes.history:
      return { kind: "history", seq: r.uint64(), transcript: r.fixed(32), claimer: getDevices(r) };
    case codes.proposal:
      return sensible({
        kind: "proposal",
        nonce: r.fixed(16),
        reason: r.uint8(),
        until: r.uint64(),
        kommun: r.text(),
        devices: getDevices(r),
      });
    case codes.verdict:
      return { kind: "verdict", nonce: r.fixed(16), verdict: bit(r.uint8()) };
    case codes.shared:
      return { kind: "shared", lang: r.text(), answers: getAnswers(r), lines: r.vector(getLine) };
    default:
      throw new CodecError("unknown payload");
  }
}

function putDevices(w: Writer, devices: readonly string[]): void {
  w.vector(devices, (v, device) => v.fixed(unhex(device) ?? new Uint8Array(), 8), 1);
}

function getDevices(r: Reader): string[] {
  return r.vector((v) => hex(v.fixed(8)), 1);
}

/** A reason that has a meaning, with a device and a kommun just where it needs them. */
function sensible(p: Proposal): Proposal {
  const { reason, devices, kommun } = p;
  const one = reason === Reason.colleague || reason === Reason.shift || reason === Reason.kommun;
  const named = reason === Reason.kommun ? /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/ : /^$/;
  if (reason > Reason.kommun || devices.length !== Number(one) || !named.test(kommun))
    throw new CodecError("value without a meaning");
  return p;
}

type Answers = readonly (readonly [string, string])[];
type Phrase = { readonly key: string; readonly slots: Readonly<Record<string, string>> };

function putAnswers(w: Writer, answers: Answers): Writer {
  return w.vector(
    answers,
    (v, [question, answer]) => v.text(question, longestKey).text(answer, longestKey),
    maxAnswers,
  );
}

function getAnswers(r: Reader): [string, string][] {
  return r.vector((v): [string, string] => [v.text(longestKey), v.text(longestKey)], maxAnswers);
}

function putPhrase(w: Writer, p: Phrase): void {
  w.text(p.key).vector(Object.entries(p.slots), (v, [slot, value]) => v.text(slotName(slot)).text(value));
}

function getPhrase(r: Reader): Phrase {
  return { key: r.text(), slots: readSlots(r) };
}

function putLine(w: Writer, line: SharedLine): void {
  w.uint8(line.from === "visitor" ? 0 : 1).text(alias(line.from, line.alias));
  if ("text" in line) w.uint8(0).text(measured(line.text, 1));
  else putPhrase(w.uint8(1), line);
}

function getLine(r: Reader): SharedLine {
  const from = bit(r.uint8()) === 0 ? "visitor" : "staff";
  const head = { from, alias: alias(from, r.text()) } as const;
  return bit(r.uint8()) === 0 ? { ...head, text: measured(r.text(), 1) } : { ...head, ...getPhrase(r) };
}

function alias(from: SharedLine["from"], text: string): string {
  return measured(text, 0, from === "visitor" ? 0 : longestAlias);
}

function bit(value: number): number {
  if (value > 1) throw new CodecError("value without a meaning");
  return value;
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
  const bucket = (kind === codes.intake || kind === codes.shared ? wideBuckets : buckets).find((b) => b >= length);
  if (bucket === undefined) throw new CodecError("larger than every bucket");
  return bucket;
}

function measured(text: string, least: number, most = longestText): string {
  let count = 0;
  for (const _ of text) count++;
  if (count < least || count > most) throw new CodecError("text of a forbidden length");
  return text;
}

function reason(value: number): 0 {
  if (value !== 0) throw new CodecError("value without a meaning");
  return value;
}
