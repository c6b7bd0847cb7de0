import { type Roster, type RosterDevice, RosterError, openRoster, takesIntake } from "../../mls/roster.ts";
import { type Directory, type Puzzle, decodeDirectory } from "../../wire/directory.ts";
import type { Trouble } from "../api.ts";

/** The directory as this client last accepted it. What a relay says that is older or unsigned never replaces it. */
export interface DirectoryClient {
  /** The newest roster accepted; undefined before the first. */
  readonly roster: Roster | undefined;
  readonly keyPackages: Directory["keyPackages"];
  /** Nothing to solve before the first. */
  readonly puzzle: Puzzle;
  /** Milliseconds since the epoch of the last accepted load; 0 before. */
  readonly loaded: number;
  /** Fetches and verifies; resolves with what stands in the way. What was accepted before stays in force. */
  load(): Promise<Trouble | undefined>;
  /** Refuses from now on every roster older than this: what an earlier life of this client had seen. */
  remember(serial: bigint): void;
}

const timeout = 15_000;
/** More than any directory can be: 64 key packages and a roster. */
const maxBytes = 512 * 1024;
/** Beyond this difference between the clocks a refusal is put down to the clock (spec §6.1). */
const clockTolerance = 12 * 3600;

export function newDirectoryClient(o: {
  /** Whose directory it is. */
  readonly of: { readonly id: string; readonly pins: readonly string[] };
  /** Its address. */
  readonly address: string;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): DirectoryClient {
  let roster: Roster | undefined;
  let newest: bigint | undefined;
  let keyPackages: Directory["keyPackages"] = [];
  let puzzle: Puzzle = { salt: new Uint8Array(16), bits: 0 };
  let loaded = 0;

  return {
    get roster() {
      return roster;
    },
    get keyPackages() {
      return keyPackages;
    },
    get puzzle() {
      return puzzle;
    },
    get loaded() {
      return loaded;
    },
    async load() {
      let directory: Directory;
      try {
        directory = await fetchDirectory(o.address, o.fetch);
      } catch {
        return "unreachable";
      }
      try {
        const accepted = await openRoster(directory.roster, {
          kommun: o.of.id,
          pins: o.of.pins,
          now: Math.floor(o.now() / 1000),
          relayTime: directory.time,
          ...(newest === undefined ? {} : { newest }),
        });
        // Two loads may have run at once, and the older answer may come last.
        if (newest !== undefined && accepted.serial < newest) return "roster_old";
        roster = accepted;
        newest = accepted.serial;
        ({ keyPackages, puzzle } = directory);
        loaded = o.now();
      } catch (error) {
        return error instanceof RosterError ? error.trouble : "bug";
      }
      if (keyPackages.length === 0 || Math.abs(directory.time - o.now() / 1000) <= clockTolerance) return undefined;
      return "clock";
    },
    remember(serial) {
      if (newest === undefined || serial > newest) newest = serial;
    },
  };
}

/**
 * Devices that take part in intake (spec §6.1) with a certificate that is valid now, each with its key package of
 * today.
 */
export function intakeDevices(
  directory: DirectoryClient,
  now: number,
): { readonly device: RosterDevice; readonly keyPackage: Uint8Array }[] {
  const found: { device: RosterDevice; keyPackage: Uint8Array }[] = [];
  for (const device of directory.roster?.devices ?? []) {
    if (!takesIntake(device.role) || device.expires * 1000 <= now) continue;
    const dated = directory.keyPackages.find((k) => k.device === device.id);
    if (dated) found.push({ device, keyPackage: dated.keyPackage });
  }
  return found;
}

async function fetchDirectory(address: string, fetch: typeof globalThis.fetch): Promise<Directory> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    const answer = await fetch(address, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: stop.signal,
    });
    if (!answer.ok) throw new Error("the directory was refused");
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length > maxBytes) throw new Error("the directory is too large");
    return decodeDirectory(bytes);
  } finally {
    clearTimeout(timer);
  }
}
