import { Group } from "../mls/group.ts";
import type { Trust } from "../mls/library.ts";
import { PolicyError } from "../mls/policy.ts";
import type { Answer, Link } from "../relay/link.ts";
import { Refusal } from "../wire/codes.gen.ts";
import type { Case } from "./api.ts";
import type { Environment } from "./context.ts";
import type { DeviceRecord } from "./device.ts";
import type { DirectoryClient } from "./directory.ts";
import { type Mailbox, loadMailbox, makeMailbox } from "./mailbox.ts";
import { joinWith } from "./packages.ts";
import { hex } from "../wire/bytes.ts";
import { bytesOf, freshState, troubleIn } from "./state.ts";
import type { Hooks, Rhythm } from "./steps.ts";
import { secondOf } from "./second.ts";
import type { Vault } from "./vault.ts";

/** The mailboxes that wait for a device: fetches each Welcome, enters the group, and hands the mailbox over. */
export interface Inbox {
  /** The relay says that this mailbox waits. */
  waiting(id: string, since: number): void;
  /** This device may have been taken out of it, and let in again. */
  left(id: string): void;
  /** What is being fetched, to be shown meanwhile. */
  opening(): Case[];
  /** Takes up every mailbox that the vault holds. */
  restore(): Promise<void>;
  /** Erases what is stored of a mailbox, and does not open it again unless it is let in after entry `read`. */
  erase(id: string, read: number): Promise<void>;
  /** Drops what is under way. */
  forget(): void;
}

const prefix = "case/";

/**
 * Whether a Welcome is a newer one than a mailbox has been in by. One that was lost may have been attached only after
 * the device had been taken out and let in again: what it was given then began behind what it had.
 */
function follows({ s }: Mailbox, from: number): boolean {
  return troubleIn(s) === "lost" ? from > s.seq : from >= s.seq;
}

/** A device lets nobody in. */
const never = () => Promise.reject(new PolicyError("add_by_device"));

export function newInbox(o: {
  readonly link: Link;
  readonly hooks: Hooks;
  readonly rhythm: Rhythm;
  readonly trust: Trust;
  readonly directory: DirectoryClient;
  /** Loads the rosters that a member may stand in. */
  readonly reload: () => Promise<void>;
  readonly device: () => DeviceRecord;
  readonly vault: () => Vault;
  readonly known: (id: string) => boolean;
  /** A mailbox that this device has been taken out of, or has lost. */
  readonly out: (id: string) => Mailbox | undefined;
  readonly changed: () => void;
  readonly caseChanged: (id: string) => void;
  readonly add: (mailbox: Mailbox) => void;
  readonly failed: (error: unknown) => void;
}): Inbox {
  const under = new Map<string, number>();
  /** The newest entry read of what was erased. */
  const erased = new Map<string, number>();
  /** Named by the relay while this device had it open. */
  const named = new Map<string, number>();
  let life = 0;
  let line: Promise<void> = Promise.resolve();

  function environmentOf(id: string): Environment {
    return {
      vault: o.vault(),
      prefix: `${prefix}${id}/`,
      link: o.link,
      hooks: o.hooks,
      rhythm: o.rhythm,
      changed: () => o.caseChanged(id),
      committed: () => undefined,
      reopen: () => undefined,
      refused: () => undefined,
      serial: () => undefined,
      serials: () => undefined,
      colleagues: never,
      known: never,
      welcome: never,
      second: (devices) => secondOf(devices, o.device().id, o.directory.roster, o.trust.now()),
      reload: o.reload,
    };
  }

  /** One after the other: a shift that begins with a full inbox must not ask for everything at once. */
  async function open(id: string, since: number, mine: number): Promise<void> {
    const fetched = await fetchWelcome(id, mine);
    if (mine !== life) return;
    const from = Number(fetched?.from.seq ?? 0);
    const out = o.out(id);
    // What it has left or erased comes back only where the visitor has let it in anew.
    if (!fetched || from < (erased.get(id) ?? 0) || (out && !follows(out, from))) {
      under.delete(id);
      return o.changed();
    }
    await o.hooks.at?.("join.fetched");
    if (out) {
      out.stop();
      await out.rested;
    }
    erased.delete(id);
    const s = freshState({ id, side: "device", era: 0, since, capability: "" });
    if (from > 0) {
      s.incarnation = hex(fetched.from.incarnation);
      s.seq = from;
      s.tag = hex(fetched.from.tag);
      s.trail = [];
      s.joiner = { from, hashes: [] };
      s.expects = "history";
    }
    let group: Group | undefined;
    try {
      group = await join(fetched.welcome, id);
      s.readers = group.members().filter((m) => m.kind === "device").length;
    } catch (error) {
      s.stage = { kind: "broken", trouble: error instanceof PolicyError ? "policy" : "lost" };
    }
    await o.hooks.at?.("join.joined");
    if (mine !== life) return;
    const mailbox = await makeMailbox(environmentOf(id), s, group);
    await o.hooks.at?.("join.stored");
    under.delete(id);
    if (mine !== life) return mailbox.stop();
    o.add(mailbox);
  }

  async function join(welcome: Uint8Array, id: string): Promise<Group> {
    try {
      return await joinWith(o.vault(), welcome, id, o.device(), o.trust);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      // The visitor may know a newer roster, with a colleague that ours does not hold yet.
      await o.reload();
      return joinWith(o.vault(), welcome, id, o.device(), o.trust);
    }
  }

  async function fetchWelcome(id: string, mine: number): Promise<Extract<Answer, { kind: "welcome" }> | undefined> {
    for (;;) {
      let answer: Answer;
      try {
        answer = await o.link.request({ kind: "fetch", mailbox: bytesOf(id) });
      } catch {
        return undefined; // the relay names it again on the next connection
      }
      if (answer.kind === "welcome") return answer;
      const busy = answer.kind === "refused" && answer.code === Refusal.busy ? 1000 * Number(answer.detail) : 0;
      const again = busy > 0 || (answer.kind === "refused" && answer.code === Refusal.unavailable);
      if (!again || mine !== life) return undefined;
      await new Promise((resolve) => setTimeout(resolve, Math.max(busy, o.rhythm.again)));
    }
  }

  function waiting(id: string, since: number): void {
    if (under.has(id)) return void named.set(id, since);
    if (o.known(id) && !o.out(id)) return void named.set(id, since);
    named.delete(id);
    under.set(id, since);
    o.changed();
    const mine = life;
    line = line.then(() => (mine === life ? open(id, since, mine) : undefined)).catch(o.failed);
  }

  return {
    waiting,
    left(id) {
      const since = named.get(id);
      if (since !== undefined && o.out(id)) waiting(id, since);
    },
    opening: () =>
      [...under]
        .filter(([id]) => !o.known(id))
        .map(([id, since]) => ({ id, since, state: "opening", priority: 2, lines: [], unread: 0 })),
    async restore() {
      const ids = new Set((await o.vault().names(prefix)).map((name) => name.slice(prefix.length, prefix.length + 64)));
      for (const id of ids) {
        if (o.known(id)) continue;
        const mailbox = await loadMailbox(environmentOf(id), o.trust);
        if (mailbox) o.add(mailbox);
      }
    },
    async erase(id, read) {
      erased.set(id, read + 1);
      const names = await o.vault().names(`${prefix}${id}/`);
      await o.vault().put(Object.fromEntries(names.map((name) => [name, undefined])));
    },
    forget() {
      life++;
      under.clear();
      named.clear();
    },
  };
}
