import type { Link } from "../../relay/link.ts";
import type { Group } from "../../mls/group.ts";
import type { Joiner } from "../../mls/keypackage.ts";
import type { Member } from "../../mls/policy.ts";
import type { Trouble } from "../api.ts";
import { type Copy, copyForm } from "./copy.ts";
import type { MailboxState, Proposed } from "./state.ts";
import { mailboxForm } from "./stored.ts";
import type { Hooks, Rhythm } from "./steps.ts";
import type { Vault } from "../vault/vault.ts";

/** What a mailbox needs from the engine that holds it. */
export interface Environment {
  /** Where a return code finds the conversation; absent where none does. */
  copy?: Copy | undefined;
  readonly vault: Vault;
  /** Records of this mailbox begin with it. */
  readonly prefix: string;
  readonly link: Link;
  readonly hooks: Hooks;
  readonly rhythm: Rhythm;
  /** Something that a page can see has changed. */
  changed(): void;
  /** Somebody else's commit took effect, or a removal: whoever may read should be looked up again. */
  committed(): void;
  /** The relay takes no copy under these keys. */
  refused(why: Trouble): void;
  /**
   * The relay does not know a device that the opening names, or no longer takes what it was paid with
   * (*unknown_device*, *work*).
   */
  reopen(): void;
  /** The serial of the newest roster; undefined before the first. */
  serial(): bigint | undefined;
  /** Those of other kommuner that were needed, by their ids. */
  serials(): MailboxState["serials"];
  /**
   * The devices that take part in intake and are not members, with today's key packages. Throws PolicyError where there
   * is none.
   */
  colleagues(ctx: MailboxContext): Promise<readonly Joiner[]>;
  /** What is proposed, as the rosters have it. Throws PolicyError where it may not be. */
  known(proposed: Proposed, ctx: MailboxContext): Promise<Proposed>;
  /** Whom a yes lets in, judged anew and with the key packages of today. Throws PolicyError. */
  welcome(proposed: Proposed, ctx: MailboxContext): Promise<readonly Joiner[]>;
  /** The device that a claim keeps beside the claimer's while the visitor is away, of these. */
  second(devices: readonly DeviceMember[]): string | undefined;
  /**
   * Loads the directory, for a device that the roster does not hold: the other side may know a newer one. Never
   * rejects.
   */
  reload(): Promise<void>;
}

/**
 * One mailbox in memory: what its parts read and change. Only the mailbox's own loop changes it, but for lines and
 * queue, which grow at any time.
 */
export interface MailboxContext {
  readonly s: MailboxState;
  readonly env: Environment;
  /** The MLS state up to `s.seq`; absent once nothing more can be read. */
  group: Group | undefined;
  /** The state after the pending commit. */
  next: Group | undefined;
  /** The own entry that came before its answer, which must name the same place. */
  early?: { readonly counter: number; readonly seq: number; readonly tag: string } | undefined;
}

/** The MLS states that the vault holds; null where that is not known. */
export interface StoredGroups {
  group: Group | undefined | null;
  next: Group | undefined | null;
}

export type DeviceMember = Extract<Member, { readonly kind: "device" }>;

/** Stores the mailbox, the MLS states too where they changed, all or nothing. */
export async function persist(ctx: MailboxContext, stored: StoredGroups): Promise<void> {
  const { prefix, vault } = ctx.env;
  const { group, next } = ctx;
  const serial = ctx.env.serial();
  if (serial !== undefined) ctx.s.serial = String(serial);
  ctx.s.serials = ctx.env.serials() ?? ctx.s.serials;
  const records: Record<string, Uint8Array | undefined> = { [`${prefix}state`]: mailboxForm.encode(ctx.s) };
  if (ctx.s.side === "visitor") records[`${prefix}copy`] = ctx.env.copy && copyForm.encode(ctx.env.copy);
  if (stored.group !== group) records[`${prefix}group`] = group?.encode();
  if (stored.next !== next) records[`${prefix}next`] = next?.encode();
  await vault.put(records);
  // What the vault no longer holds must not be found in memory either. While a commit is pending, its state shares keys
  // with ours.
  if (!stored.next && !next && stored.group !== group) stored.group?.forget(group);
  stored.group = group;
  stored.next = next;
}
