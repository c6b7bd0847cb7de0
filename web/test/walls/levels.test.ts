import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { sources } from "./imports.ts";

const web = fileURLToPath(new URL("../../", import.meta.url));
const tsc = join(web, "node_modules/.bin/tsc");

async function run(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(tsc, args, { cwd: web })).stdout;
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

const page = "tsconfig.json";
const core = "tsconfig.core.json";
const worker = "tsconfig.worker.json";

/** The lines that the compiler takes at a level, out of these. */
async function taken(level: string, lines: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(web, "node_modules/.level-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "asked.ts"), lines.map((line) => `export const ${line};\n`).join(""));
  const include = ["asked.ts", ...(level === core ? [join(web, "core.d.ts")] : [])];
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(web, level), include, exclude: [] }));
  const said = await run("--noEmit", "-p", folder);
  const refused = new Set([...said.matchAll(/asked\.ts\((\d+),/g)].map(([, line]) => Number(line)));
  return lines.filter((_, i) => !refused.has(i + 1));
}

const asked = {
  node: [`a1 = Buffer.from("")`, "a2 = process.env", `a3 = import("node:fs")`, "a4 = __dirname"],
  dom: ["b1 = document.body", "b2 = new WebSocket('wss://example.org')", "b3 = indexedDB", "b4 = fetch('/')"],
  store: ["c1 = localStorage", "c2 = window.name"],
  bytes: ["d1 = crypto.getRandomValues(new Uint8Array(1))", "d2 = new TextEncoder()"],
};
const all = Object.values(asked).flat();

test.each([
  ["a page knows no Node", page, [...asked.dom, ...asked.store, ...asked.bytes]],
  ["the core knows cryptography and encodings alone", core, asked.bytes],
  ["a worker knows no document", worker, [...asked.dom.slice(1), ...asked.bytes]],
])("%s", { timeout: 30_000 }, async (_, level, allowed) => {
  expect(await taken(level, all)).toEqual(allowed);
});

test("every file of src is judged at its level, and by no lower one alone", { timeout: 30_000 }, async () => {
  const listed = async (level: string) =>
    (await run("-p", level, "--listFilesOnly"))
      .split("\n")
      .filter((name) => name.startsWith(`${web}src/`))
      .map((name) => name.slice(`${web}src/`.length));
  const [pages, cores, workers] = await Promise.all([page, core, worker].map(listed));
  expect(sources().filter((name) => !pages!.includes(name) && !workers!.includes(name))).toEqual([]);
  expect(sources().filter((name) => /^(wire|mls|stored|flow)\//.test(name) && !cores!.includes(name))).toEqual([]);
  expect(workers!.filter((name) => /^(conversation|relay|mls)\//.test(name))).toEqual([]);
});
