import { hex, unhex } from "./bytes.ts";
import { CodecError, type Reader, Writer, decode } from "./codec.ts";
import { Kind, Limit } from "./codes.gen.ts";
import { type Reach, getReach, putReach } from "./reach.ts";
import { type DutyFrame, getDuty, getShift, putDuty, putShift } from "./duty.ts";

/** spec/protocol.md §2. Where seq is 0, the tag is zeros. */
export interface Cursor {
  /** 16 bytes. */
  readonly incarnation: Uint8Array;
  readonly seq: bigint;
  /** 8 bytes. */
  readonly tag: Uint8Array;
}

/** A device's id: 16 lower-case hex digits. */
export type DeviceId = string;

export interface DatedKeyPackage {
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  readonly keyPackage: Uint8Array;
}

/** 0: live conversation, 1: left message. */
export type Retention = 0 | 1;

/**
 * 1 ended by the visitor, 2 by staff, 3 expired or lost, 4 this slot was closed, 5 attached elsewhere, 6 the visitor
 * left quickly.
 */
export type GoneReason = 1 | 2 | 3 | 4 | 5 | 6;

/**
 * How long a blob is kept after it was last put. 0: a half key, for minutes; 1: sealed state, as long as a left
 * message.
 */
export type BlobKeep = 0 | 1;

/** Of the visitor: 0 away, 1 here, 2 left quickly. Of staff: 0 nobody is connected who may answer, 1 somebody is. */
export type PresenceState = 0 | 1 | 2;

/**
 * 0 nothing to tell, 1 a person has said that they will answer (to devices only), 2 everybody was called and nobody has
 * come.
 */
export type AlarmState = 0 | 1 | 2;

/** Requests (spec §3.1). `ref` is not 0. Mailboxes and slots are 32 bytes. */
export type ClientFrame =
  | { readonly kind: "login"; readonly ref: number; readonly device: DeviceId; readonly signature: Uint8Array }
  | {
      readonly kind: "open";
      readonly ref: number;
      readonly mailbox: Uint8Array;
      readonly slot: Uint8Array;
      readonly retention: Retention;
      readonly devices: readonly DeviceId[];
      /** The nonces that solve the puzzle (spec §6.4); empty where an opening costs nothing. */
      readonly work: Uint8Array;
      readonly welcome: Uint8Array;
      readonly message: Uint8Array;
    }
  | {
      readonly kind: "attach";
      readonly ref: number;
      readonly mailbox: Uint8Array;
      readonly capability: Uint8Array;
      readonly cursor: Cursor;
    }
  | {
      readonly kind: "send";
      readonly ref: number;
      readonly mailbox: Uint8Array;
      readonly counter: bigint;
      readonly opens: readonly DeviceId[];
      readonly closes: readonly DeviceId[];
      readonly welcome: Uint8Array;
      readonly message: Uint8Array;
    }
  | { readonly kind: "advance"; readonly ref: number; readonly mailbox: Uint8Array; readonly cursor: Cursor }
  | {
      readonly kind: "end";
      readonly ref: number;
      readonly mailbox: Uint8Array;
      readonly counter: bigint;
      /** The last entry that a device has decrypted; the visitor's is not looked at. */
      readonly read: Cursor;
      readonly message: Uint8Array;
    }
  | { readonly kind: "publish"; readonly ref: number; readonly keyPackages: readonly DatedKeyPackage[] }
  | { readonly kind: "fetch"; readonly ref: number; readonly mailbox: Uint8Array }
  | { readonly kind: "ping"; readonly ref: number }
  | { readonly kind: "resolve"; readonly ref: number; readonly mailbox: Uint8Array; readonly cursor: Cursor }
  | {
      /** Locator and capability are 32 bytes. Version 1 makes the blob; n + 1 replaces exactly n. */
      readonly kind: "put";
      readonly ref: number;
      readonly locator: Uint8Array;
      readonly capability: Uint8Array;
      readonly version: bigint;
      readonly keep: BlobKeep;
      readonly blob: Uint8Array;
    }
  | { readonly kind: "get"; readonly ref: number; readonly locator: Uint8Array }
  | { readonly kind: "drop"; readonly ref: number; readonly locator: Uint8Array; readonly capability: Uint8Array }
  /** 1: nothing is kept. */
  | { readonly kind: "leave"; readonly ref: number; readonly mailbox: Uint8Array; readonly erase: 0 | 1 }
  | { readonly kind: "keep" | "acknowledge"; readonly ref: number; readonly mailbox: Uint8Array }
  | ({ readonly kind: "reach"; readonly ref: number } & Reach)
  /** 0 ends, 1 begins, 2 pauses the shift; minutes of a pause: 1 to 120, else 0. */
  | { readonly kind: "shift"; readonly ref: number; readonly state: 0 | 1 | 2; readonly minutes: number };

