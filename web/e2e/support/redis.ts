import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";

/** One key with everything in it. */
export interface StoredKey {
  readonly name: Buffer;
  readonly type: string;
  /** Milliseconds to live; negative where the key has no end. */
  readonly ttl: number;
  /** Every string inside, fields and scores included. */
  readonly values: readonly Buffer[];
}

/** A Redis of one's own, on a unix socket, that never writes to disk. */
export interface PrivateRedis {
  /** For the configuration of `utvag serve`. */
  readonly url: string;
  /** Everything that is stored now, in order of name. */
  everything(): Promise<readonly StoredKey[]>;
  /** Sends one command. Strings come back as buffers. */
  command(...args: readonly (string | Buffer)[]): Promise<Reply>;
  /** Stops without saving: what was in it is gone. */
  stop(): Promise<void>;
  /** Starts again on the same socket, empty. */
  start(): Promise<void>;
}

export type Reply = Buffer | number | null | readonly Reply[];

/** Starts one in a folder, which must have a short path: the socket lies there. */
export async function startRedis(folder: string): Promise<PrivateRedis> {
  const socket = join(folder, "redis.sock");
  let process: ChildProcess | undefined;

  async function start(): Promise<void> {
    const child = spawn(
      "redis-server",
      [
        "--port",
        "0",
        "--unixsocket",
        socket,
        "--unixsocketperm",
        "700",
        "--dir",
        folder,
        "--save",
        "",
        "--appendonly",
        "no",
        "--maxmemory-policy",
        "noeviction",
        "--repl-diskless-load",
        "swapdb",
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    process = child;
    await new Promise<void>((ready, fail) => {
      let said = "";
      child.once("error", fail);
      child.once("exit", () => fail(new Error(`redis-server ended at once: ${said}`)));
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes("eady to accept connections")) ready();
      });
    });
  }

  async function stop(): Promise<void> {
    const child = process;
    process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    rmSync(socket, { force: true });
  }

  const command = (...args: readonly (string | Buffer)[]): Promise<Reply> => ask(socket, args);

  async function everything(): Promise<readonly StoredKey[]> {
    const names = (await command("KEYS", "*")) as readonly Buffer[];
    const keys: StoredKey[] = [];
    for (const name of [...names].sort(Buffer.compare)) {
      const type = String(await command("TYPE", name));
      const read = readers[type];
      if (!read) throw new Error(`a key of type ${type}: say here how to read it`);
      keys.push({ name, type, ttl: Number(await command("PTTL", name)), values: flat(await command(...read(name))) });
    }
    // What expired in between is no longer stored.
    return keys.filter(({ type, ttl }) => type !== "none" && ttl !== -2);
  }

  await start();
  return { url: `unix://${socket}`, everything, command, stop, start };
}

const readers: Readonly<Record<string, (name: Buffer) => readonly (string | Buffer)[]>> = {
  none: (name) => ["EXISTS", name],
  string: (name) => ["GET", name],
  list: (name) => ["LRANGE", name, "0", "-1"],
  set: (name) => ["SMEMBERS", name],
  zset: (name) => ["ZRANGE", name, "0", "-1", "WITHSCORES"],
  hash: (name) => ["HGETALL", name],
  stream: (name) => ["XRANGE", name, "-", "+"],
};

function flat(reply: Reply): Buffer[] {
  if (Buffer.isBuffer(reply)) return [reply];
  return Array.isArray(reply) ? reply.flatMap(flat) : [];
}

/** One command on a connection of its own. */
function ask(socket: string, args: readonly (string | Buffer)[]): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const connection = createConnection(socket);
    connection.once("error", reject);
    connection.once("close", () => reject(new Error("Redis closed the connection")));
    connection.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const parsed = parse(received, 0);
        if (!parsed) return;
        resolve(parsed.reply);
      } catch (fault) {
        reject(fault);
      }
      connection.end();
    });
    connection.write(`*${args.length}\r\n`);
    for (const arg of args.map((value) => Buffer.from(value))) {
      connection.write(Buffer.concat([Buffer.from(`$${arg.length}\r\n`), arg, Buffer.from("\r\n")]));
    }
  });
}

/** Reads one RESP2 reply; undefined while it is not all there. */
function parse(bytes: Buffer, at: number): { readonly reply: Reply; readonly next: number } | undefined {
  const end = bytes.indexOf("\r\n", at);
  if (end < 0) return undefined;
  const line = bytes.toString("latin1", at + 1, end);
  const next = end + 2;
  switch (bytes.toString("latin1", at, at + 1)) {
    case "+":
      return { reply: Buffer.from(line), next };
    case ":":
      return { reply: Number(line), next };
    case "-":
      throw new Error(`Redis: ${line}`);
    case "$": {
      const length = Number(line);
      if (length < 0) return { reply: null, next };
      return bytes.length < next + length + 2
        ? undefined
        : { reply: bytes.subarray(next, next + length), next: next + length + 2 };
    }
    case "*": {
      const items: Reply[] = [];
      let position = next;
      for (let i = 0; i < Number(line); i++) {
        const item = parse(bytes, position);
        if (!item) return undefined;
        items.push(item.reply);
        position = item.next;
      }
      return { reply: items, next: position };
    }
    default:
      throw new Error("this is not RESP");
  }
}
