import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server as Listener } from "node:net";
import { join } from "node:path";
import { leave } from "./neutral.ts";
import type { PrivateRedis } from "./redis.ts";
import { kommun, type Team } from "./team.ts";

/** A `utvag serve` of one's own, on loopback. */
export interface Server {
  /** Origin of the visitor's page. */
  readonly visitor: string;
  /** Origin of the console. */
  readonly console: string;
  /** The two origins of `ServerOptions.partner`. */
  readonly partner?: { readonly visitor: string; readonly console: string };
  /** The roster file; changes are taken up while the server runs. */
  readonly roster: string;
  /** Everything that was ever written to standard output and standard error, over all starts. */
  log(): string;
  /** Starts again after `stop` or `kill`, on the same ports and with the same store. */
  start(): Promise<void>;
  /** Ends as an operator would. Fails when the server does not end cleanly. */
  stop(): Promise<void>;
  /** Ends at once, as a power cut would. */
  kill(): Promise<void>;
  /** Stops, puts this in the place of `extra`, and starts again. */
  publish(extra: string): Promise<void>;
}

/** What a test may change in the configuration; whole YAML lines of the kommun, indented by four blanks. */
export interface ServerOptions {
  readonly extra?: string;
  /** Offered to visitors; Swedish and English where nothing is said. */
  readonly languages?: readonly string[];
  /** Another kommun on the same server; each is the other's partner. */
  readonly partner?: { readonly id: string; readonly name: string; readonly team: Team; readonly roster: string };
  /** Where the console is found; a passkey needs a name. */
  readonly consoleHost?: string;
}

export async function startServer(
  folder: string,
  redis: PrivateRedis,
  team: Team,
  roster: string,
  options: ServerOptions = {},
): Promise<Server> {
  const [visitorPort, consolePort, ...partnerPorts] = await freePorts(options.partner ? 4 : 2);
  const visitor = `http://127.0.0.1:${visitorPort}`;
  const console = `http://${options.consoleHost ?? "127.0.0.1"}:${consolePort}`;
  const config = join(folder, "utvag.yaml");
  const other = options.partner;
  const partner = other && {
    visitor: `http://127.0.0.1:${partnerPorts[0]}`,
    console: `http://127.0.0.1:${partnerPorts[1]}`,
  };
  const own = { ...kommun, visitor, console, team, roster, ...(other && { partner: other.id }) };
  const all = [own, ...(other && partner ? [{ ...other, ...partner, partner: kommun.id }] : [])];
  const configure = (extra: string): void =>
    writeFileSync(
      config,
      `# Written by a test.
redis:
  url: ${redis.url}
kommuner:
${all.map((one) => tenant(one, options)).join(extra)}${extra}`,
    );
  configure(options.extra ?? "");

  const said: string[] = [];
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(process.env["UTVAG_BINARY"] ?? "utvag", ["serve", "--config", config], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    const serving = new Promise<void>((ready, fail) => {
      let line = "";
      const hear = (chunk: Buffer): void => {
        said.push(chunk.toString());
        line += chunk.toString();
        if (/\bserving\b/.test(line)) ready();
      };
      started.stdout.on("data", hear);
      started.stderr.on("data", hear);
      started.once("error", fail);
      started.once("exit", () => fail(new Error(`utvag serve ended at once:\n${said.join("")}`)));
    });
    await serving;
  }

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? 0;
    const ended = once(running, "exit");
    running.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }

  async function stop(): Promise<void> {
    const code = await end("SIGTERM");
    if (code !== 0) throw new Error(`utvag serve ended with status ${code}:\n${said.join("")}`);
  }

  await start();
  return {
    visitor,
    console,
    roster,
    log: () => said.join(""),
    ...(partner && { partner }),
    start,
    stop,
    async kill() {
      await end("SIGKILL");
    },
    async publish(extra) {
      await stop();
      configure(extra);
      await start();
    },
  };
}

/**
 * Ports on which nobody listens; all are held until the last is found, so that none comes twice. They are below those
 * that Linux gives away by itself: while a server is between two lives, one of those could become an outgoing
 * connection's.
 */
async function freePorts(count: 2 | 4): Promise<number[]> {
  const held: Listener[] = [];
  while (held.length < count) {
    const server = createServer().listen(randomInt(10_000, 32_000), "127.0.0.1");
    const listens = await once(server, "listening").then(
      () => true,
      () => false,
    ); // an error rejects it
    if (listens) held.push(server);
  }
  const ports = held.map((server) => (server.address() as { port: number }).port);
  await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** One kommun of the configuration. */
function tenant(
  o: {
    readonly id: string;
    readonly name: string;
    readonly visitor: string;
    readonly console: string;
    readonly team: Team;
    readonly roster: string;
    readonly partner?: string;
  },
  options: ServerOptions,
): string {
  return `  - id: ${o.id}
    name: ${o.name}
    visitor:
      origin: ${o.visitor}
      listen: 127.0.0.1:${new URL(o.visitor).port}
    console:
      origin: ${o.console}
      listen: 127.0.0.1:${new URL(o.console).port}
    roster: ${o.roster}
    pins:
${o.team.pins.map((pin) => `      - "${pin}"`).join("\n")}
    languages: [${(options.languages ?? ["sv", "en"]).join(", ")}]
    numbers:
      - national: emergency
        verified: ${today()}
      - national: police
        verified: ${today()}
      - national: children
        verified: ${today()}
      - national: suicide
        verified: ${today()}
    retention:
      live: 24h
      message: 7d
    leave: ${leave}
${o.partner === undefined ? "" : `    partners: [${o.partner}]\n`}`;
}