/** What the relay says (spec §3.2). Times are Unix seconds. */
export type RelayFrame =
  | { readonly kind: "hello"; readonly nonce: Uint8Array; readonly time: bigint; readonly kommun: string }
  | { readonly kind: "ready"; readonly ref: number }
  | { readonly kind: "refused"; readonly ref: number; readonly code: number; readonly detail: bigint }
  | {
      readonly kind: "attached";
      readonly ref: number;
      readonly mailbox: Uint8Array;
      readonly slot: number;
      readonly head: Cursor;
      readonly epoch: bigint;
      readonly counter: bigint;
    }
  | { readonly kind: "accepted"; readonly ref: number; readonly counter: bigint; readonly cursor: Cursor }
  | {
      readonly kind: "entry";
      readonly mailbox: Uint8Array;
      readonly seq: bigint;
      readonly tag: Uint8Array;
      readonly slot: number;
      readonly counter: bigint;
      readonly message: Uint8Array;
    }
  /** `from`: the entry that opened the device's current slot; all zero for an opening. */
  | { readonly kind: "welcome"; readonly ref: number; readonly from: Cursor; readonly welcome: Uint8Array }
  | { readonly kind: "waiting"; readonly mailbox: Uint8Array; readonly since: bigint }
  | { readonly kind: "gone"; readonly mailbox: Uint8Array; readonly reason: GoneReason }
  | { readonly kind: "blob"; readonly ref: number; readonly version: bigint; readonly blob: Uint8Array }
  | { readonly kind: "presence"; readonly mailbox: Uint8Array; readonly state: PresenceState }
  | { readonly kind: "alarm"; readonly mailbox: Uint8Array; readonly state: AlarmState }
  | DutyFrame
  /** The relay has taken up a roster with this serial. */
  | { readonly kind: "roster"; readonly serial: bigint };

/** The cursor «from the beginning, in whatever incarnation». */
export const beginning: Cursor = { incarnation: new Uint8Array(16), seq: 0n, tag: new Uint8Array(8) };

/** What only devices say, and are told. The visitor's page does not carry it. */
export interface StaffFrames {
  put(w: Writer, f: ClientFrame): void;
  /** Undefined: no such kind. */
  get(r: Reader, kind: number): RelayFrame | undefined;
}

export const staffFrames: StaffFrames = {
  put(w, f) {
    switch (f.kind) {
      case "login":
        putDevice(w, f.device);
        w.opaque(f.signature);
        break;
      case "publish":
        w.vector(f.keyPackages, (v, k) => v.uint32(k.day).opaque(k.keyPackage, Limit.key_package), Limit.key_packages);
        break;
      case "fetch":
      case "acknowledge":
        w.fixed(f.mailbox, 32);
        break;
      case "shift":
        putShift(w, f);
        break;
      case "reach":
        putReach(w, f);
        break;
    }
  },
  get(r, kind) {
    switch (kind) {
      case Kind.welcome:
        return { kind: "welcome", ref: getRef(r), from: getCursor(r), welcome: r.opaque(Limit.welcome) };
      case Kind.waiting:
        return { kind: "waiting", mailbox: r.fixed(32), since: r.uint64() };
      case Kind.duty:
        return { kind: "duty", ...getDuty(r) };
      default:
        return undefined;
    }
  },
};

