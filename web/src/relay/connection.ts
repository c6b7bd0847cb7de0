import { CodecError } from "../wire/codec.ts";
import { type RelayFrame, type StaffFrames, decodeFor, encodeFor } from "../wire/frames.ts";
import { NoAnswer, type Request, type Told, newUnanswered } from "./unanswered.ts";
import type { Pace } from "./pace.ts";

export type Hello = Extract<RelayFrame, { readonly kind: "hello" }>;

/** What the relay says unasked. */
export type Pushed = Extract<
  RelayFrame,
  { readonly kind: "entry" | "waiting" | "gone" | "presence" | "alarm" | "duty" | "roster" }
>;

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

/** How a connection went: the code of a close that the relay made; else it was cut, or spoke another protocol. */
export type Lost = number | "cut" | "broken";

export interface ConnectionEvents {
  up(hello: Hello): void;
  pushed(frame: Pushed): void;
  /** A request was answered, which only a relay that works does. */
  answered(): void;
  /** It is gone by itself; `drop` is the way to let it go. Nothing comes after this. */
  lost(why: Lost): void;
}

/** One socket, from its opening to its end. */
export interface Connection {
  /** The relay has said hello. */
  readonly greeted: boolean;
  ask(request: Request, told: Told): void;
  /** Puts a request on the socket now, whatever is unanswered; nobody is told. */
  put(request: Request, within: number): void;
  /** Lets it go; whoever waits for an answer gets NoAnswer. */
  drop(): void;
}

/** Throws what the browser throws where it makes no socket for such an address. */
export function connect(o: {
  readonly url: string;
  readonly events: ConnectionEvents;
  readonly staff?: StaffFrames | undefined;
  readonly WebSocket: SocketConstructor;
  readonly pace: Pace;
}): Connection {
  const { events, pace } = o;
  const socket = new o.WebSocket(o.url, subprotocol);
  const requests = newUnanswered({
    encode: (frame) => encodeFor(frame, o.staff),
    send,
    late: () => lose("cut"),
    answer: pace.answer,
  });
  let over = false;
  let greeted = false;
  let quietTimer: ReturnType<typeof setTimeout> | undefined;
  const helloTimer = setTimeout(() => lose("cut"), pace.hello);

  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    if (!over && socket.protocol !== subprotocol) lose("broken");
  };
  socket.onmessage = (event: { data: unknown }) => {
    if (!over) receive(event.data);
  };
  socket.onclose = (event: { code: number }) => {
    if (!over) lose(event.code);
  };
  socket.onerror = () => undefined; // a close event follows, and says what there is to know

  function receive(bytes: unknown): void {
    let frame: RelayFrame;
    try {
      if (!(bytes instanceof ArrayBuffer)) throw new CodecError("not a binary message");
      frame = decodeFor(new Uint8Array(bytes), o.staff);
    } catch {
      lose("broken");
      return;
    }
    if ((frame.kind === "hello") === greeted) return lose("broken");
    if (frame.kind === "hello") {
      greeted = true;
      clearTimeout(helloTimer);
      quiet();
      events.up(frame);
    } else if ("ref" in frame) {
      const told = requests.take(frame.ref);
      if (!told) return lose("broken");
      events.answered();
      told(frame);
      if (!over) requests.drain();
    } else events.pushed(frame);
  }

  function send(bytes: Uint8Array): void {
    quiet();
    try {
      socket.send(bytes);
    } catch {
      lose("cut");
    }
  }

  /**
   * Every frame sent starts the silence anew (spec §9); a connection that answers no ping is dead, whatever TCP thinks.
   */
  function quiet(): void {
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => put({ kind: "ping" }, pace.answer), pace.silence);
  }

  function put(request: Request, within: number): void {
    requests.put(request, () => undefined, within);
  }

  function lose(why: Lost): void {
    drop();
    events.lost(why);
  }

  function drop(): void {
    if (over) return;
    over = true;
    greeted = false;
    clearTimeout(helloTimer);
    clearTimeout(quietTimer);
    try {
      socket.close();
    } catch {
      // Closing what is not open yet throws in some engines; it is dropped either way.
    }
    requests.forget();
  }

  return {
    get greeted() {
      return greeted;
    },
    ask(request, told) {
      if (!greeted) return told(new NoAnswer());
      requests.ask(request, told);
    },
    put,
    drop,
  };
}
