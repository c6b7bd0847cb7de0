import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Flow } from "../../src/flow/flow.ts";
import { root } from "./binary.ts";

const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

/** The questions, as both pages have them. */
export const flow = read("web/src/flow/shipped.gen.json") as Flow;

const conditions = read("i18n/claims.json") as Readonly<Record<string, { readonly alt?: string }>>;

/** The key of a sentence and of each that may stand in its place, where nobody vouches for what it promises. */
export function standIns(key: string): readonly string[] {
  const alt = conditions[key]?.alt;
  return alt === undefined ? [key] : [key, ...standIns(alt)];
}
