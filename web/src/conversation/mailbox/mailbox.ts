import { Group } from "../../mls/group.ts";
import type { Trust } from "../../mls/library.ts";
import type { Request, Pushed } from "../../relay/link.ts";
import type { Trouble } from "../api.ts";
import { type Environment, type MailboxContext, type StoredGroups, persist } from "./context.ts";
import { lastRequests } from "./lastrequests.ts";
import { claimedHere } from "./next.ts";
import { answer, propose } from "./proposing.ts";
import { type MailboxState, type Proposed, type Words, bytesOf, goesOn, rewrite, write } from "./state.ts";
import { mailboxForm } from "./stored.ts";
import { becomeBroken } from "./transitions.ts";
import { claim, dismiss, end, invite, remove } from "./wishes.ts";
import { WorkLoop } from "./workloop.ts";

/** One mailbox, on either side: it keeps itself attached, reads, sends, confirms and acknowledges until it is over. */
export interface Mailbox {
  readonly s: MailboxState;
  readonly group: Group | undefined;
  /** The link is up, and logged in where that is needed. */
  connect(): void;
  disconnect(): void;
  pushed(frame: Pushed): void;
  /** Puts a line into the conversation and on its way. Returns its id. */
  say(what: Words): string;
  retry(line: string): void;
  claim(): void;
  acknowledge(): void;
  /** Takes devices out that may no longer read (visitor only). */
  remove(devices: readonly string[]): void;
  /** Lets colleagues in instead of who has claimed (visitor only). */
  invite(): void;
  /** Proposes (device only). */
  propose(proposed: Proposed): void;
  /** Takes out who reads beside this device (device only). */
  dismiss(device: string): void;
  /** Yes or no to the proposal with that nonce (visitor only). */
  answer(nonce: string, yes: boolean): void;
  /** `env.copy` is another, or none any more. */
  copyChanged(): void;
  /** Resolves when the wish is stored; the state tells when the relay has confirmed. */
  end(): Promise<void>;
  seen(): void;
  fail(trouble: Trouble): void;
  /** What is to be said on the line when the visitor must go at once; nothing where the relay would not take it. */
  lastWords(): Request[];
  /** Stops the work and lets go of the keys in memory. What is stored stays. */
  stop(): void;
  /** Resolves when the work has come to rest after `stop`. */
  readonly rested: Promise<void>;
  /** Overwrites the keys and drops what was said, once it has come to rest; what the vault holds stays. */
  forget(): void;
}

/** Stores a new mailbox, over what its records held before, and returns it at work. */
export async function makeMailbox(env: Environment, s: MailboxState, group: Group | undefined): Promise<Mailbox> {
  const ctx: MailboxContext = { s, env, group, next: undefined };
  const stored: StoredGroups = { group: null, next: null };
  await persist(ctx, stored);
  return newMailbox(new WorkLoop(ctx, stored, "new"));
}

/**
 * Takes up a mailbox where its vault has it; undefined when there is none. `from`: its records were just read from the
 * copy.
 */
export async function loadMailbox(
  env: Environment,
  trust: Trust,
  from: "vault" | "copy" = "vault",
): Promise<Mailbox | undefined> {
  const [state, group, next] = await Promise.all(
    ["state", "group", "next"].map((name) => env.vault.get(env.prefix + name)),
  );
  if (!state) return undefined;
  const decoded = { group: group && Group.decode(group, trust), next: next && Group.decode(next, trust) };
  return newMailbox(new WorkLoop({ s: mailboxForm.decode(state), env, ...decoded }, { ...decoded }, from));
}

function newMailbox(work: WorkLoop): Mailbox {
  const { ctx, rested } = work;
  const { s } = ctx;
  const mine = (): boolean => DEVICE && s.stage.kind === "open";
  const touchIf = (changed: boolean): void => {
    if (changed) work.touch();
  };
  return {
    s,
    get group() {
      return ctx.group;
    },
    connect: () => work.connect(),
    disconnect: () => work.disconnect(),
    pushed: (frame) => work.pushed(frame),
    say(what) {
      const id = write(s, what);
      work.touch();
      return id;
    },
    retry: (line) => touchIf(rewrite(s, line)),
    claim: () => touchIf(DEVICE && claim(s)),
    acknowledge() {
      if (mine() && work.session.attached && !work.session.asked.has("acknowledge"))
        work.ask("acknowledge", { kind: "acknowledge", mailbox: bytesOf(s.id) });
    },
    remove: (devices) => touchIf(remove(s, devices)),
    invite: () => touchIf(invite(s)),
    propose(proposed) {
      if (!mine() || s.ending || !claimedHere(ctx)) return;
      propose(s, proposed);
      work.touch();
    },
    dismiss: (device) => touchIf(DEVICE && dismiss(s, device)),
    answer: (nonce, yes) => touchIf(answer(s, nonce, yes)),
    copyChanged: () => work.touch(),
    async end() {
      touchIf(end(ctx, work.session.tried));
    },
    seen() {
      if (s.seen === s.seq) return;
      s.seen = s.seq;
      work.touch();
    },
    fail(trouble) {
      if (!goesOn(s)) return;
      becomeBroken(ctx, trouble);
      work.touch();
    },
    lastWords: () => lastRequests(work.situation),
    stop: () => work.stop(),
    rested,
    forget() {
      for (const group of new Set([ctx.group, ctx.next])) group?.forget();
      ctx.group = ctx.next = undefined;
      Object.assign(s, { lines: [], queue: [], intake: undefined, pending: undefined, accepted: [], capability: "" });
    },
  };
}
