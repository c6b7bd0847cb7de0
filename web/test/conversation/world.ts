import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PageConfig } from "../../src/config.ts";
import type { Desk, DeskView, Intake, ReturnKeys, TabStore, Visitor, VisitorView } from "../../src/conversation/api.ts";
import { type DeskOptions, newDesk } from "../../src/conversation/desk/desk.ts";
import type { Rhythm } from "../../src/conversation/mailbox/steps.ts";
import { type Vault, memoryVault } from "../../src/conversation/vault/vault.ts";
import { type VisitorOptions, newVisitor } from "../../src/conversation/visitor/visitor.ts";
import type { Pace } from "../../src/relay/pace.ts";
import { inject } from "vitest";
import { type TeamKey, makeTeamKey, signNote } from "../mls/world.ts";
import { type Net, newNet } from "./net.ts";

/** A real relay over a real Redis, a kommun with a team key, and people with engines. */

export const kommun = "botkyrka";

/**
 * Quick, so that tests wait for events and not for politeness; but a machine that stands still for a second has lost
 * nothing.
 */
export const rhythm: Rhythm = {
  receipt: 5,
  gather: 1,
  advance: 5,
  again: 40,
  missing: 3000,
  enrolment: 25,
  roster: 40,
};
export const pace: Partial<Pace> = { first: 5, longest: 60, drain: 10, overloaded: 10 };

export const intake: Intake = {
  lang: "sv",
  answers: [
    ["who", "who.self"],
    ["dng", "dng.soon"],
    ["need", "need.home"],
    ["need", "need.debt"],
  ],
  text: "Jag vill ut men jag vågar inte hem.",
};

export interface Person {
  readonly name: string;
  readonly desk: Desk;
  readonly id: string;
  readonly key: string;
  readonly vaults: (name: string) => Promise<Vault>;
  readonly net: Net;
  /** What was given to `newDesk`, to build the same desk again. */
  readonly options: DeskOptions;
}

export interface World {
  readonly url: string;
  readonly config: PageConfig;
  readonly team: TeamKey;
  /** Enrols a new desk and starts it; resolves once it is online. */
  coordinator(name: string, o?: Partial<DeskOptions>): Promise<Person>;
  visitor(o?: Partial<VisitorOptions>): {
    readonly visitor: Visitor;
    readonly net: Net;
    readonly options: VisitorOptions;
  };
  /** Signs and publishes a roster of these. */
  roster(people: readonly Pick<Person, "id" | "key" | "name">[], o?: RosterOptions): Promise<void>;
  /** Kills the relay without a goodbye. */
  killRelay(): Promise<void>;
  startRelay(): Promise<void>;
  /** One command, and its answer as it came, a character for each byte. */
  redis(...command: string[]): Promise<string>;
  close(): Promise<void>;
}

export interface RosterOptions {
  readonly serial?: number;
  readonly issued?: number;
  readonly expires?: number;
  readonly by?: TeamKey;
}

