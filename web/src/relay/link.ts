import { Close } from "../wire/codes.gen.ts";
import type { StaffFrames } from "../wire/frames.ts";
import { type Connection, type Hello, type Lost, type Said, type SocketConstructor, connect } from "./connection.ts";
import { type Pace, type Why, delayAfter, usualPace } from "./pace.ts";
import { type Answer, NoAnswer, type Request, type Told } from "./unanswered.ts";

export type { Answer, Hello, Request, Said, SocketConstructor };
export type { Socket } from "./connection.ts";
export { NoAnswer };

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
  ask(request: Request, told: Told): void;
  /**
   * Says these as the last words on an open connection and closes for good, all before it returns. Nobody waits for an
   * answer.
   */
  part(requests: readonly Request[]): void;
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
  const signs = watchNetwork(hurry);

  let running = false;
  let connection: Connection | undefined;
  let attempt = 0;
  let patient = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  function begin(): void {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    patient = false;
    try {
      const made = connect({
        url: o.url,
        staff: o.staff,
        WebSocket: Constructor,
        pace,
        events: {
          up: (hello) => o.events.up(hello),
          said: (frame) => o.events.said(frame),
          answered() {
            attempt = 0;
          },
          lost(how) {
            if (connection === made) lost(how);
          },
        },
      });
      connection = made;
    } catch {
      lost("cut");
    }
  }

  function lost(how: Lost): void {
    drop();
    if (!running) return;
    const why = whyOf(how);
    if (why === "final") {
      running = false;
      signs.ignore();
      o.events.down(how as number);
      return;
    }
    patient = why === "drain" || why === "overloaded" || why === "broken";
    retryTimer = setTimeout(begin, delayAfter(why, attempt++, pace, random()));
    o.events.down();
  }

  function drop(): void {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    const old = connection;
    connection = undefined;
    old?.drop();
  }

  function hurry(): void {
    if (!running) return;
    if (connection?.greeted) connection.put({ kind: "ping" }, pace.probe);
    else if (retryTimer !== undefined && !patient) {
      attempt = 0;
      begin();
    }
  }

  function stop(): void {
    running = false;
    signs.ignore();
    drop();
  }

  function ask(request: Request, told: Told): void {
    if (connection) connection.ask(request, told);
    else told(new NoAnswer());
  }

  return {
    get up() {
      return connection?.greeted === true;
    },
    start() {
      if (running) return;
      running = true;
      attempt = 0;
      signs.heed();
      begin();
    },
    stop,
    renew() {
      if (!running) return;
      drop();
      o.events.down();
      if (running) begin();
    },
    hurry,
    ask,
    part(requests) {
      if (connection?.greeted) for (const request of requests) connection?.put(request, pace.answer);
      stop();
    },
    request(request) {
      return new Promise<Answer>((resolve, reject) => {
        ask(request, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
  };
}

function whyOf(how: Lost): Why {
  if (how === "broken") return "broken";
  if (how === "cut") return "lost";
  if (how >= 4500 && how <= 4599) return "final";
  if (how === Close.drain) return "drain";
  return how === Close.overloaded ? "overloaded" : "lost";
}

/** Hears what tells that the network may be back: the browser's word, and a page that is looked at again. */
function watchNetwork(hurry: () => void): { heed(): void; ignore(): void } {
  const visible = () => {
    if (globalThis.document?.visibilityState === "visible") hurry();
  };
  return {
    heed() {
      globalThis.addEventListener?.("online", hurry);
      globalThis.document?.addEventListener("visibilitychange", visible);
    },
    ignore() {
      globalThis.removeEventListener?.("online", hurry);
      globalThis.document?.removeEventListener("visibilitychange", visible);
    },
  };
}

/** The relay's WebSocket address for a page's origin. */
export function relayAddress(origin: string): string {
  return `${origin.replace(/^http/, "ws").replace(/\/+$/, "")}/relay`;
}
