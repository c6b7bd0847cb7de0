import { readFileSync } from "node:fs";
import { hex, unhex } from "../../src/wire/bytes.ts";

/** Reads spec/vectors in place, and fails where a file says less or more than it should (spec/vectors/README.md). */

const folder = new URL("../../../spec/vectors/", import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
}

export interface Case {
  readonly name: string;
  readonly [field: string]: unknown;
}

/**
 * The cases of a file. `fields` are all that a case may have; whatever else stands in one is a claim that nobody
 * judges.
 */
export function cases(file: string, fields: readonly string[]): Case[] {
  const vectors = read(file) as { count: number; cases: Case[]; comment?: string };
  const counts = read("COUNT") as Record<string, number>;
  for (const key of Object.keys(vectors)) {
    if (!["count", "cases", "comment"].includes(key)) throw new Error(`${file}: unknown field ${key}`);
  }
  const least = counts[file] ?? vectors.count;
  if (vectors.cases.length !== vectors.count || vectors.cases.length < least || least === 0) {
    throw new Error(`${file}: ${vectors.cases.length} cases, ${vectors.count} announced, ${least} counted`);
  }
  for (const c of vectors.cases) {
    for (const key of Object.keys(c))
      if (!fields.includes(key)) throw new Error(`${file}, ${c.name}: unknown field ${key}`);
  }
  return vectors.cases;
}

export function bytesOf(c: Case): Uint8Array {
  const head = unhex(c["hex"] as string);
  if (!head) throw new Error(`${c.name}: not hex`);
  const bytes = new Uint8Array(head.length + ((c["zeros"] as number | undefined) ?? 0));
  bytes.set(head);
  return bytes;
}

/** A value as the vectors write it: bytes in hex, 64-bit numbers as decimal strings. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
}
