import { once } from "node:events";
import { type AddressInfo, createServer, connect, type Socket } from "node:net";

/** A way to this machine that can be cut: a SOCKS proxy, which every browser can be told to go through. */
export interface Tunnel {
  readonly port: number;
  /** From now on nothing comes through, in either direction, and nobody is told: as in a tunnel. */
  enter(): void;
  /** What was under way goes on, late; what has given up meanwhile does not. */
  leave(): void;
  close(): void;
}

export async function digTunnel(): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  let dark = false;
  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    if (dark) socket.pause();
  }
  const server = createServer((near) => {
    keep(near);
    void (async () => {
      await once(near, "data"); // how it may be asked: without a name
      near.write(Buffer.from([5, 0]));
      const [request] = (await once(near, "data")) as [Buffer];
      const far = connect(request.readUInt16BE(request.length - 2), "127.0.0.1");
      keep(far);
      await once(far, "connect");
      near.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on("data", (chunk) => void to.write(chunk));
        from.on("close", () => to.destroy());
      }
      if (dark) for (const socket of [near, far]) socket.pause();
    })().catch(() => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    enter() {
      dark = true;
      for (const socket of sockets) socket.pause();
    },
    leave() {
      dark = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
