import { Close } from "../wire/codes.gen.ts";
import type { StaffFrames } from "../wire/frames.ts";
import { type Connection, type Hello, type Lost, type Pushed, type SocketConstructor, connect } from "./connection.ts";
import { type Pace, type Why, delayAfter, usualPace } from "./pace.ts";
import { type Answer, NoAnswer, type Request, type Told } from "./unanswered.ts";

export type { Answer, Hello, Request, Pushed, SocketConstructor };
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
  pushed(frame: Pushed): void;
}

/** One connection to the relay at a time, kept up until `close`. */
export interface Link {
  readonly up: boolean;
  /**
   * Resolves with true once the relay has said hello; with false after `ms` milliseconds, or where no connection is
   * tried any more.
   */
  whenUp(ms: number): Promise<boolean>;
  start(): void;
  /**
   * Says these on an open connection, without waiting for their answers, and closes until `start`, all before it
   * returns. Whoever waits for an answer gets NoAnswer.
   */
  close(lastRequests?: readonly Request[]): void;
  /** Closes this connection and makes another at once. */
  renew(): void;
  /** The network may be back, or may be gone: tries at once, or asks the relay for a sign of life. */
  hurry(): void;
  /** Resolves with the answer, a refusal too; rejects with NoAnswer or, for what cannot be encoded, CodecError. */
  request(request: Request): Promise<Answer>;
  /** The same for whoever must know what came first: it is called in the order of the frames, not a turn later. */
  ask(request: Request, told: Told): void;
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
  const Constructor = o.WebSocket ?? (globalThis.WebSocket as unknown as SocketConstructor);
  const signs = watchNetwork(hurry);
  const retry = newRetry(pace, o.random ?? Math.random, begin);
  const waiters = newUpWaiters();

  let running = false;
  let connection: Connection | undefined;

  function begin(): void {
    try {
      const made = connect({
        url: o.url,
        staff: o.staff,
        WebSocket: Constructor,
        pace,
        events: {
          up(hello) {
            o.events.up(hello);
            waiters.tell(isUp());
          },
          pushed: (frame) => o.events.pushed(frame),
          answered: retry.succeeded,
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
      close();
      return o.events.down(how as number);
    }
    retry.after(why);
    o.events.down();
  }

  function drop(): void {
    retry.cancel();
    const old = connection;
    connection = undefined;
    old?.drop();
  }

  function close(): void {
    running = false;
    signs.ignore();
    drop();
    waiters.tell(false);
  }

  function hurry(): void {
    if (!running) return;
    if (connection?.greeted) connection.put({ kind: "ping" }, pace.probe);
    else retry.hurry();
  }

  function isUp(): boolean {
    return connection?.greeted === true;
  }

  function ask(request: Request, told: Told): void {
    if (connection) connection.ask(request, told);
    else told(new NoAnswer());
  }

  return {
    get up() {
      return isUp();
    },
    whenUp: (ms) => (isUp() || !running ? Promise.resolve(isUp()) : waiters.wait(ms)),
    start() {
      if (running) return;
      running = true;
      signs.heed();
      retry.succeeded();
      begin();
    },
    close(lastRequests = []) {
      if (isUp()) for (const request of lastRequests) connection?.put(request, pace.answer);
      close();
    },
    renew() {
      if (!running) return;
      drop();
      o.events.down();
      if (running) begin();
    },
    hurry,
    ask,
    request: (request) => requested(ask, request),
  };
}

/** Tries again after a loss, each time later than before. */
function newRetry(pace: Pace, random: () => number, again: () => void) {
  let attempt = 0;
  /** The relay asked for this wait, or is not one to hurry to. */
  let fixed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function cancel(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function run(): void {
    cancel();
    again();
  }

  return {
    cancel,
    after(why: Why) {
      fixed = why === "drain" || why === "overloaded" || why === "broken";
      timer = setTimeout(run, delayAfter(why, attempt++, pace, random()));
    },
    succeeded() {
      attempt = 0;
    },
    /** What is waited for is tried at once. */
    hurry() {
      if (timer === undefined || fixed) return;
      attempt = 0;
      run();
    },
  };
}

/** Those who wait for a connection. */
function newUpWaiters() {
  const waiters = new Set<(up: boolean) => void>();
  return {
    /** Resolves with what they are told, or with false after `ms`. */
    wait: (ms: number): Promise<boolean> =>
      new Promise((resolve) => {
        const timer = setTimeout(() => told(false), ms);
        function told(up: boolean): void {
          clearTimeout(timer);
          waiters.delete(told);
          resolve(up);
        }
        waiters.add(told);
      }),
    tell(up: boolean): void {
      for (const told of [...waiters]) told(up);
    },
  };
}

/** The answer to a request as a promise. */
function requested(ask: Link["ask"], request: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    ask(request, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
  });
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
