import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the relay that the conversation tests start (chat/chattest/relayd). */
    relayd: string;
  }
}

/** Vitest calls this once before all tests. Where the binary of the last run is still true, Go leaves it as it is. */
export default function buildRelay({ provide }: TestProject): void {
  // With another clock it is another program, though one for all of them.
  const shifted = process.env["UTVAG_CLOCK_AHEAD"] !== undefined;
  const path = fileURLToPath(
    new URL(`../node_modules/.cache/utvag/relayd${shifted ? "-shifted" : ""}`, import.meta.url),
  );
  const go = shifted ? ["run", "./internal/clockshift", "build"] : ["build"];
  execFileSync("go", [...go, "-o", path, "./chat/chattest/relayd"], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdio: "inherit",
  });
  provide("relayd", path);
}
