/** What a browser has left on the disk, as somebody finds it who has the phone and time. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { contents } from "./unpack.ts";

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

/**
 * Every file of the profile, with all that could be unpacked of it. What is broken in a file that the browser was still
 * writing is passed over. A browser that runs gives files their final names meanwhile: where one has gone, all are read
 * once more.
 */
function* everything(folder: string): Generator<{ readonly name: string; readonly bytes: Buffer }> {
  for (let more = 4; ; more--) {
    try {
      for (const path of files(folder)) yield* unpacked(readFileSync(path), relative(folder, path));
      return;
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== "ENOENT" || more === 0) throw e;
    }
  }
}

function* unpacked(file: Buffer, name: string): Generator<{ readonly name: string; readonly bytes: Buffer }> {
  const parts = contents(file);
  for (;;) {
    let next: IteratorResult<Buffer>;
    try {
      next = parts.next();
    } catch {
      return;
    }
    if (next.done) return;
    yield { name, bytes: next.value };
  }
}

/** Where one of the texts stands, in either of the ways in which browsers write text: «file: text». */
export function found(folder: string, texts: readonly string[]): readonly string[] {
  const looked = texts
    .filter((text) => text.length >= 4)
    .flatMap((text) =>
      [
        Buffer.from(text),
        Buffer.from(text, "utf16le"),
        Buffer.from(text, "latin1"),
        Buffer.from(encodeURIComponent(text)),
      ].map((form) => ({ text, form })),
    );
  const where = new Set<string>();
  let count = 0;
  for (const { name, bytes } of everything(folder)) {
    count++;
    for (const { text, form } of looked) if (bytes.includes(form)) where.add(`${name}: ${text}`);
  }
  if (count < 10) throw new Error(`only ${count} files: this is no profile`);
  return [...where].sort();
}

/** Files in which several of the words stand close together: a list that was taken apart on its way to the disk. */
export function foundTogether(folder: string, words: readonly string[]): readonly string[] {
  const near = 300;
  const where = new Set<string>();
  for (const { name, bytes } of everything(folder)) {
    const places = words
      .flatMap((word) => [Buffer.from(word), Buffer.from(word, "utf16le")].map((form) => bytes.indexOf(form)))
      .filter((at) => at >= 0)
      .sort((a, b) => a - b);
    if (places.some((at, i) => i >= 2 && at - places[i - 2]! < near)) where.add(name);
  }
  return [...where].sort();
}

/** The files that name a host, and the addresses of its assets that stand in any of them. */
export function namings(
  folder: string,
  origin: string,
): { readonly files: readonly string[]; readonly assets: readonly string[] } {
  const host = origin.replace(/^https?:\/\//, "");
  const where = new Set<string>();
  const assets = new Set<string>();
  for (const { name, bytes } of everything(folder)) {
    for (const text of [bytes.toString("latin1"), bytes.toString("utf16le"), bytes.subarray(1).toString("utf16le")]) {
      if (!text.includes(host)) continue;
      where.add(name);
      for (const [asset] of text.matchAll(/\/assets\/[\w-]+\.\w+/g)) assets.add(asset);
    }
  }
  return { files: [...where].sort(), assets: [...assets].sort() };
}

/** The process of the browser that has this profile open; its others end with it. */
export function browserOf(folder: string): number {
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    let words: readonly string[];
    try {
      words = readFileSync(`/proc/${name}/cmdline`, "utf8").split(/[\0 ]/);
    } catch {
      continue;
    }
    if (words.includes(`--user-data-dir=${folder}`) && !words.some((word) => word.startsWith("--type=")))
      return Number(name);
  }
  throw new Error("no browser has this profile open");
}

/** Rows of a database of the profile. */
export function rows<Row>(folder: string, database: string, query: string): readonly Row[] {
  const said = execFileSync("sqlite3", ["-readonly", "-json", join(folder, database), query], { encoding: "utf8" });
  return said.trim() === "" ? [] : (JSON.parse(said) as Row[]);
}
