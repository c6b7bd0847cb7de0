import type { PageConfig } from "../../config.ts";
import { type Solve, solve } from "../../puzzle/index.ts";
import { type LinkEvents, type Request, type SocketConstructor, newLink, relayAddress } from "../../relay/link.ts";
import type { Pace } from "../../relay/pace.ts";
import { Newer } from "../../stored/form.ts";
import { hex } from "../../wire/bytes.ts";
import type { Visitor, VisitorView } from "../api.ts";
import { comeBack, reread, restore } from "./comeback.ts";
import type { Environment } from "../mailbox/context.ts";
import { forgetCopy } from "../mailbox/copy.ts";
import { newDirectories } from "../directory/directories.ts";
import { intakeDevices } from "../directory/directory.ts";
import { colleaguesIn, joinersOf, knownProposal } from "./joiners.ts";
import { type Keeper, newKeeper } from "./keeper.ts";
import { expel, loadRosters, lookAgain } from "./membership.ts";
import { launch, openSuccessor, prepare, reopen } from "./opener.ts";
import { draft } from "./opening.ts";
import { newOpeningWork } from "./openingwork.ts";
import { recover } from "./recovery.ts";
import { newRosterWatch } from "../directory/rosterwatch.ts";
import { type MailboxState, type Words, failWaiting, freshState, rewrite, write } from "../mailbox/state.ts";
import { type Hooks, type Rhythm, usualRhythm } from "../mailbox/steps.ts";
import { judgeRecords } from "../mailbox/records.ts";
import { type TabKeeper, newTabKeeper } from "./tabkeeper.ts";
import { type Vault, memoryVault, movableVault } from "../vault/vault.ts";
import { viewOf } from "./view.ts";
import { newViewStore } from "../viewstore.ts";
import { type VisitorContext, quietly, reach } from "./context.ts";
import { afterStored, mailboxIn, newSession, observed, replaceable, stateIn } from "./life.ts";

export interface VisitorOptions {
  readonly config: PageConfig;
  /** Where the state is kept between crashes; the page's memory by default. */
  readonly vault?: Vault;
  /** The page's own origin, where `/relay` and `/directory` are. */
  readonly base?: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly WebSocket?: SocketConstructor;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly hooks?: Hooks;
  readonly pace?: Partial<Pace>;
  readonly rhythm?: Partial<Rhythm>;
  readonly solve?: Solve;
}

/** The visitor's engine. With a vault that holds a conversation, it goes on with that one by itself. */
export function newVisitor(o: VisitorOptions): Visitor {
  const parts = newParts(o);
  const { ctx, keeper, tab } = parts;
  const restored = o.vault ? restore(ctx) : Promise.resolve();

  return {
    get view() {
      return ctx.shown.view;
    },
    subscribe: ctx.shown.subscribe,
    async prepare() {
      await restored;
      const found = await prepare(ctx);
      ctx.shown.changed();
      return found;
    },
    async open(intake, kind) {
      await restored;
      if (ctx.life.kind === "idle") await quietly(launch(ctx, draft(intake, kind, ctx.work.take(), ctx.now())));
    },
    send: (text) => say(ctx, { text }),
    sendPhrase: (key, slots) => say(ctx, { phrase: { key, slots } }),
    retry(id) {
      if (ctx.life.kind !== "drafted") mailboxIn(ctx.life)?.retry(id);
      else if (rewrite(ctx.life.s, id)) ctx.shown.changed();
    },
    async again() {
      const s = replaceable(ctx.life);
      if (!s) return;
      ctx.session = { ...ctx.session, recoveries: 0 };
      await openSuccessor(ctx, s, undefined, false);
    },
    end: () => end(ctx),
    wipe: () => wipe(parts),
    leave: () => wipe(parts, mailboxIn(ctx.life)?.lastWords()),
    async keep(keys) {
      await restored;
      return keeper.keep(keys);
    },
    async comeBack(keys) {
      await restored;
      return comeBack(ctx, keys);
    },
    invite: () => mailboxIn(ctx.life)?.invite(),
    answer: (nonce, yes) => mailboxIn(ctx.life)?.answer(nonce, yes),
    async stay(store) {
      if (!store) return tab.end();
      return mailboxIn(ctx.life) ? tab.begin(store) : "lost";
    },
    async resume(store) {
      await restored;
      if (ctx.life.kind !== "idle") return false;
      try {
        if (!(await tab.reopen(store))) return false;
      } catch (error) {
        if (!(error instanceof Newer)) throw error;
        ctx.link.close();
        ctx.become({ kind: "drafted", s: unreadable() });
        return true;
      }
      await restore(ctx);
      return mailboxIn(ctx.life) !== undefined;
    },
  };
}

