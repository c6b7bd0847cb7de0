import type { PageConfig } from "../../config.ts";
import { newRules } from "../../flow/priority.ts";
import { type LinkEvents, type Pushed, type SocketConstructor, newLink, relayAddress } from "../../relay/link.ts";
import type { Pace } from "../../relay/pace.ts";
import { hex } from "../../wire/bytes.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import { staffFrames } from "../../wire/frames.ts";
import type { Desk, DeskView } from "../api.ts";
import { inOrder } from "./case.ts";
import { type DeskContext, answerOf, clearCases, guarded, halt, ownIn, rest, shownOf } from "./context.ts";
import {
  type DeskLife,
  type DeskSession,
  afterDown,
  clearable,
  isRunning,
  listedIn,
  newDeskSession,
  openedIn,
  overheard,
  phaseOf,
  troubleOf,
} from "./life.ts";
import { lockDesk, unlockDesk } from "./locking.ts";
import { type DeviceRecord, enrolmentRequest, loadDevice, makeDevice, storeDevice } from "./device.ts";
import { deviceEntryForm, indexName, vaultName } from "./devices.ts";
import { newDirectories } from "../directory/directories.ts";
import { dutyOf } from "./duty.ts";
import { newHandover } from "./handover.ts";
import { type InboxEnvironment, newInbox } from "./inbox.ts";
import { type Locks, holdLock } from "../vault/lock.ts";
import type { Mailbox } from "../mailbox/mailbox.ts";
import { newRosterWatch } from "../directory/rosterwatch.ts";
import { logIn, obey, seek } from "./signin.ts";
import { type Hooks, type Rhythm, usualRhythm } from "../mailbox/steps.ts";
import { serialForm } from "./serial.ts";
import { type Vault, browserVault } from "../vault/vault.ts";
import { newViewStore } from "../viewstore.ts";

export interface DeskOptions {
  /** Which of the devices that this browser holds; none for a new one. */
  readonly device?: string;
  /** The same where its vault is still locked: the desk begins in phase locked, and opens nothing. */
  readonly locked?: { readonly id: string; readonly alias: string };
  /** Opens a vault by its name; the browser's by default. */
  readonly vaults?: (name: string) => Promise<Vault>;
  /** The page's own origin, where `/relay` and `/directory` are. */
  readonly base?: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly WebSocket?: SocketConstructor;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly hooks?: Hooks;
  readonly pace?: Partial<Pace>;
  readonly rhythm?: Partial<Rhythm>;
  /** `navigator.locks` by default; null where only one page can ever run. */
  readonly locks?: Locks | null;
}

/** The console's engine. Rejects when the browser refuses its store. */
export async function newDesk(config: PageConfig, o: DeskOptions = {}): Promise<Desk> {
  const vaults = o.vaults ?? browserVault;
  const ctx = newContext(config, o);
  await load(ctx, o, vaults);

  /** A mailbox in which this device answers. */
  function own(id: string): Mailbox | undefined {
    const held = ctx.cases.get(id);
    return held && shownOf(ctx, held).state === "mine" ? held.mailbox : undefined;
  }
  const mailbox = (id: string) => ctx.cases.get(id)?.mailbox;

  const desk: Desk = {
    get view() {
      return ctx.shown.view;
    },
    subscribe: ctx.shown.subscribe,
    lock: (memo) => lockDesk(ctx, memo),
    async unlock(vault) {
      const memo = await unlockDesk(ctx, vault, (device) => recall(ctx, device, vault));
      await desk.start();
      return memo;
    },
    enrol: (alias, languages, make = vaults) => enrol(ctx, alias, languages, vaults, make),
    start: () => start(ctx, o.locks),
    acknowledge: (id) => mailbox(id)?.acknowledge(),
    shift: (what, minutes = 0) => shift(ctx, what, minutes),
    async claim(id) {
      mailbox(id)?.claim();
    },
    send: (id, text) => void own(id)?.say({ text }),
    sendPhrase: (id, key, slots) => void own(id)?.say({ phrase: { key, slots } }),
    retry: (id, line) => own(id)?.retry(line),
    seen: (id) => mailbox(id)?.seen(),
    async end(id) {
      await mailbox(id)?.end();
    },
    clear: (id) => clear(ctx, id),
    ...newHandover(own, ctx.directories),
    reach: (what) => answerOf(ctx, { kind: "reach", ...what }),
    stop: () => signOut(ctx),
  };
  return desk;
}

