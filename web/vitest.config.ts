import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import type { Plugin } from "vite";

interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly reason: string;
}

const here = new URL("./", import.meta.url);
const folder = new URL("patches/", here);
const packages = new URL("node_modules/", here).pathname;
// UNPATCHED=1 shows that the regression tests fail without the patches.
const patches = (process.env["UNPATCHED"] ? [] : readdirSync(folder))
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Patch[]);

/**
 * Lays the patches over a file's text (patches/README.md). Throws when a text to replace does not stand there exactly
 * once.
 */
function patched(file: string, code: string): string {
  for (const patch of patches.filter((p) => p.file === file)) {
    const parts = code.split(patch.find);
    if (parts.length !== 2)
      throw new Error(`${file}: found ${parts.length - 1} times, not once, what this needs: ${patch.reason}`);
    code = parts.join(patch.replace);
  }
  return code;
}

function applyPatches(): Plugin {
  return {
    name: "patches",
    enforce: "pre",
    // Every patch is tried, also one for a file that no test loads.
    buildStart() {
      for (const file of new Set(patches.map((p) => p.file)))
        patched(file, readFileSync(new URL(`node_modules/${file}`, here), "utf8"));
    },
    load(id) {
      const path = id.split("?")[0]!;
      if (!path.startsWith(packages)) return null;
      const file = path.slice(packages.length);
      if (!file.startsWith("ts-mls/") && !patches.some((p) => p.file === file)) return null;
      // The source maps of ts-mls name files that the package does not hold.
      return patched(file, readFileSync(path, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/m, "");
    },
  };
}

export default defineConfig({
  // tsconfig.json, where Vite would read it, covers src alone.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // What web/internal/bundle fills in: here both sides are one.
  define: { DEVICE: "true", WORKER: '""' },
  plugins: [applyPatches()],
  test: {
    // A test that passes at the second try would hide what a person meets at the first.
    retry: 0,
    globalSetup: ["test/relayd.ts"],
    setupFiles: ["test/clock.ts"],
    // To find what stands still, on a machine that is busy with other things too.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Half of what these tests take is waiting for real processes, and what those take.
    maxWorkers: availableParallelism(),
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    // A package is patched only if its files pass through the plugin.
    server: { deps: { inline: ["ts-mls", "@panva/hpke-noble", "@noble/post-quantum"] } },
  },
});