/** Bytes of any request; as `encodeFor`. */
export function encodeFrame(f: ClientFrame): Uint8Array {
  return encodeFor(f, staffFrames);
}

/** Anything that the relay says; as `decodeFor`. */
export function decodeFrame(bytes: Uint8Array): RelayFrame {
  return decodeFor(bytes, staffFrames);
}

/**
 * Bytes of a request. Throws CodecError when a field has no encoding or is over a limit of §9, or the request is not
 * for a visitor.
 */
export function encodeFor(f: ClientFrame, staff: StaffFrames | undefined): Uint8Array {
  const w = new Writer().uint8(Kind[f.kind]);
  putRef(w, f.ref);
  switch (f.kind) {
    case "open":
      w.fixed(f.mailbox, 32)
        .fixed(f.slot, 32)
        .uint8(within(f.retention, 0, 1));
      w.vector(f.devices, putDevice, Limit.devices).opaque(f.work, Limit.work);
      w.opaque(f.welcome, Limit.welcome).opaque(f.message, Limit.application);
      break;
    case "attach":
      w.fixed(f.mailbox, 32).opaque(capability(f.capability));
      putCursor(w, f.cursor);
      break;
    case "send":
      w.fixed(f.mailbox, 32).uint64(f.counter);
      w.vector(f.opens, putDevice, Limit.devices).vector(f.closes, putDevice, Limit.devices);
      w.opaque(f.welcome, Limit.welcome).opaque(f.message, Limit.commit);
      break;
    case "advance":
    case "resolve":
      putCursor(w.fixed(f.mailbox, 32), f.cursor);
      break;
    case "end":
      putCursor(w.fixed(f.mailbox, 32).uint64(f.counter), f.read);
      w.opaque(f.message, Limit.application);
      break;
    case "ping":
      break;
    case "put":
      w.fixed(f.locator, 32)
        .fixed(f.capability, 32)
        .uint64(version(f.version))
        .uint8(within(f.keep, 0, 1))
        .opaque(f.blob, blobLimit(f.keep));
      break;
    case "get":
      w.fixed(f.locator, 32);
      break;
    case "drop":
      w.fixed(f.locator, 32).fixed(f.capability, 32);
      break;
    case "leave":
      w.fixed(f.mailbox, 32).uint8(within(f.erase, 0, 1));
      break;
    case "keep":
      w.fixed(f.mailbox, 32);
      break;
    default:
      if (!staff) throw new CodecError("a request of staff");
      staff.put(w, f);
  }
  return measured(w.bytes());
}

/** A blob needs a longer frame than what travels in a conversation. */
function measured(bytes: Uint8Array): Uint8Array {
  if (bytes.length > (bytes[0] === Kind.put ? Limit.put : Limit.frame)) throw new CodecError("frame over its limit");
  return bytes;
}

