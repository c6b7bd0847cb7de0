import type { PageConfig } from "../config.ts";
import { Group } from "../mls/group.ts";
import { contextOf } from "../mls/library.ts";
import { lapsed } from "../mls/policy.ts";
import { type Request, type SocketConstructor, newLink, relayAddress } from "../relay/link.ts";
import type { Pace } from "../relay/pace.ts";
import { type Solve, solve } from "../puzzle/index.ts";
import { equal, hex } from "../wire/bytes.ts";
import { beginning } from "../wire/frames.ts";
import type { Intake, Trouble, Visitor, VisitorView } from "./api.ts";
import type { Environment } from "./context.ts";
import { decodeCopy, forgetCopy, newCopy } from "./copy.ts";
import { intakeDevices } from "./directory.ts";
import { type Mailbox, loadMailbox, makeMailbox } from "./mailbox.ts";
import { draft, makeOpening, successor } from "./opening.ts";
import { type Found, lookUp, lookUpAgain, recordsOf } from "./returning.ts";
import { newRosterWatch } from "./rosterwatch.ts";
import { newOpeningWork } from "./openingwork.ts";
import { newRecovery } from "./recovery.ts";
import { newViewStore } from "./viewstore.ts";
import { type MailboxState, type Words, addLine, bytesOf, failWaiting, rewrite, troubleIn, write } from "./state.ts";
import { Crash, type Hooks, type Rhythm, pause, usualRhythm } from "./steps.ts";
import { newTabKeeper } from "./tabkeeper.ts";
import { type Vault, memoryVault, movableVault } from "./vault.ts";
import { isKept, viewOf } from "./view.ts";
import { newDirectories } from "./directories.ts";
import { colleaguesIn, knownProposal, joinersOf } from "./joiners.ts";

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

/**
 * Key packages are a day's, but devices come and go: what is older is asked for again before a conversation is opened.
 */
const freshFor = 5 * 60_000;