function newContext(config: PageConfig, o: DeskOptions): DeskContext {
  const base = o.base ?? globalThis.location?.origin ?? config.origin;
  const now = o.now ?? Date.now;
  const hooks = o.hooks ?? {};
  const rhythm: Rhythm = { ...usualRhythm, ...o.rhythm };
  const fetch: typeof globalThis.fetch = o.fetch ?? ((input, init) => globalThis.fetch(input, init));
  let life: DeskLife = { kind: "new" };
  let session: DeskSession = newDeskSession;
  let running = new AbortController();
  const ctx: DeskContext = {
    config,
    rules: newRules(config.flow),
    now,
    rhythm,
    hooks,
    link: newLink({
      url: relayAddress(base),
      staff: staffFrames,
      WebSocket: o.WebSocket,
      pace: o.pace,
      events: eventsOf(() => ctx, rhythm),
    }),
    directories: newDirectories(config, base, fetch, now),
    get inbox() {
      return inbox;
    },
    cases: new Map(),
    shown: newViewStore(() => makeView(ctx)),
    get life() {
      return life;
    },
    become(next) {
      life = next;
      ctx.shown.changed();
    },
    get session() {
      return session;
    },
    remember(change) {
      session = { ...session, ...change };
      ctx.shown.changed();
    },
    get signal() {
      return running.signal;
    },
    newSignal() {
      running.abort();
      running = new AbortController();
      return running.signal;
    },
    release: undefined,
    ticker: undefined,
  };
  const inbox = newInbox(inboxEnvironment(ctx));
  return ctx;
}

/** Takes up the device that this browser holds, if it holds one. */
async function load(ctx: DeskContext, o: DeskOptions, vaults: (name: string) => Promise<Vault>): Promise<void> {
  if (o.locked) {
    const heard = { connected: false, waiting: false, rung: 0, stirred: false };
    return ctx.become({ kind: "locked", device: { ...o.locked, key: "" }, heard, conversations: new Set() });
  }
  if (o.device === undefined) return;
  const vault = await vaults(vaultName(ctx.config, o.device));
  const device = await loadDevice(vault);
  if (device) await recall(ctx, device, vault);
  else vault.close();
}

/** The device stands idle, with its open vault. */
async function recall(ctx: DeskContext, device: DeviceRecord, vault: Vault): Promise<void> {
  const serial = await vault.get("serial");
  if (serial) ctx.directories.own.remember(serialForm.decode(serial));
  const request = device.enrolled ? undefined : await enrolmentRequest(device, ctx.config.kommun.id);
  ctx.become({ kind: "idle", own: { device, vault, request } });
}

async function enrol(
  ctx: DeskContext,
  alias: string,
  languages: readonly string[],
  vaults: (name: string) => Promise<Vault>,
  make: (name: string) => Promise<Vault>,
): Promise<void> {
  if (ctx.life.kind !== "new") return;
  const made = await makeDevice(alias, languages);
  await ctx.hooks.at?.("enrol.made");
  const vault = await make(vaultName(ctx.config, made.id));
  await storeDevice(vault, made);
  const index = await vaults(indexName(ctx.config));
  await index.put({ [`device/${made.id}`]: deviceEntryForm.encode(alias) });
  index.close();
  await ctx.hooks.at?.("enrol.stored");
  await recall(ctx, made, vault);
}

async function start(ctx: DeskContext, locks: Locks | null | undefined): Promise<void> {
  const { life } = ctx;
  if (life.kind !== "idle" && life.kind !== "stopped") return;
  const { own } = life;
  ctx.become({ kind: "starting", own, before: life.kind === "stopped" ? life.trouble : undefined });
  const signal = ctx.newSignal();
  // What another tab did meanwhile is in the vault, not in this one's memory.
  clearCases(ctx);
  const held = ctx.release ?? (await holdLock(vaultName(ctx.config, own.device.id), locks));
  if (signal.aborted) return held?.();
  if (!held) return halt(ctx, "elsewhere");
  ctx.release = held;
  ctx.remember({ notice: undefined });
  ctx.become({ kind: "seeking", own });
  await guarded(ctx, () => seek(ctx, signal));
}

/** Closes the socket; the device stays enrolled. */
function signOut(ctx: DeskContext): void {
  if (ctx.life.kind === "locked") {
    rest(ctx);
    ctx.become(afterDown(ctx.life, undefined));
  }
  if (!isRunning(ctx.life)) return;
  ctx.become({ kind: "idle", own: ownIn(ctx) });
  rest(ctx);
  clearCases(ctx);
}

async function shift(
  ctx: DeskContext,
  what: "begin" | "end" | "pause",
  minutes: number,
): Promise<"done" | "refused" | "unanswered"> {
  const answer = await answerOf(ctx, {
    kind: "shift",
    state: what === "pause" ? 2 : what === "begin" ? 1 : 0,
    minutes: what === "pause" ? minutes : 0,
  });
  if (answer?.kind === "ready") return "done";
  return answer?.kind === "refused" && answer.code === Refusal.policy ? "refused" : "unanswered";
}

