import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hex } from "../../src/wire/bytes.ts";

export const folder = new URL("./golden/", import.meta.url);

/** GOLDEN=write adds what is missing, and changes nothing that is there. */
const adding = process.env["GOLDEN"] === "write";

export function goldenOf<T>(name: string, version: number, make: () => T): T {
  const file = new URL(`${name}.${version}.json`, folder);
  if (adding && !existsSync(file)) writeFileSync(file, `${JSON.stringify(make(), null, 1)}\n`);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

/** Whether the file of that version is still to be made. */
export function lacks(name: string, version: number): boolean {
  return adding && !existsSync(new URL(`${name}.${version}.json`, folder));
}

/** As JSON would have it: bytes in hex, large numbers as text, maps as lists. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return plain([...value]);
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value;
}