/** The visitor's engine. With a vault that holds a conversation, it goes on with that one by itself. */
export function newVisitor(o: VisitorOptions): Visitor {
  const { config } = o;
  const base = o.base ?? globalThis.location?.origin ?? config.origin;
  const now = o.now ?? Date.now;
  const vault = movableVault(o.vault ?? memoryVault());
  const hooks = o.hooks ?? {};
  const rhythm: Rhythm = { ...usualRhythm, ...o.rhythm };
  const at = async (step: string) => hooks.at?.(step);
  const fetch: typeof globalThis.fetch = o.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const paying = newOpeningWork(o.solve ?? solve);
  const directories = newDirectories(config, base, fetch, now);
  const { own: directory, trust } = directories;

  /** What is being opened, before there is a mailbox. */
  let drafted: MailboxState | undefined;
  let mailbox: Mailbox | undefined;
  let wiped = false;
  /** Has the relay ever answered? And what is wrong that does not stop the conversation. */
  let reached = false;
  let notice: Trouble | undefined;
  /**
   * The conversation is being looked for at the relay: another device had gone on with it while this one was coming
   * back.
   */
  let rereading = false;
  /** Who waits for the conversation to be kept. */
  let keeping: ((trouble: Trouble | undefined) => void)[] = [];

  const shown = newViewStore<VisitorView>(makeView);
  const link = newLink({
    url: relayAddress(base),
    WebSocket: o.WebSocket,
    pace: o.pace,
    events: {
      up(hello) {
        if (hello.kommun !== config.kommun.id) {
          notice = "roster_kommun";
          mailbox?.fail("roster_kommun");
          link.stop();
          return shown.changed();
        }
        const again = reached;
        reached = true;
        if (notice === "unreachable") notice = undefined;
        mailbox?.connect();
        shown.changed();
        if (again) void look();
      },
      down(final) {
        mailbox?.disconnect();
        if (!reached) notice = "unreachable";
        if (final !== undefined) mailbox?.fail("bug");
        shown.changed();
      },
      said(frame) {
        if (frame.kind === "roster") return newer(frame.serial);
        // Whoever goes may have gone for good: a certificate ends without a newer roster.
        if (frame.kind === "presence") expel();
        if ("mailbox" in frame && frame.kind !== "waiting" && hex(frame.mailbox) === mailbox?.s.id) mailbox.said(frame);
      },
    },
  });
  const newer = newRosterWatch({
    serial: () => directory.roster?.serial,
    look,
    most: rhythm.roster,
    over: () => wiped,
  });
  const staying = newTabKeeper({
    link,
    vault,
    at,
    again: rhythm.again,
    reach,
    over: () => wiped || mailbox?.s.stage.kind === "ended" || mailbox?.s.stage.kind === "broken",
    changed: () => shown.changed(),
  });
  const remaking = newRecovery({
    live: config.retention.liveHours * 3_600_000,
    again: rhythm.again,
    now,
    trust,
    directory,
    mailbox: () => mailbox,
    over: () => wiped,
    load,
    anew: (old, only) => anew(old, old.s, only),
    changed: () => shown.changed(),
  });
  const host: Environment = {
    vault,
    prefix: "mailbox/",
    link,
    hooks,
    rhythm,
    changed() {
      if (mailbox) settle(mailbox);
      shown.changed();
    },
    committed: () => void look(),
    reopen: () => void reopen(),
    reload: async () => void (await load()),
    serial: () => directory.roster?.serial,
    serials: () => directories.serials(),
    colleagues: (box) => colleaguesIn(box.s.kommun ?? "", box, directories),
    known: (proposed, box) => knownProposal(proposed, box, directories),
    welcome: (proposed, box) => joinersOf(proposed, box, directories),
    second: () => undefined,
    refused(why) {
      const [before, ...rest] = host.copy?.before ?? [];
      host.copy = before && { ...before, before: rest };
      kept(why);
    },
  };

  /** What follows from a state that the mailbox has just stored. */
  function settle({ s }: Mailbox): void {
    if (host.copy && isKept(s, host.copy)) kept(undefined);
    if (s.stage.kind === "broken" && s.returning && s.stage.trouble === "lost") return void quietly(reread());
    if (remaking.worth(s)) void quietly(remaking.run());
    if (s.stage.kind === "ended" || s.stage.kind === "broken") kept(troubleIn(s) ?? "lost");
    if (troubleIn(s) === "elsewhere") {
      // The one who has it now needs the other half.
      staying.forget();
      if (host.copy) forgetCopy(host.copy);
      host.copy = undefined;
      link.stop();
    }
    if (s.stage.kind === "ended" && s.stage.end.confirmed && !host.copy) {
      link.part(staying.lastWords());
      staying.forget();
    }
  }

  function kept(trouble: Trouble | undefined): void {
    const told = keeping;
    keeping = [];
    for (const tell of told) tell(trouble);
  }

  /** Resolves once the relay has said hello; false when it does not. */
  async function reach(): Promise<boolean> {
    link.start();
    for (let waited = 0; !link.up && !wiped && waited < patience; waited += 20) await pause(20);
    return link.up;
  }

  /** Takes up what a return code has found. */
  async function takeUp(found: Found): Promise<void> {
    await vault.put(recordsOf(found, host.prefix));
    await at("return.stored");
    if (wiped) return;
    host.copy = found.copy;
    await take(() => loadMailbox(host, trust, "copy"));
    // Who could read then may have lost the right to since.
    void look();
  }

  /** A mailbox that comes when everything has been wiped is not taken. */
  async function take(load: () => Promise<Mailbox | undefined>): Promise<void> {
    const loaded = await load();
    if (wiped) return loaded?.stop();
    mailbox = loaded;
    if (link.up) mailbox?.connect();
    shown.changed();
  }

  /**
   * The mailbox has moved on from what lay under the code. Where another device wrote there while this one came, it
   * has stopped by now, and the newer copy is the one to go on from; else the relay's store or the copy is not what it
   * was, and that stands.
   */
  async function reread(): Promise<void> {
    const old = mailbox;
    const { copy } = host;
    if (rereading || !old || !copy) return;
    rereading = true;
    old.stop();
    await old.rested;
    const found = await lookUpAgain(link, copy.keys, {
      reach,
      over: () => wiped || mailbox !== old,
      again: rhythm.again,
    });
    rereading = false;
    if (wiped || mailbox !== old) return;
    if (found && "copy" in found && found.copy.version > copy.version) return takeUp(found);
    old.s.returning = undefined;
    shown.changed();
  }

  /** Opens the successor of what broke; `only` for these devices. */
  async function anew(old: Mailbox | undefined, s: MailboxState, only: readonly string[] | undefined): Promise<void> {
    const mine = successor(s, paying.take(), now());
    mine.only = only;
    if (remaking.happened)
      addLine(mine, { id: `${mine.era}.anew`, era: mine.era, seq: 0, from: "system", event: "anew" });
    drafted = mine;
    mailbox = undefined;
    notice = undefined;
    shown.changed();
    if (old) {
      await abandon(old);
      old.stop();
      await old.rested;
      // One connection serves one mailbox of a visitor (spec §9).
      link.stop();
    }
    if (drafted === mine) await quietly(launch(mine));
  }

  /** Looks at the roster again, and takes out who may no longer read. */
  async function look(): Promise<void> {
    const trouble = await load();
    if (wiped) return;
    if (trouble !== "unreachable" && trouble !== notice) {
      notice = trouble;
      shown.changed();
    }
    expel();
  }

  /** Takes out who may no longer read, by the newest rosters. */
  function expel(): void {
    if (directory.roster) mailbox?.remove(lapsed(mailbox.group?.members() ?? [], contextOf(trust)));
  }

  /** Loads the rosters by which the members are judged. */
  async function load(): Promise<Trouble | undefined> {
    for (const m of (directory.roster && mailbox?.group?.members()) ?? [])
      if (m.kind === "device") directories.of(m.kommun);
    return directories.load();
  }

  const restored = o.vault ? restore() : Promise.resolve();
  async function restore(): Promise<void> {
    if (!(await vault.get(host.prefix + "state"))) return;
    for (let wait = 500; !wiped && !directory.roster; wait = Math.min(15_000, 2 * wait)) {
      notice = await directory.load();
      if (directory.roster) break;
      shown.changed();
      await pause(wait);
    }
    if (wiped) return;
    const copy = await vault.get(host.prefix + "copy");
    host.copy = copy && decodeCopy(copy);
    await take(() => loadMailbox(host, trust));
    if (mailbox) directories.remember(mailbox.s);
    if (!wiped) link.start();
  }

  async function prepare(): Promise<{ trouble?: Trouble; readers: number }> {
    if (!globalThis.crypto?.subtle || !(o.WebSocket ?? globalThis.WebSocket))
      return { trouble: "unsupported", readers: 0 };
    const trouble = await directory.load();
    if (!trouble) paying.begin(directory.puzzle);
    const readers = intakeDevices(directory, now()).length;
    const found = trouble ?? (readers === 0 ? "nobody" : undefined);
    return found ? { trouble: found, readers } : { readers };
  }

  /** Brings the draft on its way; what stands in its way for now is tried again, what stands for good breaks it. */
  async function launch(s: MailboxState): Promise<void> {
    for (let wait = 1000; ; wait = Math.min(15_000, 2 * wait)) {
      let trouble = now() - directory.loaded < freshFor ? undefined : (await prepare()).trouble;
      if (drafted !== s) return;
      if (trouble === "unreachable" && directory.roster) trouble = undefined;
      if (!trouble) {
        await at("open.begun");
        const work = await paying.pay(s.id, directory.puzzle).catch(() => undefined);
        if (drafted !== s) return;
        const made = work ? await attempt(() => makeOpening(s, directory, trust, work)) : "unsupported";
        if (drafted !== s) return;
        if (made instanceof Group) {
          await at("open.made");
          // From here on the mailbox owns the state; lines written meanwhile are in it.
          const opened = await makeMailbox(host, s, made);
          if (drafted !== s) return opened.stop();
          mailbox = opened;
          drafted = undefined;
          notice = undefined;
          await at("open.stored");
          if (link.up) mailbox.connect();
          link.start();
          shown.changed();
          return;
        }
        trouble = made;
      }
      if (trouble !== "unreachable") {
        s.stage = { kind: "broken", trouble };
        shown.changed();
        return;
      }
      notice = trouble;
      shown.changed();
      await pause(wait);
      if (drafted !== s) return;
    }
  }

  /** The devices that the opening named are not the relay's any more: the same conversation under a new id. */
  async function reopen(): Promise<void> {
    const old = mailbox;
    if (!old || old.s.stage.kind !== "opening") return;
    mailbox = undefined;
    old.stop();
    await old.rested;
    drafted = successor(old.s, paying.take(), now());
    await directory.load();
    if (drafted) await launch(drafted);
  }

  /** Asks the relay to delete what broke, as far as it still can. */
  async function abandon(old: Mailbox): Promise<void> {
    const trouble = troubleIn(old.s);
    if (!link.up || trouble === "elsewhere" || trouble === "lost") return;
    const patience = new Promise((resolve) => setTimeout(resolve, 2000));
    const asked = link.request({
      kind: "end",
      mailbox: bytesOf(old.s.id),
      counter: 0n,
      read: beginning,
      message: new Uint8Array(),
    });
    await Promise.race([asked.catch(() => undefined), patience]);
  }

  function makeView(): VisitorView {
    return viewOf({
      s: mailbox?.s ?? drafted,
      connected: link.up,
      readers: wiped ? 0 : intakeDevices(directory, now()).length,
      notice,
      copy: host.copy,
      stays: staying.on,
      rereading: rereading || remaking.underWay,
      partners: config.partners ?? [],
    });
  }

  function say(what: Words): void {
    if (wiped) return;
    remaking.written();
    if (mailbox) mailbox.say(what);
    else if (drafted) {
      write(drafted, what);
      shown.changed();
    }
  }

  /** All of it in one task. */
  function wipe(lastWords: readonly Request[] = []): void {
    wiped = true;
    link.part([...lastWords, ...staying.lastWords()]);
    staying.forget();
    paying.stop();
    mailbox?.stop();
    const { group, s } = mailbox ?? {};
    group?.forget();
    for (const gone of [s, drafted]) {
      if (gone)
        Object.assign(gone, {
          lines: [],
          queue: [],
          intake: undefined,
          pending: undefined,
          accepted: [],
          capability: "",
          id: "",
        });
    }
    if (host.copy) forgetCopy(host.copy);
    host.copy = undefined;
    mailbox = undefined;
    drafted = undefined;
    notice = undefined;
    void vault.erase();
    shown.close();
    kept("lost");
  }

  return {
    get view() {
      return shown.view;
    },
    subscribe: shown.subscribe,
    async prepare() {
      await restored;
      const found = await prepare();
      shown.changed();
      return found;
    },
    async open(intake: Intake, kind) {
      await restored;
      if (wiped || mailbox || drafted) return;
      drafted = draft(intake, kind, paying.take(), now());
      shown.changed();
      await quietly(launch(drafted));
    },
    send: (text) => say({ text }),
    sendPhrase: (key, slots) => say({ phrase: { key, slots } }),
    retry(id) {
      if (mailbox) mailbox.retry(id);
      else if (drafted && rewrite(drafted, id)) shown.changed();
    },
    async again() {
      const old = mailbox;
      const s = old?.s ?? drafted;
      if (
        wiped ||
        s?.stage.kind !== "broken" ||
        s.ending ||
        s.stage.trouble === "elsewhere" ||
        rereading ||
        remaking.underWay
      )
        return;
      remaking.written();
      await anew(old, s, undefined);
    },
    async end() {
      if (mailbox) {
        link.start();
        return mailbox.end();
      }
      if (!drafted) return;
      // Nothing has left this page.
      drafted = { ...drafted, stage: { kind: "ended", end: { by: "visitor", confirmed: true } } };
      failWaiting(drafted);
      shown.changed();
    },
    wipe: () => wipe(),
    leave: () => wipe(mailbox?.lastWords()),
    async keep(keys) {
      await restored;
      const s = mailbox?.s ?? drafted;
      if (wiped || (s?.stage.kind !== "open" && s?.stage.kind !== "opening") || s.ending) return "lost";
      const { copy } = host;
      if (!copy || !equal(copy.keys.locator, keys.locator)) {
        host.copy = newCopy(keys, copy && [copy, ...copy.before]);
        // Whoever has a copy from under the code before could read on with the keys in it, those of a renewal that
        // waits there too.
        if (copy && !s.queue.some((item) => item.kind === "renew")) s.queue = [{ kind: "renew" }, ...s.queue];
      } else if (isKept(s, copy)) return undefined;
      const done = new Promise<Trouble | undefined>((resolve) => keeping.push(resolve));
      mailbox?.copyChanged();
      shown.changed();
      return done;
    },
    async comeBack(keys) {
      await restored;
      if (wiped || mailbox || drafted) return { trouble: "bug" };
      if (!(await reach())) return (link.stop(), { trouble: "unreachable" });
      await at("return.begun");
      const found = await lookUp(link, keys);
      await at("return.found");
      if (!("copy" in found)) return (link.stop(), found);
      directories.remember(found.seen);
      const trouble = await directory.load();
      if (wiped || mailbox || drafted) return { trouble: "bug" };
      if (!directory.roster) return (link.stop(), { trouble: trouble ?? "bug" });
      notice = trouble === "unreachable" ? undefined : trouble;
      await takeUp(found);
      return { found: true };
    },
    invite() {
      mailbox?.invite();
    },
    answer: (nonce, yes) => mailbox?.answer(nonce, yes),
    async stay(store) {
      if (!store) return staying.end();
      return mailbox ? staying.begin(store) : "lost";
    },
    async resume(store) {
      await restored;
      if (wiped || mailbox || drafted || !(await staying.reopen(store))) return false;
      await restore();
      return mailbox !== undefined;
    },
  };
}

/** Milliseconds until a relay that does not answer counts as unreachable. */
const patience = 15_000;

async function attempt(make: () => Promise<Group | Trouble>): Promise<Group | Trouble> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof Crash) throw error;
    return "bug";
  }
}

/** A crash ends the engine where it stands; there is nobody to tell. */
async function quietly(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}
