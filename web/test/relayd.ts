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
  const path = fileURLToPath(new URL("../node_modules/.cache/utvag/relayd", import.meta.url));
  execFileSync("go", ["build", "-o", path, "./chat/chattest/relayd"], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdio: "inherit",
  });
  provide("relayd", path);
}
