import type { Member } from "../../src/mls/policy.ts";
import type { Group } from "../../src/mls/group.ts";
import type { Environment, MailboxContext } from "../../src/conversation/mailbox/context.ts";
import { type Copy, newCopy } from "../../src/conversation/mailbox/copy.ts";
import type { Coverage, Held } from "../../src/conversation/mailbox/coverage.ts";
import type { MailboxLoop } from "../../src/conversation/mailbox/loop.ts";
import type { Situation } from "../../src/conversation/mailbox/next.ts";
import type { Remedy } from "../../src/conversation/mailbox/refusals.ts";
import { type Session, newSession } from "../../src/conversation/mailbox/session.ts";
import {
  type Item,
  type MailboxState,
  type Pending,
  type Stage,
  cursorOf,
  freshState,
} from "../../src/conversation/mailbox/state.ts";
import { usualRhythm } from "../../src/conversation/mailbox/steps.ts";
import type { Request } from "../../src/relay/link.ts";

/** Mailboxes in any state, without a relay, a vault or keys. */

export const id = "ab".repeat(32);
export const tag = (n: number): string => n.toString(16).padStart(2, "0").repeat(16);
export const incarnation = "11".repeat(16);
/** T(n) of a mailbox in which nothing is wrong. */
export const transcript = (n: number): string => n.toString(16).padStart(2, "0").repeat(32);

export const stages = {
  opening: { kind: "opening" },
  open: { kind: "open" },
  taken: { kind: "taken" },
  ended: { kind: "ended", end: { by: "staff", confirmed: false } },
  deleted: { kind: "ended", end: { by: "staff", confirmed: true } },
  broken: { kind: "broken", trouble: "lost" },
} as const satisfies Record<string, Stage>;

/** An open mailbox that has read five entries, all of them confirmed. */
export function stateOf(change: Partial<MailboxState> & { readonly side?: MailboxState["side"] } = {}): MailboxState {
  const { side = "visitor", ...rest } = change;
  return {
    ...freshState({ id, side, era: 0, since: 0, capability: "cc".repeat(32) }),
    stage: stages.open,
    incarnation,
    seq: 5,
    tag: tag(5),
    slot: side === "visitor" ? 0 : 1,
    counter: 2,
    trail: [3, 4, 5].map((n) => [n, transcript(n)]),
    transcript: transcript(5),
    unconfirmed: 5,
    confirmed: 5,
    received: 3,
    ...rest,
  };
}

/** Attached, and idle. */
export function sessionOf(change: Partial<Session> = {}): Session {
  return { ...newSession(true), connected: true, attached: true, known: 5, advanced: 5, ...change };
}

export const visitor: Member = { leaf: 0, kind: "visitor" };
export function device(name: string, leaf = 1): Extract<Member, { readonly kind: "device" }> {
  return { leaf, kind: "device", kommun: "botkyrka", device: name, alias: `alias ${name}`, role: "coordinator" };
}
export const claimer = { device: "sara", kommun: "botkyrka", alias: "Sara", role: "coordinator" };

/** What of an MLS group is looked at, of those who are members. */
export function groupOf(
  self: Member = visitor,
  o: Partial<Group> & { readonly devices?: readonly Member[] } = {},
): Group {
  const { devices = [], ...rest } = o;
  return { epoch: 3n, self, claimer: undefined, members: () => [visitor, ...devices], ...rest } as unknown as Group;
}

export const textItem: Item = { kind: "line", line: "0.o1" };

export function pendingOf(change: Partial<Pending> = {}): Pending {
  return { what: "line", item: textItem, counter: 3, message: "bWVkZGVsYW5kZQ==", ...change };
}

/** A copy that the relay has, at version 4. */
export function copyOf(change: Partial<Copy> = {}): Copy {
  const bytes = (n: number) => new Uint8Array(32).fill(n);
  return { ...newCopy({ locator: bytes(1), capability: bytes(2), key: bytes(3) }, [], 4n), ...change };
}

/** What a copy holds that was sealed when `seq` had been read. */
export function heldOf(s: MailboxState, seq = s.seq): Held {
  return { pending: s.pending, cursor: { ...cursorOf(s), seq: BigInt(seq) } };
}

export function situationOf(change: Partial<Situation> = {}): Situation {
  const copy = change.copy;
  return {
    s: stateOf(),
    session: sessionOf(),
    group: groupOf(),
    copy,
    coverage: { of: copy },
    rhythm: usualRhythm,
    ...change,
  };
}

/** In an environment that can be asked for nothing but what is given. */
export function contextOf(
  s: MailboxState,
  group: Group | undefined = groupOf(),
  env: Partial<Environment> = {},
): MailboxContext {
  const given = { rhythm: usualRhythm, hooks: {}, changed: () => undefined, committed: () => undefined, ...env };
  return { s, env: given as Environment, group, next: undefined };
}

/** A loop that keeps what is asked of it, and stores nothing. */
export function loopOf(ctx: MailboxContext, session = sessionOf(), coverage: Coverage = { of: ctx.env.copy }) {
  const asked: Request[] = [];
  const heeded: Remedy[] = [];
  const steps: string[] = [];
  const loop: MailboxLoop & { session: Session } = {
    ctx,
    session,
    coverage,
    update(change) {
      loop.session = change(loop.session);
    },
    async at(step) {
      steps.push(step);
    },
    async store() {
      steps.push("store");
    },
    touch: () => void steps.push("touch"),
    ask(_, request) {
      steps.push("ask");
      asked.push(request);
    },
    heed: (remedy) => void heeded.push(remedy),
  };
  return { loop, asked, heeded, steps };
}