/** A request from its bytes; throws CodecError. A client never needs it: it is here to be judged by the vectors. */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  return decode(measured(bytes), (r): ClientFrame => {
    const kind = r.uint8();
    switch (kind) {
      case Kind.login:
        return { kind: "login", ref: getRef(r), device: getDevice(r), signature: r.opaque() };
      case Kind.open:
        return {
          kind: "open",
          ref: getRef(r),
          mailbox: r.fixed(32),
          slot: r.fixed(32),
          retention: within(r.uint8(), 0, 1) as Retention,
          devices: r.vector(getDevice, Limit.devices),
          work: r.opaque(Limit.work),
          welcome: r.opaque(Limit.welcome),
          message: r.opaque(Limit.application),
        };
      case Kind.attach:
        return {
          kind: "attach",
          ref: getRef(r),
          mailbox: r.fixed(32),
          capability: capability(r.opaque()),
          cursor: getCursor(r),
        };
      case Kind.send:
        return {
          kind: "send",
          ref: getRef(r),
          mailbox: r.fixed(32),
          counter: r.uint64(),
          opens: r.vector(getDevice, Limit.devices),
          closes: r.vector(getDevice, Limit.devices),
          welcome: r.opaque(Limit.welcome),
          message: r.opaque(Limit.commit),
        };
      case Kind.advance:
        return { kind: "advance", ref: getRef(r), mailbox: r.fixed(32), cursor: getCursor(r) };
      case Kind.end:
        return {
          kind: "end",
          ref: getRef(r),
          mailbox: r.fixed(32),
          counter: r.uint64(),
          read: getCursor(r),
          message: r.opaque(Limit.application),
        };
      case Kind.publish:
        return {
          kind: "publish",
          ref: getRef(r),
          keyPackages: r.vector(
            (v) => ({ day: v.uint32(), keyPackage: v.opaque(Limit.key_package) }),
            Limit.key_packages,
          ),
        };
      case Kind.fetch:
        return { kind: "fetch", ref: getRef(r), mailbox: r.fixed(32) };
      case Kind.ping:
        return { kind: "ping", ref: getRef(r) };
      case Kind.resolve:
        return { kind: "resolve", ref: getRef(r), mailbox: r.fixed(32), cursor: getCursor(r) };
      case Kind.put: {
        const head = {
          kind: "put" as const,
          ref: getRef(r),
          locator: r.fixed(32),
          capability: r.fixed(32),
          version: version(r.uint64()),
        };
        const keep = within(r.uint8(), 0, 1) as BlobKeep;
        return { ...head, keep, blob: r.opaque(blobLimit(keep)) };
      }
      case Kind.get:
        return { kind: "get", ref: getRef(r), locator: r.fixed(32) };
      case Kind.drop:
        return { kind: "drop", ref: getRef(r), locator: r.fixed(32), capability: r.fixed(32) };
      case Kind.leave:
        return { kind: "leave", ref: getRef(r), mailbox: r.fixed(32), erase: within(r.uint8(), 0, 1) as 0 | 1 };
      case Kind.keep:
        return { kind: "keep", ref: getRef(r), mailbox: r.fixed(32) };
      case Kind.acknowledge:
        return { kind: "acknowledge", ref: getRef(r), mailbox: r.fixed(32) };
      case Kind.reach:
        return { kind: "reach", ref: getRef(r), ...getReach(r) };
      case Kind.shift:
        return { kind: "shift", ref: getRef(r), ...getShift(r) };
      default:
        throw new CodecError("unknown kind");
    }
  });
}

/** What the relay said; throws CodecError. Without `staff` it knows what visitors are told. */
export function decodeFor(bytes: Uint8Array, staff: StaffFrames | undefined): RelayFrame {
  return decode(bytes, (r): RelayFrame => {
    const kind = r.uint8();
    switch (kind) {
      case Kind.hello:
        return { kind: "hello", nonce: r.fixed(32), time: r.uint64(), kommun: r.text() };
      case Kind.ready:
        return { kind: "ready", ref: getRef(r) };
      case Kind.refused:
        return { kind: "refused", ref: r.uint32(), code: r.uint16(), detail: r.uint64() };
      case Kind.attached:
        return {
          kind: "attached",
          ref: getRef(r),
          mailbox: r.fixed(32),
          slot: r.uint16(),
          head: getCursor(r),
          epoch: r.uint64(),
          counter: r.uint64(),
        };
      case Kind.accepted:
        return { kind: "accepted", ref: getRef(r), counter: r.uint64(), cursor: getCursor(r) };
      case Kind.entry:
        return {
          kind: "entry",
          mailbox: r.fixed(32),
          seq: r.uint64(),
          tag: r.fixed(8),
          slot: r.uint16(),
          counter: r.uint64(),
          message: r.opaque(Limit.commit),
        };
      case Kind.gone:
        return { kind: "gone", mailbox: r.fixed(32), reason: within(r.uint8(), 1, 6) as GoneReason };
      case Kind.blob:
        return { kind: "blob", ref: getRef(r), version: version(r.uint64()), blob: r.opaque(Limit.blob) };
      case Kind.presence:
        return { kind: "presence", mailbox: r.fixed(32), state: within(r.uint8(), 0, 2) as PresenceState };
      case Kind.alarm:
        return { kind: "alarm", mailbox: r.fixed(32), state: within(r.uint8(), 0, 2) as AlarmState };
      case Kind.roster:
        return { kind: "roster", serial: version(r.uint64()) };
      default: {
        const frame = staff?.get(r, kind);
        if (!frame) throw new CodecError("unknown kind");
        return frame;
      }
    }
  });
}

