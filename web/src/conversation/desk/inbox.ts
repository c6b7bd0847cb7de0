import type { Group } from "../../mls/group.ts";
import type { Trust } from "../../mls/library.ts";
import { PolicyError } from "../../mls/policy.ts";
import type { Answer, Link } from "../../relay/link.ts";
import { hex } from "../../wire/bytes.ts";
import type { Case } from "../api.ts";
import type { Environment } from "../mailbox/context.ts";
import type { DeviceRecord } from "./device.ts";
import type { DirectoryClient } from "../directory/directory.ts";
import { type Mailbox, loadMailbox, makeMailbox } from "../mailbox/mailbox.ts";
import { joinWith } from "./packages.ts";
import {
  type Pointer,
  changed,
  erased,
  fetched,
  forgotten,
  isOut,
  joining,
  named,
  nextFetch,
  nextPointer,
  noPointers,
  worthJoining,
} from "./pointers.ts";
import { secondOf } from "./second.ts";
import { type MailboxState, bytesOf, freshState } from "../mailbox/state.ts";
import { type Hooks, type Rhythm, pause } from "../mailbox/steps.ts";
import type { Vault } from "../vault/vault.ts";

/** The mailboxes that wait for a device: fetches each Welcome, enters the group, and hands the mailbox over. */
export interface Inbox {
  /** The relay says that this mailbox waits. */
  waiting(id: string, since: number): void;
  /** A mailbox has changed: this device may have been taken out of it, and let in again. */
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

/** What an inbox needs of the desk. */
export interface InboxEnvironment {
  readonly link: Link;
  readonly hooks: Hooks;
  readonly rhythm: Rhythm;
  readonly trust: Trust;
  readonly directory: DirectoryClient;
  /** Loads the rosters that a member may stand in. */
  readonly reload: () => Promise<void>;
  readonly device: () => DeviceRecord;
  readonly vault: () => Vault;
  /** What the desk has of a mailbox. */
  readonly held: (id: string) => Mailbox | undefined;
  readonly changed: () => void;
  readonly caseChanged: (id: string) => void;
  readonly add: (mailbox: Mailbox) => void;
  readonly failed: (error: unknown) => void;
}

const prefix = "case/";

export function newInbox(env: InboxEnvironment): Inbox {
  let pointers = noPointers;
  /** What an earlier life still has under way stops by itself. */
  let life = new AbortController();
  let line: Promise<void> = Promise.resolve();

  async function open({ id, since }: Pointer, over: AbortSignal): Promise<void> {
    const welcome = await fetchWelcome(env, id, over);
    if (over.aborted) return;
    const held = env.held(id);
    if (!welcome || !worthJoining(pointers, id, Number(welcome.from.seq), held?.s)) {
      pointers = fetched(pointers, id);
      return env.changed();
    }
    await env.hooks.at?.("join.fetched");
    if (held && isOut(held.s)) {
      held.stop();
      await held.rested;
    }
    pointers = joining(pointers, id);
    const { s, group } = await join(env, id, since, welcome);
    await env.hooks.at?.("join.joined");
    if (over.aborted) return;
    const mailbox = await makeMailbox(environmentOf(env, id), s, group);
    await env.hooks.at?.("join.stored");
    pointers = fetched(pointers, id);
    if (over.aborted) return mailbox.stop();
    env.add(mailbox);
  }

  function become(next: typeof pointers): void {
    const more = next.waiting.length > pointers.waiting.length;
    pointers = next;
    if (!more) return;
    env.changed();
    const { signal } = life;
    line = line
      .then(() => {
        const pointer = signal.aborted ? undefined : nextPointer(pointers);
        return pointer && open(pointer, signal);
      })
      .catch(env.failed);
  }

  return {
    waiting: (id, since) => become(named(pointers, { id, since }, env.held(id)?.s)),
    left: (id) => become(changed(pointers, id, env.held(id)?.s)),
    opening: () =>
      pointers.waiting
        .filter(({ id }) => !env.held(id))
        .map(({ id, since }) => ({ id, since, state: "opening", priority: 2, lines: [], unread: 0 })),
    async restore() {
      const names = await env.vault().names(prefix);
      for (const id of new Set(names.map((name) => name.slice(prefix.length, prefix.length + 64)))) {
        if (env.held(id)) continue;
        const mailbox = await loadMailbox(environmentOf(env, id), env.trust);
        if (mailbox) env.add(mailbox);
      }
    },
    async erase(id, read) {
      pointers = erased(pointers, id, read);
      const names = await env.vault().names(`${prefix}${id}/`);
      await env.vault().put(Object.fromEntries(names.map((name) => [name, undefined])));
    },
    forget() {
      life.abort();
      life = new AbortController();
      pointers = forgotten(pointers);
    },
  };
}

type Welcome = Extract<Answer, { readonly kind: "welcome" }>;

async function fetchWelcome(env: InboxEnvironment, id: string, over: AbortSignal): Promise<Welcome | undefined> {
  for (;;) {
    const answer = await env.link.request({ kind: "fetch", mailbox: bytesOf(id) }).catch(() => undefined);
    const step = nextFetch(answer, env.rhythm.again);
    if (step.do === "join") return step.welcome;
    if (step.do === "drop" || over.aborted) return undefined;
    await pause(step.ms);
  }
}

/** The state of a mailbox that this device enters by a Welcome, with its group; without one it is broken. */
async function join(
  env: InboxEnvironment,
  id: string,
  since: number,
  { from, welcome }: Welcome,
): Promise<{ readonly s: MailboxState; readonly group: Group | undefined }> {
  const s = freshState({ id, side: "device", era: 0, since, capability: "" });
  const seq = Number(from.seq);
  if (seq > 0) {
    s.incarnation = hex(from.incarnation);
    s.seq = seq;
    s.tag = hex(from.tag);
    s.trail = [];
    s.joiner = { from: seq, hashes: [] };
    s.expects = "history";
  }
  try {
    const group = await joinGroup(env, welcome, id);
    s.readers = group.members().filter((m) => m.kind === "device").length;
    return { s, group };
  } catch (error) {
    s.stage = { kind: "broken", trouble: error instanceof PolicyError ? "policy" : "lost" };
    return { s, group: undefined };
  }
}

async function joinGroup(env: InboxEnvironment, welcome: Uint8Array, id: string): Promise<Group> {
  try {
    return await joinWith(env.vault(), welcome, id, env.device(), env.trust);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    // The visitor may know a newer roster, with a colleague that ours does not hold yet.
    await env.reload();
    return joinWith(env.vault(), welcome, id, env.device(), env.trust);
  }
}

/** A device lets nobody in. */
const never = () => Promise.reject(new PolicyError("add_by_device"));

function environmentOf(env: InboxEnvironment, id: string): Environment {
  return {
    vault: env.vault(),
    prefix: `${prefix}${id}/`,
    link: env.link,
    hooks: env.hooks,
    rhythm: env.rhythm,
    changed: () => env.caseChanged(id),
    committed: () => undefined,
    reopen: () => undefined,
    refused: () => undefined,
    serial: () => undefined,
    serials: () => undefined,
    colleagues: never,
    known: never,
    welcome: never,
    second: (devices) => secondOf(devices, env.device().id, env.directory.roster, env.trust.now()),
    reload: env.reload,
  };
}