export async function makeWorld(): Promise<World> {
  const program = inject("relayd");
  const folder = mkdtempSync(join(tmpdir(), "utvag-world-"));
  const socket = join(folder, "redis.sock");
  const rosterFile = join(folder, "roster");
  const team = await makeTeamKey(`team.${kommun}`);
  const engines: { stop(): void }[] = [];
  let serial = 0;
  const listed: Pick<Person, "id" | "key" | "name">[] = [];

  const store = spawn(
    "/usr/bin/redis-server",
    [
      "--unixsocket",
      socket,
      "--port",
      "0",
      "--save",
      "",
      "--appendonly",
      "no",
      "--maxmemory-policy",
      "noeviction",
      "--dir",
      folder,
    ],
    { stdio: "ignore" },
  );
  await answering(socket);
  writeFileSync(rosterFile, "");

  let relay: ChildProcess | undefined;
  let listen = "127.0.0.1:0";
  async function startRelay(): Promise<void> {
    relay = spawn(
      program,
      ["-redis", socket, "-kommun", kommun, "-roster", rosterFile, "-listen", listen, "-stdin", "-sweep", "50ms"],
      {
        stdio: ["pipe", "pipe", process.env["RELAY_LOG"] ? "inherit" : "ignore"],
      },
    );
    const lines = createInterface({ input: relay.stdout! });
    for await (const line of lines) {
      if (!line.startsWith("listening http://")) continue;
      listen = line.slice("listening http://".length);
      break;
    }
    lines.close();
  }
  async function killRelay(): Promise<void> {
    const dying = relay;
    if (!dying || dying.exitCode !== null) return;
    const dead = new Promise((resolve) => dying.once("exit", resolve));
    dying.kill("SIGKILL");
    await dead;
  }
  await startRelay();
  const url = `http://${listen}`;

  const config: PageConfig = {
    kommun: { id: kommun, name: "Botkyrka" },
    pins: [team.pin],
    origin: url,
    retention: { liveHours: 2, messageDays: 7 },
    numbers: [],
    claims: [],
    slots: {},
    leave: "about:blank",
    languages: [],
    links: {},
    demo: false,
  };

  async function roster(people: readonly Pick<Person, "id" | "key" | "name">[], o: RosterOptions = {}): Promise<void> {
    serial = o.serial ?? serial + 1;
    const now = Math.floor(Date.now() / 1000);
    const issued = o.issued ?? now - 3600;
    const lines = [...people]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((p) => `device ${p.id} coordinator sv,en ${time(now + 86400)} ${p.key} ${p.name}\n`);
    const text =
      `utvag roster 1\nkommun ${kommun}\nserial ${serial}\nissued ${time(issued)}\n` +
      `expires ${time(o.expires ?? issued + 6 * 86400)}\n${lines.join("")}`;
    // In one step, as `utvag roster` does: a relay that read a half of it would cut everybody off.
    writeFileSync(`${rosterFile}.new`, await signNote(text, o.by ?? team));
    renameSync(`${rosterFile}.new`, rosterFile);
  }

  return {
    url,
    config,
    team,
    roster,
    killRelay,
    startRelay,
    async coordinator(name, o = {}) {
      const net = newNet();
      const vaults = o.vaults ?? memoryVaults();
      const options: DeskOptions = {
        vaults,
        base: url,
        WebSocket: net.WebSocket,
        fetch: net.fetch,
        locks: null,
        rhythm,
        pace,
        ...o,
      };
      const desk = await newDesk(config, options);
      engines.push(desk);
      await desk.enrol(name, ["sv", "en"]);
      const id = desk.view.device!.id;
      const key = /^key (.*)$/m.exec(desk.view.request!)![1]!;
      listed.push({ id, key, name });
      await roster(listed);
      await desk.start();
      await desks(desk, (v) => v.phase === "online");
      await published(url, id);
      return { name, desk, id, key, vaults, net, options: { ...options, device: id } };
    },
    visitor(o = {}) {
      const net = newNet();
      const options: VisitorOptions = {
        config,
        base: url,
        WebSocket: net.WebSocket,
        fetch: net.fetch,
        rhythm,
        pace,
        ...o,
      };
      const visitor = newVisitor(options);
      engines.push({ stop: () => visitor.wipe() });
      return { visitor, net, options };
    },
    redis: (...command) => redis(socket, command),
    async close() {
      for (const engine of engines) engine.stop();
      await killRelay();
      const dead = new Promise((resolve) => store.once("exit", resolve));
      store.kill("SIGKILL");
      await dead;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function memoryVaults(): (name: string) => Promise<Vault> {
  const all = new Map<string, Vault>();
  return async (name) => {
    const vault = all.get(name) ?? memoryVault();
    all.set(name, vault);
    return vault;
  };
}

const patience = 30_000;

/** Resolves with the view for which `holds` is true; fails with what is shown when it never is. */
function shows<V>(
  what: { readonly view: V; subscribe(listener: (view: V) => void): () => void },
  holds: (view: V) => boolean,
): Promise<V> {
  if (holds(what.view)) return Promise.resolve(what.view);
  const asked = new Error("the view never showed what was waited for");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      asked.message += `: ${JSON.stringify(what.view, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))}`;
      reject(asked);
    }, patience);
    const stop = what.subscribe((view) => {
      if (!holds(view)) return;
      clearTimeout(timer);
      stop();
      resolve(view);
    });
  });
}

/**
 * As long as somebody else takes to come, to lose the line and to come again: whoever was about to say something, or to
 * connect, has done so by then.
 */
export async function meanwhile(world: World): Promise<void> {
  const { visitor, net } = world.visitor();
  await visitor.open(intake, "live");
  for (let times = 0; times < 2; times++) {
    await visits(visitor, (v) => v.phase === "waiting" && v.connected);
    net.cut();
    await visits(visitor, (v) => !v.connected);
  }
  await visits(visitor, (v) => v.connected);
  await visitor.end();
  await visits(visitor, (v) => v.end?.confirmed === true);
}

/** Keys as a return code would give them. */
export function someKeys(): ReturnKeys {
  const random = () => crypto.getRandomValues(new Uint8Array(32));
  return { locator: random(), capability: random(), key: random() };
}

/** A tab's storage: a copy of it is what a duplicated tab has. */
export function tabStore(value?: string): TabStore & { readonly value: string | undefined } {
  return {
    get value() {
      return value;
    },
    get: () => value,
    set(next) {
      value = next;
    },
    erase() {
      value = undefined;
    },
  };
}

export const desks = (desk: Desk, holds: (view: DeskView) => boolean): Promise<DeskView> => shows(desk, holds);
export const visits = (visitor: Visitor, holds: (view: VisitorView) => boolean): Promise<VisitorView> =>
  shows(visitor, holds);

/** The texts of a thread, each with who wrote it. */
export function thread(lines: VisitorView["lines"]): string[] {
  return lines.flatMap((line) => (line.text === undefined ? [] : [`${line.from}: ${line.text}`]));
}

/** Resolves once the directory gives this device's key package. */
async function published(url: string, id: string): Promise<void> {
  const wanted = Buffer.from(id, "hex");
  for (let i = 0; i < 200; i++) {
    const bytes = Buffer.from(await (await fetch(`${url}/directory`)).arrayBuffer());
    // The roster names the device in hex; its eight raw bytes stand only before its key package.
    if (bytes.includes(wanted)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("no key package was published");
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

async function answering(socket: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    try {
      if ((await redis(socket, ["PING"])).includes("PONG")) return;
    } catch {
      // not there yet
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("redis-server did not start");
}

/** One command, and its answer as it came. */
function redis(socket: string, command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket);
    let answer = "";
    connection.on("error", reject);
    connection.on("data", (bytes) => {
      answer += bytes.toString("latin1");
      if (answer.endsWith("\r\n")) connection.end();
    });
    connection.on("close", () => resolve(answer));
    const words = command.map((word) => Buffer.from(word, "latin1"));
    connection.write(
      Buffer.concat([
        Buffer.from(`*${words.length}\r\n`),
        ...words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from("\r\n")]),
      ]),
    );
  });
}
