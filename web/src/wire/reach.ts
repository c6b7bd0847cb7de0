import { CodecError, type Reader, Writer, decode } from "./codec.ts";
import { Limit } from "./codes.gen.ts";

/** What a device wants of the alarm channels (spec §5.12). */
export const Wish = { ask: 0, on: 1, off: 2, test: 3, confirm: 4 } as const;

/** What a wish has no use for is empty. */
export interface Reach {
  readonly wish: number;
  /** For test and confirm. */
  readonly channel: string;
  /** For on: a push subscription. */
  readonly endpoint: string;
  readonly key: Uint8Array;
  readonly secret: Uint8Array;
}

/** 0 nothing was tried lately, 1 sending, 2 accepted by whoever carries it, 3 failed. */
export type ChannelState = 0 | 1 | 2 | 3;

/** The answer to ask: a blob of version 1. */
export interface Reachable {
  /** What a browser subscribes with; empty where there is no Web Push. */
  readonly pushKey: Uint8Array;
  /** 1: this device is woken. */
  readonly subscribed: 0 | 1;
  /** Tested: Unix seconds of the last word that it was heard, 0 for never or too long ago. */
  readonly channels: readonly { readonly name: string; readonly tested: bigint; readonly state: ChannelState }[];
}

const keySize = 65;
const secretSize = 16;

export function putReach(w: Writer, f: Reach): void {
  check(f);
  w.uint8(f.wish)
    .text(f.channel, Limit.channel)
    .text(f.endpoint, Limit.endpoint)
    .opaque(f.key, keySize)
    .opaque(f.secret, secretSize);
}

export function getReach(r: Reader): Reach {
  const f = {
    wish: r.uint8(),
    channel: r.text(Limit.channel),
    endpoint: r.text(Limit.endpoint),
    key: r.opaque(keySize),
    secret: r.opaque(secretSize),
  };
  check(f);
  return f;
}

function check(f: Reach): void {
  const on = f.wish === Wish.on;
  const named = f.wish === Wish.test || f.wish === Wish.confirm;
  const whole = on
    ? f.key.length === keySize && f.secret.length === secretSize
    : f.key.length === 0 && f.secret.length === 0;
  if (f.wish > Wish.confirm || named !== (f.channel !== "") || on !== (f.endpoint !== "") || !whole)
    throw new CodecError("value without a meaning");
}

/** Throws CodecError. */
export function decodeReachable(bytes: Uint8Array): Reachable {
  return decode(bytes, (r) => {
    const pushKey = r.opaque(keySize);
    const subscribed = r.uint8();
    const channels = r.vector(
      (v) => ({ name: v.text(Limit.channel), tested: v.uint64(), state: v.uint8() as ChannelState }),
      Limit.channels,
    );
    const answer = { pushKey, subscribed: subscribed as 0 | 1, channels };
    checkReachable(answer);
    return answer;
  });
}

/** For the vectors and for relays in tests. */
export function encodeReachable(a: Reachable): Uint8Array {
  checkReachable(a);
  return new Writer()
    .opaque(a.pushKey, keySize)
    .uint8(a.subscribed)
    .vector(a.channels, (w, c) => w.text(c.name, Limit.channel).uint64(c.tested).uint8(c.state), Limit.channels)
    .bytes();
}

function checkReachable(a: Reachable): void {
  const names = new Set(a.channels.map((c) => c.name));
  const known =
    a.subscribed <= 1 &&
    a.channels.every((c) => c.state <= 3) &&
    (a.pushKey.length === 0 || a.pushKey.length === keySize);
  if (!known || names.size !== a.channels.length || names.has("")) throw new CodecError("value without a meaning");
}
