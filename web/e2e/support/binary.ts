import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Builds the binary once for all tests; Playwright calls this before the first and what it returns after the last.
 * UTVAG_BINARY names one that is built already.
 */
export default function buildOnce(): (() => void) | undefined {
  if (process.env["UTVAG_BINARY"]) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "utvag-binary-"));
  const binary = join(folder, "utvag");
  // As in test/relayd.ts: another clock makes another program.
  const go = process.env["UTVAG_CLOCK_AHEAD"] === undefined ? ["build"] : ["run", "./internal/clockshift", "build"];
  execFileSync("go", [...go, "-o", binary, "./cmd/utvag"], { cwd: root, stdio: "inherit" });
  process.env["UTVAG_BINARY"] = binary;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Runs a command of the binary that ends by itself. Returns what it printed; throws with what it complained of. */
export function utvag(...args: readonly string[]): string {
  return execFileSync(process.env["UTVAG_BINARY"] ?? "utvag", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