/** What stands in the place of a conversation that a later release has stored. */
function unreadable(): MailboxState {
  const s = freshState({ id: "", side: "visitor", era: 0, since: 0, capability: "" });
  s.stage = { kind: "broken", trouble: "bug" };
  return s;
}

interface Parts {
  readonly ctx: VisitorContext;
  readonly keeper: Keeper;
  readonly tab: TabKeeper;
}

function newParts(o: VisitorOptions): Parts {
  const { config } = o;
  const base = o.base ?? globalThis.location?.origin ?? config.origin;
  const now = o.now ?? Date.now;
  const hooks = o.hooks ?? {};
  const rhythm: Rhythm = { ...usualRhythm, ...o.rhythm };
  const vault = movableVault(o.vault ?? memoryVault());
  const at = async (step: string) => hooks.at?.(step);
  const fetch: typeof globalThis.fetch = o.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const directories = newDirectories(config, base, fetch, now);
  const link = newLink({
    url: relayAddress(base),
    WebSocket: o.WebSocket,
    pace: o.pace,
    events: eventsOf(() => parts, rhythm),
  });
  let life: VisitorContext["life"] = { kind: "idle" };
  const ctx: VisitorContext = {
    config,
    supported: Boolean(globalThis.crypto?.subtle && (o.WebSocket ?? globalThis.WebSocket)),
    now,
    rhythm,
    at,
    vault,
    link,
    directories,
    work: newOpeningWork(o.solve ?? solve),
    env: environmentOf(() => parts, { vault, link, hooks, rhythm }),
    shown: newViewStore(() => makeView(parts)),
    session: newSession(now()),
    notice: undefined,
    get life() {
      return life;
    },
    become(next) {
      // Nothing comes back from being wiped.
      if (life.kind === "wiped") return;
      life = next;
      ctx.shown.changed();
    },
  };
  const tab = newTabKeeper({
    link,
    vault,
    at,
    again: rhythm.again,
    reach: () => reach(ctx),
    over: () => ctx.life.kind === "wiped" || isOver(ctx),
    changed: () => ctx.shown.changed(),
    readable: (held) => judgeRecords(held, ctx.env.prefix),
  });
  const parts: Parts = { ctx, keeper: newKeeper(ctx), tab };
  return parts;
}

function isOver({ life }: VisitorContext): boolean {
  const stage = mailboxIn(life)?.s.stage.kind;
  return stage === "ended" || stage === "broken";
}

/** What comes from the relay. */
function eventsOf(parts: () => Parts, rhythm: Rhythm): LinkEvents {
  /** Has it ever answered? */
  let reached = false;
  const heard = newRosterWatch({
    serial: () => parts().ctx.directories.own.roster?.serial,
    look: () => lookAgain(parts().ctx),
    longest: rhythm.roster,
    over: () => parts().ctx.life.kind === "wiped",
  });
  return {
    up(hello) {
      const { ctx } = parts();
      const mailbox = mailboxIn(ctx.life);
      if (hello.kommun !== ctx.config.kommun.id) {
        ctx.notice = "roster_kommun";
        mailbox?.fail("roster_kommun");
        ctx.link.close();
        return ctx.shown.changed();
      }
      const again = reached;
      reached = true;
      if (ctx.notice === "unreachable") ctx.notice = undefined;
      mailbox?.connect();
      ctx.shown.changed();
      if (again) void lookAgain(ctx);
    },
    down(final) {
      const { ctx } = parts();
      const mailbox = mailboxIn(ctx.life);
      mailbox?.disconnect();
      if (!reached) ctx.notice = "unreachable";
      if (final !== undefined) mailbox?.fail("bug");
      ctx.shown.changed();
    },
    pushed(frame) {
      const { ctx } = parts();
      if (frame.kind === "roster") return heard(frame.serial);
      // Whoever goes may have gone for good: a certificate ends without a newer roster.
      if (frame.kind === "presence") expel(ctx);
      const mailbox = mailboxIn(ctx.life);
      if ("mailbox" in frame && frame.kind !== "waiting" && hex(frame.mailbox) === mailbox?.s.id) mailbox.pushed(frame);
    },
  };
}

