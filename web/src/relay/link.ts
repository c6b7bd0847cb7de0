import { CodecError } from "../wire/codec.ts";
import { Close } from "../wire/codes.gen.ts";
import { type ClientFrame, type RelayFrame, type StaffFrames, decodeFor, encodeFor } from "../wire/frames.ts";
import { type Pace, type Why, delayAfter, usualPace } from "./pace.ts";

/** A request without its `ref`, which the link chooses. */
export type Request = ClientFrame extends infer F ? (F extends ClientFrame ? Omit<F, "ref"> : never) : never;

/** What answers a request: ready, refused, attached, accepted, welcome or blob. */
export type Answer = Extract<RelayFrame, { readonly ref: number }>;

export type Hello = Extract<RelayFrame, { readonly kind: "hello" }>;

/** What the relay says unasked. */
export type Said = Extract<
  RelayFrame,
  { readonly kind: "entry" | "waiting" | "gone" | "presence" | "alarm" | "duty" | "roster" }
>;

/**
 * No answer will come on this connection. Whether the request arrived is not known: ask again with the same counter.
 */
export class NoAnswer extends Error {}

export interface LinkEvents {
  /** A new connection has said hello; requests may go out. Nothing of an earlier connection comes after this. */
  up(hello: Hello): void;
  /**
   * The connection is gone, or could not be made; another is tried, unless `final` names the close code that forbids
   * it.
   */
  down(final?: number): void;
  said(frame: Said): void;
}

/** One connection to the relay at a time, kept up until `stop`. */
export interface Link {
  readonly up: boolean;
  start(): void;
  /** Closes for good; whoever waits for an answer gets NoAnswer. */
  stop(): void;
  /** Closes this connection and makes another at once. */
  renew(): void;
  /** The network may be back, or may be gone: tries at once, or asks the relay for a sign of life. */
  hurry(): void;
  /** Resolves with the answer, a refusal too; rejects with NoAnswer or, for what cannot be encoded, CodecError. */
  request(request: Request): Promise<Answer>;
  /** The same for whoever must know what came first: it is called in the order of the frames, not a turn later. */
  ask(request: Request, told: (answer: Answer | NoAnswer | CodecError) => void): void;
  /**
   * Says these as the last words on an open connection and closes for good, all before it returns. Nobody waits for an
   * answer.
   */
  part(requests: readonly Request[]): void;
}

/** The part of WebSocket that the link uses. */
export interface Socket {
  binaryType: string;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(bytes: Uint8Array): void;
  close(): void;
}
export type SocketConstructor = new (url: string, protocol: string) => Socket;

const subprotocol = "utvag.1";
/** spec §3: requests that may be unanswered at once. */
const mostUnanswered = 16;

interface Waiter {
  readonly told: (answer: Answer | NoAnswer | CodecError) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** `url` is the address of `/relay`, with ws or wss. Throws nothing: what goes wrong is told as `down`. */
export function newLink(o: {
  readonly url: string;
  readonly events: LinkEvents;
  /** For a device. */
  readonly staff?: StaffFrames;
  readonly WebSocket?: SocketConstructor | undefined;
  readonly pace?: Partial<Pace> | undefined;
  readonly random?: () => number;
}): Link {
  const pace: Pace = { ...usualPace, ...o.pace };
  const random = o.random ?? Math.random;
  const Constructor = o.WebSocket ?? (globalThis.WebSocket as unknown as SocketConstructor);
  const unanswered = new Map<number, Waiter>();
  const queue: { readonly request: Request; readonly waiter: Waiter }[] = [];

  let running = false;
  let socket: Socket | undefined;
  let greeted = false;
  let attempt = 0;
  let lastRef = 0;
  let patient = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let helloTimer: ReturnType<typeof setTimeout> | undefined;
  let quietTimer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    patient = false;
    let made: Socket;
    try {
      made = new Constructor(o.url, subprotocol);
    } catch {
      lose("lost");
      return;
    }
    socket = made;
    made.binaryType = "arraybuffer";
    made.onopen = () => {
      if (socket === made && made.protocol !== subprotocol) lose("broken");
    };
    made.onmessage = (event: { data: unknown }) => {
      if (socket === made) receive(event.data);
    };
    made.onclose = (event: { code: number }) => {
      if (socket === made) closed(event.code);
    };
    made.onerror = () => undefined; // a close event follows, and says what there is to know
    helloTimer = setTimeout(() => lose("lost"), pace.hello);
  }

