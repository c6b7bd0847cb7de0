/**
 * The page that «Leave this page now» leads to: a real one, over TLS and on another host, since browsers treat a
 * redirect that a test answers in the server's place unlike one that they follow.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A host that browsers are told to look for on this machine. */
export const neutralHost = "weather.example";

/** The title of the page. */
export const neutralTitle = "Weather";

/** Its address, once `serveNeutralPage` has run. */
export const leave = process.env["UTVAG_TEST_LEAVE"] ?? "https://www.smhi.se/";

/** Playwright calls this before the first test, and what it returns after the last. */
export default async function serveNeutralPage(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "utvag-neutral-"));
  const goroot = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
  execFileSync(
    "go",
    ["run", join(goroot, "src/crypto/tls/generate_cert.go"), "-host", neutralHost, "-ecdsa-curve", "P256"],
    { cwd: folder, stdio: "ignore" },
  );
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const server = createServer({ cert: read("cert.pem"), key: read("key.pem") }, (_, answer) => {
    answer.writeHead(200, { "Content-Type": "text/html" });
    answer.end(`<!doctype html><link rel="icon" href="data:,"><title>${neutralTitle}</title><p>Sun.</p>`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  process.env["UTVAG_TEST_LEAVE"] = `https://${neutralHost}:${(server.address() as { port: number }).port}/`;
  return () => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
  };
}