function environmentOf(
  parts: () => Parts,
  given: Pick<Environment, "vault" | "link" | "hooks" | "rhythm">,
): Environment {
  const directories = () => parts().ctx.directories;
  return {
    ...given,
    prefix: "mailbox/",
    changed: () => stored(parts()),
    committed: () => void lookAgain(parts().ctx),
    reopen: () => void quietly(reopen(parts().ctx)),
    reload: async () => void (await loadRosters(parts().ctx)),
    serial: () => directories().own.roster?.serial,
    serials: () => directories().serials(),
    colleagues: (box) => colleaguesIn(box.s.kommun ?? "", box, directories()),
    known: (proposed, box) => knownProposal(proposed, box, directories()),
    welcome: (proposed, box) => joinersOf(proposed, box, directories()),
    second: () => undefined,
    refused: (why) => parts().keeper.refused(why),
  };
}

/** Does what follows from a state that the mailbox has just stored. */
function stored({ ctx, keeper, tab }: Parts): void {
  const { env, link } = ctx;
  const s = mailboxIn(ctx.life)?.s;
  if (s) {
    keeper.stored();
    ctx.session = observed(ctx.session, s, ctx.now());
  }
  const live = ctx.config.retention.liveHours * 3_600_000;
  const deed = afterStored(ctx.life, env.copy, ctx.session, ctx.now(), live);
  switch (deed) {
    case "wait":
      break;
    case "reread":
      void quietly(reread(ctx));
      break;
    case "recover":
      void quietly(recover(ctx));
      break;
    case "yield":
      // The one who has it now needs the other half.
      tab.forget();
      if (env.copy) forgetCopy(env.copy);
      env.copy = undefined;
      link.close();
      break;
    case "close":
      link.close(tab.lastRequests());
      tab.forget();
      break;
    default:
      deed satisfies never;
  }
  ctx.shown.changed();
}

function makeView({ ctx, tab }: Parts): VisitorView {
  return viewOf({
    life: ctx.life,
    connected: ctx.link.up,
    readers: intakeDevices(ctx.directories.own, ctx.now()).length,
    notice: ctx.notice,
    copy: ctx.env.copy,
    stays: tab.on,
    partners: ctx.config.partners ?? [],
  });
}

function say(ctx: VisitorContext, what: Words): void {
  if (ctx.life.kind === "wiped") return;
  ctx.session = { ...ctx.session, recoveries: 0 };
  if (ctx.life.kind === "drafted") {
    write(ctx.life.s, what);
    ctx.shown.changed();
  } else mailboxIn(ctx.life)?.say(what);
}

async function end(ctx: VisitorContext): Promise<void> {
  const mailbox = mailboxIn(ctx.life);
  if (mailbox) {
    ctx.link.start();
    return mailbox.end();
  }
  if (ctx.life.kind !== "drafted") return;
  // Nothing has left this page.
  const s = { ...ctx.life.s, stage: { kind: "ended", end: { by: "visitor", confirmed: true } } as const };
  failWaiting(s);
  ctx.become({ kind: "drafted", s });
}

/** Forgets everything, all of it in one task. */
function wipe({ ctx, keeper, tab }: Parts, lastRequests: readonly Request[] = []): void {
  const { env, link, vault } = ctx;
  const mailbox = mailboxIn(ctx.life);
  const s = stateIn(ctx.life);
  ctx.become({ kind: "wiped" });
  link.close([...lastRequests, ...tab.lastRequests()]);
  tab.forget();
  ctx.work.stop();
  mailbox?.stop();
  mailbox?.group?.forget();
  const nothing = { lines: [], queue: [], intake: undefined, pending: undefined, accepted: [], capability: "", id: "" };
  if (s) Object.assign(s, nothing);
  if (env.copy) forgetCopy(env.copy);
  env.copy = undefined;
  ctx.notice = undefined;
  void vault.erase();
  ctx.shown.close();
  keeper.giveUp("lost");
}