  function receive(bytes: unknown): void {
    let frame: RelayFrame;
    try {
      if (!(bytes instanceof ArrayBuffer)) throw new CodecError("not a binary message");
      frame = decodeFor(new Uint8Array(bytes), o.staff);
    } catch {
      lose("broken");
      return;
    }
    if (frame.kind === "hello") {
      if (greeted) return lose("broken");
      greeted = true;
      clearTimeout(helloTimer);
      quiet();
      o.events.up(frame);
      return;
    }
    if (!greeted) return lose("broken");
    if ("ref" in frame) {
      const waiter = unanswered.get(frame.ref);
      if (!waiter) return lose("broken");
      unanswered.delete(frame.ref);
      clearTimeout(waiter.timer);
      attempt = 0;
      waiter.told(frame);
      drainQueue();
      return;
    }
    o.events.said(frame);
  }

  /**
   * Every frame sent starts the silence anew (spec §9); a connection that answers no ping is dead, whatever TCP thinks.
   */
  function quiet(): void {
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => ping(pace.answer), pace.silence);
  }

  function ping(within: number): void {
    if (greeted) put({ kind: "ping" }, { told: () => undefined, timer: undefined }, within);
  }

  function put(request: Request, waiter: Waiter, within: number): void {
    do lastRef = lastRef === 0xffffffff ? 1 : lastRef + 1;
    while (unanswered.has(lastRef));
    const bytes = encodeFor({ ...request, ref: lastRef } as ClientFrame, o.staff);
    unanswered.set(lastRef, waiter);
    waiter.timer = setTimeout(() => lose("lost"), within);
    quiet();
    try {
      socket?.send(bytes);
    } catch {
      lose("lost");
    }
  }

  function drainQueue(): void {
    while (greeted && unanswered.size < mostUnanswered) {
      const next = queue.shift();
      if (!next) return;
      try {
        put(next.request, next.waiter, pace.answer);
      } catch (error) {
        next.waiter.told(error instanceof CodecError ? error : new NoAnswer());
      }
    }
  }

  function closed(code: number): void {
    if (code >= 4500 && code <= 4599) return lose("final", code);
    if (code === Close.drain) return lose("drain");
    if (code === Close.overloaded) return lose("overloaded");
    lose("lost");
  }

  function lose(why: Why, code?: number): void {
    drop();
    if (!running) return;
    if (why === "final") {
      running = false;
      deafen();
      o.events.down(code);
      return;
    }
    patient = why === "drain" || why === "overloaded" || why === "broken";
    retryTimer = setTimeout(connect, delayAfter(why, attempt++, pace, random()));
    o.events.down();
  }

  function drop(): void {
    clearTimeout(helloTimer);
    clearTimeout(quietTimer);
    clearTimeout(retryTimer);
    retryTimer = undefined;
    const old = socket;
    socket = undefined;
    greeted = false;
    try {
      old?.close();
    } catch {
      // Closing what is not open yet throws in some engines; it is dropped either way.
    }
    const waiters = [...unanswered.values(), ...queue.splice(0).map((q) => q.waiter)];
    unanswered.clear();
    for (const waiter of waiters) {
      clearTimeout(waiter.timer);
      waiter.told(new NoAnswer());
    }
  }

  function hurry(): void {
    if (!running) return;
    if (greeted) ping(pace.probe);
    else if (retryTimer !== undefined && !patient) {
      attempt = 0;
      connect();
    }
  }

  function visible(): void {
    if (globalThis.document?.visibilityState === "visible") hurry();
  }

  function listen(): void {
    globalThis.addEventListener?.("online", hurry);
    globalThis.document?.addEventListener("visibilitychange", visible);
  }

  function deafen(): void {
    globalThis.removeEventListener?.("online", hurry);
    globalThis.document?.removeEventListener("visibilitychange", visible);
  }

  function stop(): void {
    running = false;
    deafen();
    drop();
  }

  function ask(request: Request, told: Waiter["told"]): void {
    if (!greeted) return told(new NoAnswer());
    queue.push({ request, waiter: { told, timer: undefined } });
    drainQueue();
  }

  return {
    get up() {
      return greeted;
    },
    start() {
      if (running) return;
      running = true;
      attempt = 0;
      listen();
      connect();
    },
    stop,
    renew() {
      if (!running) return;
      drop();
      o.events.down();
      if (running) connect();
    },
    hurry,
    ask,
    part(requests) {
      if (greeted)
        for (const request of requests) put(request, { told: () => undefined, timer: undefined }, pace.answer);
      stop();
    },
    request(request) {
      return new Promise<Answer>((resolve, reject) => {
        ask(request, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
  };
}

/** The relay's WebSocket address for a page's origin. */
export function relayAddress(origin: string): string {
  return origin.replace(/^http/, "ws").replace(/\/+$/, "") + "/relay";
}
