import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { parseSync } from "vite";

/** One statement by which a file takes something from another, or from a package. */
export interface Import {
  /** Below web/src, such as `mls/course.ts`. */
  readonly from: string;
  /** The file below web/src, `../` and the rest where it lies outside, or the package's path as it stands. */
  readonly to: string;
  readonly kind: "static" | "dynamic" | "worker";
}

/** What a test of the walls cannot see through: an import that says only as it runs what it takes. */
export interface Unclear {
  readonly from: string;
  readonly what: "import" | "worker" | "require" | "importScripts";
}

export interface Statements {
  readonly imports: readonly Import[];
  readonly unclear: readonly Unclear[];
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const src = new URL("../../src/", import.meta.url);

export function sources(): readonly string[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
    .sort();
}

export function readAll(): Statements {
  const all = sources().map((name) => statementsOf(name, readFileSync(new URL(name, src), "utf8")));
  return { imports: all.flatMap((one) => one.imports), unclear: all.flatMap((one) => one.unclear) };
}

/**
 * Type-only statements, `import()` in types and re-exports included: a wall holds for what is known, not for what runs.
 */
export function statementsOf(name: string, text: string): Statements {
  const { program, errors } = parseSync(name, text);
  if (errors.length > 0) throw new Error(`${name} does not parse: ${errors[0]!.message}`);
  const imports: Import[] = [];
  const unclear: Unclear[] = [];

  function add(kind: Import["kind"], path: string): void {
    const to = path.startsWith(".") ? posix.join(posix.dirname(name), path) : path;
    imports.push({ from: name, to, kind });
  }

  function take(node: Node): void {
    const path = (node["source"] as Node | null | undefined)?.["value"];
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
      case "TSImportType":
        if (typeof path === "string") add("static", path);
        break;
      case "TSExternalModuleReference":
        add("static", String((node["expression"] as Node)["value"]));
        break;
      case "ImportExpression":
        if (typeof path === "string") add("dynamic", path);
        else unclear.push({ from: name, what: "import" });
        break;
      case "NewExpression": {
        const called = (node["callee"] as Node)["name"];
        const [first] = node["arguments"] as Node[];
        // What a worker runs is named by an address, which may be wrapped.
        if (called === "URL" && first?.type === "Literal" && String(first["value"]).startsWith("."))
          add("worker", String(first["value"]));
        if (called === "Worker" || called === "SharedWorker") unclear.push({ from: name, what: "worker" });
        break;
      }
      case "CallExpression": {
        const called = (node["callee"] as Node)["name"];
        if (called === "require" || called === "importScripts") unclear.push({ from: name, what: called });
        break;
      }
    }
  }

  function walk(value: unknown): void {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === "object" && value !== null) {
      if ("type" in value && typeof value.type === "string") take(value as Node);
      Object.values(value).forEach(walk);
    }
  }

  walk(program);
  return { imports, unclear };
}

/** The sets of nodes that reach each other, of more than one node or with an edge to itself, each sorted. */
export function circlesOf(edges: readonly (readonly [from: string, to: string])[]): readonly (readonly string[])[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) next.set(from, (next.get(from) ?? new Set()).add(to));
  const reach = new Map<string, Set<string>>();
  for (const from of next.keys()) {
    const seen = new Set<string>();
    const open = [from];
    for (let at = open.pop(); at !== undefined; at = open.pop())
      for (const to of next.get(at) ?? [])
        if (!seen.has(to)) {
          seen.add(to);
          open.push(to);
        }
    reach.set(from, seen);
  }
  const found = new Map<string, readonly string[]>();
  for (const [from, seen] of reach) {
    if (!seen.has(from)) continue;
    const circle = [...seen].filter((to) => reach.get(to)?.has(from)).sort();
    found.set(circle.join(" "), circle);
  }
  return [...found.values()];
}
