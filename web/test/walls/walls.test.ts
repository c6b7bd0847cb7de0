import { expect, test } from "vitest";
import { circlesOf, readAll, sources, statementsOf } from "./imports.ts";
import { allowed, breaks, roomOf, table, workers } from "./table.ts";

const { imports, unclear } = readAll();

test("every import stays within the walls", () => {
  const broken = imports.flatMap(({ from, to }) => {
    const why = breaks(from, to);
    return why === undefined ? [] : [`${from} may not import ${to} (${why})`];
  });
  expect(broken).toEqual([]);
  expect(imports.length).toBeGreaterThan(500);
});

test("nothing is taken in that only a running page could name", () => {
  expect(unclear.filter((one) => !(one.what === "worker" && workers.includes(one.from)))).toEqual([]);
});

test("the table names the rooms that there are, with a reason, and allows nothing that nobody does", () => {
  expect(table.map(({ room }) => room).sort()).toEqual([...new Set(sources().map(roomOf))].sort());
  const idle = table.flatMap((row) =>
    [...row.rooms, ...row.packages, ...(row.data ?? [])]
      .filter((one) => !imports.some(({ from, to }) => roomOf(from) === row.room && allowed(row, to) === one))
      .map((one) => `${row.room}: ${one}`),
  );
  expect(idle).toEqual([]);
  expect(table.filter(({ why }) => why.length < 15)).toEqual([]);
});

test("no file reaches itself through others, by types alone neither", () => {
  const files = new Set(sources());
  const found = circlesOf(imports.filter(({ to }) => files.has(to)).map(({ from, to }) => [from, to] as const));
  expect(found.map((circle) => circle.join(" "))).toEqual([]);
});

test("no room may reach itself through others", () => {
  expect(circlesOf(table.flatMap(({ room, rooms }) => rooms.map((to) => [room, to] as const)))).toEqual([]);
});

// Each kind of statement, seen to break the table.
test.each([
  ["another room", "mls/course.ts", `import { App } from "../visitor/app.tsx";`],
  ["a type alone", "mls/course.ts", `import type { App } from "../visitor/app.tsx";`],
  ["a type in braces", "mls/course.ts", `import { type App } from "../visitor/app.tsx";`],
  ["an import in a type", "mls/course.ts", `export type A = import("../visitor/app.tsx").App;`],
  ["typeof import", "mls/course.ts", `export type A = typeof import("../visitor/app.tsx");`],
  ["what runs alone", "mls/course.ts", `import "../visitor/app.tsx";`],
  ["a re-export", "mls/course.ts", `export { App } from "../visitor/app.tsx";`],
  ["a re-export of all", "mls/course.ts", `export * from "../visitor/app.tsx";`],
  ["a re-export of a type", "mls/course.ts", `export type { App } from "../visitor/app.tsx";`],
  ["a dynamic import", "mls/course.ts", `export const a = () => import("../visitor/app.tsx");`],
  ["a worker", "mls/course.ts", `new Worker(new URL("../visitor/app.tsx", import.meta.url));`],
  ["over many lines", "mls/course.ts", `import {\n  App,\n} from\n  "../visitor/app.tsx";`],
  ["by a long way round", "mls/course.ts", `import { App } from "../mls/../visitor/app.tsx";`],
  ["the visitor's page the console", "visitor/a.tsx", `import { b } from "../console/b.tsx";`],
  ["the console the visitor's page", "console/a/b.tsx", `import type { b } from "../../visitor/b.tsx";`],
  ["the library of groups", "conversation/a.ts", `import { createGroup } from "ts-mls";`],
  ["a part of it", "console/a.ts", `import type { Group } from "ts-mls/clientState.js";`],
  ["a group in the socket", "relay/link.ts", `import type { Group } from "../mls/group.ts";`],
  ["a socket in a group", "mls/group.ts", `import type { Link } from "../relay/link.ts";`],
  ["a page in the conversation", "conversation/a.ts", `import { exit } from "../visitor/exit.ts";`],
  ["a group on the visitor's page", "visitor/a.ts", `import { Group } from "../mls/group.ts";`],
  ["a page's library in the core", "conversation/a.ts", `import { useState } from "preact/hooks";`],
  ["Node", "wire/a.ts", `import { readFileSync } from "node:fs";`],
  ["a test", "wire/a.ts", `import { w } from "../../test/wire/vectors.ts";`],
  ["the visitor's engine the desk", "conversation/visitor/a.ts", `import type { b } from "../desk/b.ts";`],
  ["a mailbox its engine", "conversation/mailbox/a.ts", `import { b } from "../visitor/b.ts";`],
  ["the visitor's page the desk", "visitor/a.ts", `import { b } from "../conversation/desk/b.ts";`],
  ["a package whose name begins alike", "mls/a.ts", `import { x } from "hpke-more";`],
  ["a room without a row", "newroom/a.ts", `import { x } from "../wire/bytes.ts";`],
])("the walls hold against %s", (_, from, text) => {
  const read = statementsOf(from, text).imports;
  expect(read).not.toEqual([]);
  expect(read.every(({ to }) => breaks(from, to) !== undefined)).toBe(true);
});

test.each([
  ["import", `export const a = (name: string) => import(name);`],
  ["import", `export const a = import("../visitor/" + "app.tsx");`],
  ["worker", `new Worker("/assets/a.js");`],
  ["require", `const a = require("../visitor/app.tsx");`],
  ["importScripts", `importScripts("/assets/a.js");`],
])("what cannot be seen through is found: %s", (what, text) => {
  expect(statementsOf("wire/a.ts", text).unclear).toEqual([{ from: "wire/a.ts", what }]);
});

test("what is no import is none", () => {
  const text = `// import "../visitor/app.tsx"\nexport const a = 'import "../visitor/app.tsx"';`;
  expect(statementsOf("wire/a.ts", text)).toEqual({ imports: [], unclear: [] });
});

test("circles are found, and what only leads to one is not in it", () => {
  const edges = [
    ["a", "b"],
    ["b", "c"],
    ["c", "b"],
    ["c", "d"],
    ["e", "e"],
  ] as const;
  expect(circlesOf(edges)).toEqual([["b", "c"], ["e"]]);
});