/** Takes a case that is over here off the list, and erases what is stored of it. */
async function clear(ctx: DeskContext, id: string): Promise<void> {
  const held = ctx.cases.get(id);
  if (!held || !clearable(shownOf(ctx, held).state)) return;
  held.mailbox.stop();
  await held.mailbox.rested;
  await ctx.inbox.erase(id, held.mailbox.s.seq);
  ctx.cases.delete(id);
  ctx.shown.changed();
}

/** What comes from the relay. */
function eventsOf(desk: () => DeskContext, rhythm: Rhythm): LinkEvents {
  const newer = newRosterWatch({
    serial: () => desk().directories.own.roster?.serial,
    look: () => guarded(desk(), () => obey(desk())),
    longest: rhythm.roster,
    over: () => !isRunning(desk().life),
  });
  return {
    up(hello) {
      const ctx = desk();
      if (ctx.life.kind === "locked") ctx.link.close();
      else void guarded(ctx, () => logIn(ctx, hello));
    },
    down(final) {
      const ctx = desk();
      ctx.remember({ duty: undefined });
      if (ctx.life.kind === "locked") ctx.link.close();
      for (const { mailbox } of ctx.cases.values()) mailbox.disconnect();
      const before = ctx.life;
      const next = afterDown(before, final);
      ctx.become(next);
      if (next !== before && next.kind === "stopped") rest(ctx);
    },
    pushed: (frame) => take(desk(), frame, newer),
  };
}

function take(ctx: DeskContext, frame: Pushed, newer: (serial: bigint) => void): void {
  const id = "mailbox" in frame ? hex(frame.mailbox) : "";
  if (ctx.life.kind === "locked") {
    const next = overheard(ctx.life, frame.kind, id);
    if (next !== ctx.life) ctx.become(next);
  } else if (frame.kind === "duty") ctx.remember({ duty: dutyOf(frame) });
  else if (frame.kind === "roster") newer(frame.serial);
  else if (frame.kind === "waiting") ctx.inbox.waiting(id, Number(frame.since));
  else ctx.cases.get(id)?.mailbox.pushed(frame);
}

function inboxEnvironment(ctx: DeskContext): InboxEnvironment {
  const { directories, cases } = ctx;
  return {
    link: ctx.link,
    hooks: ctx.hooks,
    rhythm: ctx.rhythm,
    trust: directories.trust,
    directory: directories.own,
    // A case that was taken up again may have members of a partner's.
    async reload() {
      for (const { id } of ctx.config.partners ?? []) directories.of(id);
      await directories.load();
    },
    device: () => ownIn(ctx).device,
    vault: () => ownIn(ctx).vault,
    held: (id) => cases.get(id)?.mailbox,
    changed: () => ctx.shown.changed(),
    caseChanged(id) {
      const held = cases.get(id);
      if (held) held.shown = undefined;
      ctx.inbox.left(id);
      ctx.shown.changed();
    },
    add(mailbox) {
      cases.set(mailbox.s.id, { mailbox, shown: undefined });
      if (ctx.life.kind === "online") mailbox.connect();
      ctx.shown.changed();
    },
    failed: (error) => void guarded(ctx, () => Promise.reject(error)),
  };
}

function makeView(ctx: DeskContext): DeskView {
  const { life, session, directories } = ctx;
  const own = openedIn(life);
  const { roster } = directories.own;
  const device = own?.device ?? (life.kind === "locked" ? life.device : undefined);
  const listed = device && listedIn(roster, device);
  const trouble = troubleOf(life, session);
  const phase = phaseOf(life);
  return {
    phase,
    ...(device && {
      device: {
        id: device.id,
        alias: listed?.alias ?? device.alias,
        role: listed?.role ?? "",
        expires: listed?.expires ?? 0,
      },
    }),
    ...(phase === "enrolling" && own?.request !== undefined && { request: own.request }),
    ...(roster && { roster: { serial: roster.serial, expires: roster.expires, devices: roster.devices } }),
    cases: inOrder([
      ...[...ctx.cases.values()].map((held) => ({ shown: shownOf(ctx, held), claimedAt: held.mailbox.s.claimedAt })),
      ...ctx.inbox.opening().map((opening) => ({ shown: opening, claimedAt: undefined })),
    ]),
    ...(trouble && { trouble }),
    ...(session.packagesUntil !== undefined && { packagesUntil: session.packagesUntil }),
    ...(session.duty && { duty: session.duty }),
    ...(life.kind === "locked" && { locked: life.heard }),
  };
}