/** Bytes of a relay's frame; throws CodecError. For the vectors and for relays in tests. */
export function encodeRelayFrame(f: RelayFrame): Uint8Array {
  const w = new Writer().uint8(Kind[f.kind]);
  switch (f.kind) {
    case "hello":
      w.fixed(f.nonce, 32).uint64(f.time).text(f.kommun);
      break;
    case "ready":
      putRef(w, f.ref);
      break;
    case "refused":
      w.uint32(f.ref).uint16(f.code).uint64(f.detail);
      break;
    case "attached":
      putRef(w, f.ref);
      putCursor(w.fixed(f.mailbox, 32).uint16(f.slot), f.head);
      w.uint64(f.epoch).uint64(f.counter);
      break;
    case "accepted":
      putRef(w, f.ref);
      putCursor(w.uint64(f.counter), f.cursor);
      break;
    case "entry":
      w.fixed(f.mailbox, 32)
        .uint64(f.seq)
        .fixed(f.tag, 8)
        .uint16(f.slot)
        .uint64(f.counter)
        .opaque(f.message, Limit.commit);
      break;
    case "welcome":
      putRef(w, f.ref);
      putCursor(w, f.from);
      w.opaque(f.welcome, Limit.welcome);
      break;
    case "waiting":
      w.fixed(f.mailbox, 32).uint64(f.since);
      break;
    case "gone":
      w.fixed(f.mailbox, 32).uint8(within(f.reason, 1, 6));
      break;
    case "blob":
      putRef(w, f.ref);
      w.uint64(version(f.version)).opaque(f.blob, Limit.blob);
      break;
    case "presence":
    case "alarm":
      w.fixed(f.mailbox, 32).uint8(within(f.state, 0, 2));
      break;
    case "duty":
      putDuty(w, f);
      break;
    case "roster":
      w.uint64(version(f.serial));
      break;
  }
  return w.bytes();
}

/** A logged-in device shows none. */
function capability(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 0 && bytes.length !== 32) throw new CodecError("capability of another length");
  return bytes;
}

function blobLimit(keep: BlobKeep): number {
  return keep === 1 ? Limit.blob : Limit.half_key;
}

/** The first version of a blob is 1, and so is the first serial of a roster. */
function version(value: bigint): bigint {
  if (value === 0n) throw new CodecError("value without a meaning");
  return value;
}

function within(value: number, lowest: number, highest: number): number {
  if (value < lowest || value > highest) throw new CodecError("value without a meaning");
  return value;
}

function putRef(w: Writer, ref: number): void {
  w.uint32(within(ref, 1, 0xffffffff));
}

function getRef(r: Reader): number {
  return within(r.uint32(), 1, 0xffffffff);
}

function putDevice(w: Writer, id: DeviceId): void {
  const bytes = unhex(id);
  if (!bytes) throw new CodecError("device id is not hex");
  w.fixed(bytes, 8);
}

function getDevice(r: Reader): DeviceId {
  return hex(r.fixed(8));
}

function putCursor(w: Writer, cursor: Cursor): void {
  w.fixed(cursor.incarnation, 16).uint64(cursor.seq).fixed(cursor.tag, 8);
}

function getCursor(r: Reader): Cursor {
  return { incarnation: r.fixed(16), seq: r.uint64(), tag: r.fixed(8) };
}
