import { WebSocket } from "ws";
import type { Socket, SocketConstructor } from "../../src/relay/link.ts";

/**
 * What a test lets become of a frame: the bytes that go on instead, in order; or the line is cut, before or after them.
 */
export type Fate = readonly Uint8Array[] | "cut" | "cut after";

/** The network between one engine and the relay, in a test's hands. */
export interface Net {
  readonly WebSocket: SocketConstructor;
  readonly fetch: typeof globalThis.fetch;
  /** Decides what becomes of each frame to and from the relay. */
  outbound: (frame: Uint8Array) => Fate;
  inbound: (frame: Uint8Array) => Fate;
  /** Closes every line abruptly. */
  cut(): void;
  /** Resolves once the relay has read what went out. */
  read(): Promise<unknown>;
  /** No line can be made, and none stands. */
  down: boolean;
  readonly connections: number;
}

export function newNet(): Net {
  const lines = new Set<WebSocket>();
  let down = false;
  let connections = 0;

  class Line implements Socket {
    binaryType = "arraybuffer";
    onopen: ((event: never) => void) | null = null;
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    readonly #line: WebSocket;
    #dead = false;

    constructor(url: string, protocol: string) {
      if (down) url = "ws://127.0.0.1:1/";
      connections++;
      this.#line = new WebSocket(url, protocol, {
        origin: new URL(url).origin.replace(/^ws/, "http"),
        perMessageDeflate: false,
      });
      lines.add(this.#line);
      this.#line.on("open", () => this.onopen?.({} as never));
      this.#line.on("error", () => this.onerror?.({} as never));
      this.#line.on("close", (code) => {
        lines.delete(this.#line);
        this.onclose?.({ code } as never);
      });
      this.#line.on("message", (bytes: Buffer) => {
        if (this.#dead) return;
        const fate = net.inbound(new Uint8Array(bytes));
        if (fate === "cut") return this.#cut();
        for (const frame of fate === "cut after" ? [new Uint8Array(bytes)] : fate)
          this.onmessage?.({ data: frame.slice().buffer } as never);
        if (fate === "cut after") this.#cut();
      });
    }

    get protocol(): string {
      return this.#line.protocol;
    }

    send(bytes: Uint8Array): void {
      if (this.#dead) return;
      const fate = net.outbound(bytes);
      if (fate === "cut") return this.#cut();
      for (const frame of fate === "cut after" ? [bytes] : fate) this.#line.send(frame);
      // What was written is let out of the door before the line goes.
      if (fate === "cut after") {
        this.#dead = true;
        this.#line.close();
      }
    }

    /** As in a browser, what was sent before goes out before the line does. */
    close(): void {
      this.#dead = true;
      if (this.#line.readyState === WebSocket.OPEN) this.#line.close();
      else this.#line.terminate();
    }

    #cut(): void {
      this.#dead = true;
      this.#line.terminate();
    }
  }

  const net: Net = {
    WebSocket: Line,
    fetch: (input, init) => (down ? Promise.reject(new TypeError("no network")) : globalThis.fetch(input, init)),
    outbound: (frame) => [frame],
    inbound: (frame) => [frame],
    cut() {
      for (const line of lines) line.terminate();
    },
    // The relay reads a ping after what came before it.
    read: () =>
      Promise.all(
        [...lines].map(
          (line) =>
            new Promise<void>((resolve) => {
              line.once("pong", () => resolve()).once("close", () => resolve());
              if (line.readyState === WebSocket.OPEN) line.ping();
            }),
        ),
      ),
    get down() {
      return down;
    },
    set down(value) {
      down = value;
      if (value) net.cut();
    },
    get connections() {
      return connections;
    },
  };
  return net;
}
