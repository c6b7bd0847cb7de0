import type { PageConfig } from "../../config.ts";
import type { Trust } from "../../mls/library.ts";
import { type DirectoryClient, newDirectoryClient } from "./directory.ts";
import type { MailboxState } from "../mailbox/state.ts";

/**
 * The directories of the kommun and of those that it works with; another kommun's is loaded once it is needed, and not
 * before.
 */
export interface Directories {
  readonly own: DirectoryClient;
  /** That of a kommun, the own one by its id or by nothing; undefined where its team keys are not pinned. */
  of(kommun: string): DirectoryClient | undefined;
  /**
   * Loads the own one and those of others that were ever needed. Never rejects; resolves with what stands in the way of
   * the own one.
   */
  load: DirectoryClient["load"];
  /** The newest serials of others, by kommun. */
  serials(): Readonly<Record<string, string>> | undefined;
  /** No roster older than those that a conversation has seen is taken. */
  remember(seen: Pick<MailboxState, "serial" | "serials">): void;
  readonly trust: Trust;
}

export function newDirectories(
  config: PageConfig,
  base: string,
  fetch: typeof globalThis.fetch,
  now: () => number,
): Directories {
  const own = newDirectoryClient({
    of: { ...config.kommun, pins: config.pins },
    address: `${base}/directory`,
    fetch,
    now,
  });
  const others = new Map<string, DirectoryClient>();

  function of(kommun: string): DirectoryClient | undefined {
    if (kommun === "" || kommun === config.kommun.id) return own;
    const partner = config.partners?.find((p) => p.id === kommun);
    if (partner && !others.has(kommun))
      others.set(kommun, newDirectoryClient({ of: partner, address: `${base}/directory/${kommun}`, fetch, now }));
    return others.get(kommun);
  }

  return {
    own,
    of,
    async load() {
      const [trouble] = await Promise.all([own.load(), ...[...others.values()].map((directory) => directory.load())]);
      return trouble;
    },
    serials() {
      const known = [...others].flatMap(([id, { roster }]) => (roster ? [[id, String(roster.serial)]] : []));
      return known.length > 0 ? Object.fromEntries(known) : undefined;
    },
    remember({ serial: first, serials }) {
      for (const [kommun, serial] of [["", first], ...Object.entries(serials ?? {})]) {
        if (serial !== undefined) of(kommun!)?.remember(BigInt(serial));
      }
    },
    trust: {
      kommun: config.kommun.id,
      now: () => Math.floor(now() / 1000),
      roster() {
        if (!own.roster) throw new Error("no roster yet");
        return own.roster;
      },
      partners: () => config.partners?.map(({ id }) => ({ kommun: id, roster: others.get(id)?.roster })) ?? [],
    },
  };
}
