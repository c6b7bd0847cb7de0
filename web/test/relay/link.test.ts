import { afterEach, describe, expect, test } from "vitest";
import { type WebSocket as ServerSocket, WebSocket, WebSocketServer } from "ws";
import type { AddressInfo } from "node:net";
import {
  type Link,
  type LinkEvents,
  NoAnswer,
  type SocketConstructor,
  newLink,
  relayAddress,
} from "../../src/relay/link.ts";
import { type Pace, delayAfter, usualPace } from "../../src/relay/pace.ts";
import {
  type ClientFrame,
  type RelayFrame,
  decodeClientFrame,
  encodeRelayFrame,
  staffFrames,
} from "../../src/wire/frames.ts";

const Socket = WebSocket as unknown as SocketConstructor;
const hello: RelayFrame = { kind: "hello", nonce: new Uint8Array(32), time: 1n, kommun: "vidby" };
const ping = { kind: "ping" } as const;

interface Peer {
  readonly socket: ServerSocket;
  say(frame: RelayFrame): void;
  /** The next frame from the client. */
  heard(): Promise<ClientFrame>;
}

/** The other end of the line: it does only what each test says. */
class Far {
  readonly server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "utvag.1" });
  readonly #peers: Peer[] = [];
  readonly #waiting: ((peer: Peer) => void)[] = [];
  readonly listening = new Promise((resolve) => this.server.once("listening", resolve));
  connections = 0;

  constructor(greets = true) {
    this.server.on("connection", (socket) => {
      this.connections++;
      const frames: ClientFrame[] = [];
      const wanted: ((frame: ClientFrame) => void)[] = [];
      socket.on("message", (bytes: Buffer) => {
        const frame = decodeClientFrame(new Uint8Array(bytes));
        const want = wanted.shift();
        if (want) want(frame);
        else frames.push(frame);
      });
      const peer: Peer = {
        socket,
        say: (frame) => socket.send(encodeRelayFrame(frame)),
        heard: () => new Promise((resolve) => (frames.length > 0 ? resolve(frames.shift()!) : wanted.push(resolve))),
      };
      if (greets) peer.say(hello);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(peer);
      else this.#peers.push(peer);
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/relay`;
  }

  next(): Promise<Peer> {
    return new Promise((resolve) =>
      this.#peers.length > 0 ? resolve(this.#peers.shift()!) : this.#waiting.push(resolve),
    );
  }
}

const open: { far?: Far; link?: Link } = {};

async function connect(far: Far, pace: Partial<Pace> = {}, events: Partial<LinkEvents> = {}) {
  await far.listening;
  const log: string[] = [];
  const waiting: { readonly what: string; readonly resolve: () => void }[] = [];
  const note = (what: string) => {
    log.push(what);
    const found = waiting.findIndex((w) => w.what === what);
    if (found >= 0) waiting.splice(found, 1)[0]!.resolve();
  };
  const link = newLink({
    url: far.url,
    staff: staffFrames,
    WebSocket: Socket,
    pace: { first: 1, longest: 5, drain: 1, overloaded: 1, ...pace },
    events: {
      up: (h) => (note("up"), events.up?.(h)),
      down: (final) => (note(final === undefined ? "down" : `final ${final}`), events.down?.(final)),
      pushed: (frame) => (note(frame.kind), events.pushed?.(frame)),
    },
  });
  open.far = far;
  open.link = link;
  link.start();
  return { link, log, happens: (what: string) => new Promise<void>((resolve) => waiting.push({ what, resolve })) };
}

afterEach(() => {
  open.link?.close();
  open.far?.server.clients.forEach((c) => void c.terminate());
  open.far?.server.close();
});

describe("link", () => {
  test("answers find their request by ref, in whatever order they come", async () => {
    const far = new Far();
    const { link, happens } = await connect(far);
    await happens("up");
    const peer = await far.next();
    const answers = [link.request(ping), link.request(ping)];
    const [a, b] = [await peer.heard(), await peer.heard()];
    expect(a.ref).not.toBe(b.ref);
    expect(a.ref).not.toBe(0);
    peer.say({ kind: "refused", ref: b.ref, code: 17, detail: 3n });
    peer.say({ kind: "ready", ref: a.ref });
    expect(await answers[0]).toMatchObject({ kind: "ready" });
    expect(await answers[1]).toMatchObject({ kind: "refused", code: 17, detail: 3n });
  });

  test("no more than 16 requests are unanswered; the next goes out when one is answered", async () => {
    const far = new Far();
    const { link, happens } = await connect(far);
    await happens("up");
    const peer = await far.next();
    const answers = Array.from({ length: 20 }, () => link.request(ping));
    const first: ClientFrame[] = [];
    for (let i = 0; i < 16; i++) first.push(await peer.heard());
    const seventeenth = peer.heard();
    let early = true;
    void seventeenth.then(() => expect(early).toBe(false));
    // What the other side had sent before it heard this has come before its answer.
    const pong = new Promise((resolve) => peer.socket.once("pong", resolve));
    peer.socket.ping();
    await pong;
    early = false;
    for (const frame of first) peer.say({ kind: "ready", ref: frame.ref });
    const rest = [await seventeenth, await peer.heard(), await peer.heard(), await peer.heard()];
    for (const frame of rest) peer.say({ kind: "ready", ref: frame.ref });
    expect((await Promise.all(answers)).every((a) => a.kind === "ready")).toBe(true);
  });

  test("a lost connection rejects what is unanswered, and comes back", async () => {
    const far = new Far();
    const { link, happens, log } = await connect(far);
    await happens("up");
    const peer = await far.next();
    const lost = link.request(ping);
    await peer.heard();
    peer.socket.terminate();
    await expect(lost).rejects.toBeInstanceOf(NoAnswer);
    await happens("up");
    expect(log).toEqual(["up", "down", "up"]);
    expect(link.up).toBe(true);
  });

  test("without a connection a request is rejected at once", async () => {
    const far = new Far(false);
    const { link } = await connect(far);
    await far.next();
    await expect(link.request(ping)).rejects.toBeInstanceOf(NoAnswer);
  });

  test("a request that gets no answer means that the connection is dead", async () => {
    const far = new Far();
    const { link, happens } = await connect(far, { answer: 30 });
    await happens("up");
    await far.next();
    await expect(link.request(ping)).rejects.toBeInstanceOf(NoAnswer);
    await happens("up");
    expect(far.connections).toBe(2);
  });

  test("silence is broken by a ping, and an unanswered ping means that the connection is dead", async () => {
    const far = new Far();
    const { happens } = await connect(far, { silence: 20, answer: 30 });
    await happens("up");
    const peer = await far.next();
    const frame = await peer.heard();
    expect(frame.kind).toBe("ping");
    peer.say({ kind: "ready", ref: frame.ref });
    expect((await peer.heard()).kind).toBe("ping");
    await happens("down");
    await happens("up");
  });

  test("a relay that does not say hello is left", async () => {
    const far = new Far(false);
    const { happens } = await connect(far, { hello: 30 });
    await far.next();
    await happens("down");
    await far.next();
  });

  test.each([
    ["an unknown kind", (p: Peer) => p.socket.send(Uint8Array.of(0x7f))],
    ["trailing bytes", (p: Peer) => p.socket.send(Uint8Array.of(0x42, 0, 0, 0, 1, 9))],
    ["text", (p: Peer) => p.socket.send("hello")],
    ["a second hello", (p: Peer) => p.say(hello)],
    ["an answer that nobody asked for", (p: Peer) => p.say({ kind: "ready", ref: 77 })],
  ])("%s ends the connection", async (_, misbehave) => {
    const far = new Far();
    const { happens, link, log } = await connect(far);
    await happens("up");
    const gone = happens("down");
    misbehave(await far.next());
    await gone;
    await happens("up");
    expect(link.up).toBe(true);
    expect(log).toEqual(["up", "down", "up"]);
  });

  test.each([4500, 4501, 4502])("close code %i is final", async (code) => {
    const far = new Far();
    const { happens, log, link } = await connect(far);
    await happens("up");
    const gone = happens(`final ${code}`);
    (await far.next()).socket.close(code);
    await gone;
    // Another comes to the same relay, loses it and comes again meanwhile.
    const other = await connect(far);
    await other.happens("up");
    const back = other.happens("down").then(() => other.happens("up"));
    (await far.next()).socket.terminate();
    await back;
    other.link.close();
    expect(far.connections).toBe(3);
    expect(link.up).toBe(false);
    expect(log.at(-1)).toBe(`final ${code}`);
  });

  test.each([4000, 4001, 4002, 4003, 1006])("after close code %i it comes back", async (code) => {
    const far = new Far();
    const { happens } = await connect(far);
    await happens("up");
    const again = happens("down").then(() => happens("up"));
    const peer = await far.next();
    if (code === 1006) peer.socket.terminate();
    else peer.socket.close(code);
    await again;
  });

  test("stop is final, and start begins anew", async () => {
    const far = new Far();
    const { happens, link } = await connect(far);
    await happens("up");
    const waiting = link.request(ping);
    link.close();
    await expect(waiting).rejects.toBeInstanceOf(NoAnswer);
    expect(link.up).toBe(false);
    const up = happens("up");
    link.start();
    await up;
  });

  test("a request that has no encoding is rejected and harms nothing", async () => {
    const far = new Far();
    const { happens, link } = await connect(far);
    await happens("up");
    await expect(link.request({ kind: "fetch", mailbox: new Uint8Array(3) })).rejects.toThrow("length");
    const peer = await far.next();
    const answer = link.request(ping);
    peer.say({ kind: "ready", ref: (await peer.heard()).ref });
    expect((await answer).kind).toBe("ready");
  });
});

describe("whoever waits for the relay", () => {
  test("hears that it has said hello, and at once while it stands", async () => {
    const { link } = await connect(new Far());
    expect(await link.whenUp(30_000)).toBe(true);
    expect(await link.whenUp(0)).toBe(true);
  });

  test("hears nothing good of a relay that says no hello in time", async () => {
    const { link } = await connect(new Far(false));
    expect(await link.whenUp(5)).toBe(false);
  });

  test("is let go when the link is closed, also by what the hello says", async () => {
    const { link } = await connect(new Far(false));
    const waited = link.whenUp(600_000);
    link.close();
    expect(await waited).toBe(false);
    expect(await link.whenUp(30_000)).toBe(false);
    const other = await connect(new Far(), {}, { up: () => other.link.close() });
    expect(await other.link.whenUp(30_000)).toBe(false);
  });
});

describe("pace", () => {
  test("the first new try is quick, the next ones wait longer, up to a bound, and never all at the same moment", () => {
    expect(delayAfter("lost", 0, usualPace, 0.999)).toBeLessThanOrEqual(usualPace.first);
    const waits = [1, 2, 3, 4].map((n) => delayAfter("lost", n, usualPace, 0.5));
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(delayAfter("lost", 50, usualPace, 1)).toBe(usualPace.longest);
    expect(delayAfter("lost", 5, usualPace, 0.1)).not.toBe(delayAfter("lost", 5, usualPace, 0.9));
  });

  test("a drain and an overload spread their clients, and a relay that talks nonsense is not asked at once", () => {
    expect(delayAfter("drain", 0, usualPace, 0.9)).toBeGreaterThan(delayAfter("drain", 0, usualPace, 0.1) + 1000);
    expect(delayAfter("overloaded", 0, usualPace, 0)).toBeGreaterThanOrEqual(3000);
    expect(delayAfter("broken", 0, usualPace, 0)).toBeGreaterThan(100);
  });

  test("the relay's address follows the origin's scheme", () => {
    expect(relayAddress("https://kontakt.example.se")).toBe("wss://kontakt.example.se/relay");
    expect(relayAddress("http://127.0.0.1:8080/")).toBe("ws://127.0.0.1:8080/relay");
  });
});
