import type { PageConfig } from "../config.ts";
import type { Roster, RosterDevice } from "../mls/roster.ts";
import { type Answer, type Hello, type Said, type SocketConstructor, newLink, relayAddress } from "../relay/link.ts";
import type { Pace } from "../relay/pace.ts";
import { equal, fromUtf8, hex, utf8 } from "../wire/bytes.ts";
import { Close, Refusal } from "../wire/codes.gen.ts";
import type { Case, Desk, DeskView, Duty, Locked, Trouble } from "./api.ts";
import { newRules } from "../flow/priority.ts";
import { caseOf, inOrder } from "./case.ts";
import { type DeviceRecord, enrolmentRequest, loadDevice, loginSignature, makeDevice, storeDevice } from "./device.ts";
import { indexName, vaultName } from "./devices.ts";
import { newHandover } from "./handover.ts";
import { dutyOf } from "./duty.ts";
import { newInbox } from "./inbox.ts";
import { type Locks, holdLock } from "./lock.ts";
import type { Mailbox } from "./mailbox.ts";
import { currentPackages, dayOf } from "./packages.ts";
import { newRosterWatch } from "./rosterwatch.ts";
import { staffFrames } from "../wire/frames.ts";
import { newViewStore } from "./viewstore.ts";
import { bytesOf } from "./state.ts";
import { Crash, type Hooks, type Rhythm, usualRhythm } from "./steps.ts";
import { type Vault, browserVault } from "./vault.ts";
import { newDirectories } from "./directories.ts";

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

const tick = 60_000;
/** A roster is looked at again this often, so that its expiry and a colleague's going show. Milliseconds. */
const rosterAge = 600_000;

/** The console's engine. Rejects when the browser refuses its store. */
export async function newDesk(config: PageConfig, o: DeskOptions = {}): Promise<Desk> {
  const rules = newRules(config.flow);
  const base = o.base ?? globalThis.location?.origin ?? config.origin;
  const now = o.now ?? Date.now;
  const vaults = o.vaults ?? browserVault;
  const hooks = o.hooks ?? {};
  const rhythm: Rhythm = { ...usualRhythm, ...o.rhythm };
  const fetch: typeof globalThis.fetch = o.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const directories = newDirectories(config, base, fetch, now);
  const { own: directory, trust } = directories;

  let device: DeviceRecord | undefined;
  let request: string | undefined;
  let vault: Vault | undefined;
  let phase: DeskView["phase"] = "new";
  let trouble: Trouble | undefined;
  /** Each start has its own number: what an earlier one still has under way stops by itself. */
  let life = 0;
  let running = false;
  let release: (() => void) | undefined;
  let loggedIn = false;
  let refusedLogins = 0;
  let publishedDay = 0;
  let packagesUntil: number | undefined;
  let duty: Duty | undefined;
  let locked: Locked | undefined;
  let ownWhenLocked: ReadonlySet<string> = new Set();
  let ticker: ReturnType<typeof setInterval> | undefined;
  const cases = new Map<string, { readonly mailbox: Mailbox; shown: Case | undefined }>();
  const shown = newViewStore<DeskView>(makeView);

  if (o.locked) {
    device = { ...o.locked, languages: [], seed: "", key: "", enrolled: true };
    locked = { connected: false, waiting: false, rung: 0, stirred: false };
    phase = "locked";
  } else if (o.device !== undefined) {
    vault = await vaults(vaultName(config, o.device));
    device = await loadDevice(vault);
    if (device) await recall(device);
    else {
      vault.close();
      vault = undefined;
    }
  }

  const link = newLink({
    url: relayAddress(base),
    staff: staffFrames,
    WebSocket: o.WebSocket,
    pace: o.pace,
    events: {
      up: (hello) => (locked ? link.stop() : void guarded(() => logIn(hello))),
      down(final) {
        loggedIn = false;
        duty = undefined;
        if (locked) return cutOff();
        for (const { mailbox } of cases.values()) mailbox.disconnect();
        if (final !== undefined) halt(final === Close.revoked ? "device" : "bug");
        else if (phase === "online") phase = "offline";
        shown.changed();
      },
      said(frame) {
        if (frame.kind === "duty") {
          duty = locked ? undefined : dutyOf(frame);
          return shown.changed();
        }
        if (frame.kind === "roster") {
          // A locked console judges no roster: the relay cuts it where it is out, and it looks when it is opened.
          if (!locked) newer(frame.serial);
        } else if (locked) overhear(hex(frame.mailbox), frame.kind);
        else if (frame.kind === "waiting") inbox.waiting(hex(frame.mailbox), Number(frame.since));
        else cases.get(hex(frame.mailbox))?.mailbox.said(frame);
      },
    },
  });

  const inbox = newInbox({
    link,
    hooks,
    rhythm,
    trust,
    directory,
    // A case that was taken up again may have members of a partner's.
    async reload() {
      for (const { id } of config.partners ?? []) directories.of(id);
      await directories.load();
    },
    device: () => device!,
    vault: () => vault!,
    known: (id) => cases.has(id),
    out(id) {
      const held = cases.get(id)?.mailbox;
      const stage = held?.s.stage;
      return stage?.kind === "taken" ||
        (stage?.kind === "broken" && (stage.trouble === "device" || stage.trouble === "lost"))
        ? held
        : undefined;
    },
    changed: () => shown.changed(),
    caseChanged(id) {
      const held = cases.get(id);
      if (held) held.shown = undefined;
      inbox.left(id);
      shown.changed();
    },
    add(mailbox) {
      cases.set(mailbox.s.id, { mailbox, shown: undefined });
      if (loggedIn) mailbox.connect();
      shown.changed();
    },
    failed: (error) => void guarded(() => Promise.reject(error)),
  });

  const newer = newRosterWatch({
    serial: () => directory.roster?.serial,
    look: () => guarded(obey),
    most: rhythm.roster,
    over: () => !running,
  });

  async function recall(known: DeviceRecord): Promise<void> {
    const serial = await vault!.get("serial");
    if (serial) directory.remember(BigInt(fromUtf8(serial)));
    request = known.enrolled ? undefined : await enrolmentRequest(known, config.kommun.id);
    phase = known.enrolled ? "offline" : "enrolling";
  }

  function makeView(): DeskView {
    const listed = device && listedIn(directory.roster, device);
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
      ...(phase === "enrolling" && request !== undefined && { request }),
      ...(directory.roster && {
        roster: {
          serial: directory.roster.serial,
          expires: directory.roster.expires,
          devices: directory.roster.devices,
        },
      }),
      cases: inOrder([
        ...[...cases.values()].map((held) => ({
          shown: (held.shown ??= caseOf(held.mailbox.s, device!.id, rules)),
          claimedAt: held.mailbox.s.claimedAt,
        })),
        ...inbox.opening().map((opening) => ({ shown: opening, claimedAt: undefined })),
      ]),
      ...(trouble && { trouble }),
      ...(packagesUntil !== undefined && { packagesUntil }),
      ...(duty && { duty }),
      ...(locked && { locked }),
    };
  }

  /** What a locked desk hears of goes no further than that something has come. */
  function overhear(id: string, kind: Said["kind"]): void {
    if (!locked) return;
    if (kind === "waiting" && !ownWhenLocked.has(id)) locked = { ...locked, waiting: true, rung: locked.rung + 1 };
    else if (kind === "entry" && ownWhenLocked.has(id)) locked = { ...locked, stirred: true };
    else return;
    shown.changed();
  }

  /** To log in again takes the device's key. */
  function cutOff(): void {
    link.stop();
    locked = locked && { ...locked, connected: false };
    shown.changed();
  }

  /** Loads the roster and looks this device up in it. */
  async function look(): Promise<"in" | "out" | "unknown"> {
    const found = await directory.load();
    if (locked) return "unknown";
    trouble = found;
    shown.changed();
    if (!directory.roster || !device) return "unknown";
    await vault?.put({ serial: utf8(String(directory.roster.serial)) });
    const listed = listedIn(directory.roster, device);
    if (!listed || listed.expires <= trust.now()) return found === undefined ? "out" : "unknown";
    if (!device.enrolled) {
      device = { ...device, enrolled: true };
      request = undefined;
      await storeDevice(vault!, device);
    }
    return "in";
  }

  /** Looks until the device is in the roster, then goes to work. The first look is awaited. */
  async function begin(mine: number): Promise<void> {
    const found = await look();
    if (mine !== life) return;
    if (found === "in") return work(mine);
    if (found === "out" && device?.enrolled) return halt("device");
    const wait = found === "out" ? rhythm.enrolment : Math.max(rhythm.enrolment, 2000);
    setTimeout(() => {
      if (mine === life) void guarded(() => begin(mine));
    }, wait);
  }

  async function work(mine: number): Promise<void> {
    phase = "offline";
    await inbox.restore();
    if (mine !== life) return;
    clearInterval(ticker);
    ticker = setInterval(() => void guarded(keepCurrent), tick);
    link.start();
    shown.changed();
  }

  async function logIn(hello: Hello): Promise<void> {
    const mine = life;
    if (hello.kommun !== config.kommun.id) return halt("roster_kommun");
    const signature = await loginSignature(device!, {
      kommun: config.kommun.id,
      origin: config.origin,
      nonce: hello.nonce,
    });
    await hooks.at?.("login.signed");
    const answer = await answerOf({ kind: "login", device: device!.id, signature });
    await hooks.at?.("login.answered");
    if (!answer || mine !== life) return;
    if (answer.kind === "refused") return loginRefused(answer.code, mine);
    refusedLogins = 0;
    loggedIn = true;
    phase = "online";
    shown.changed();
    for (const { mailbox } of cases.values()) mailbox.connect();
    await publish();
    if (now() - directory.loaded > rosterAge / 10) await keepCurrent();
  }

  async function loginRefused(code: number, mine: number): Promise<void> {
    // The relay may read the new roster a moment after it has shown it: only what is refused again is believed.
    if (code === Refusal.bad_login && ((await look()) !== "in" || ++refusedLogins > 3)) return halt("device");
    setTimeout(() => mine === life && link.renew(), rhythm.again);
  }

  async function publish(): Promise<void> {
    const mine = life;
    const day = dayOf(now());
    const packages = await currentPackages(vault!, device!, config, now(), hooks);
    const answer = await answerOf({
      kind: "publish",
      keyPackages: packages.map((p) => ({ day: p.day, keyPackage: p.keyPackage })),
    });
    await hooks.at?.("publish.answered");
    if (mine !== life) return;
    if (answer?.kind === "ready") {
      publishedDay = day;
      packagesUntil = Math.max(...packages.map((p) => p.day)) * 86_400;
      shown.changed();
    }
    if (answer?.kind === "refused" && answer.code === Refusal.bad_key_package) {
      trouble = "clock";
      shown.changed();
    }
  }

  /** Once a minute: a new day's key packages, and a roster that is not old. */
  async function keepCurrent(): Promise<void> {
    if (!running || !device) return;
    if (now() - directory.loaded > rosterAge) await obey();
    if (!running) return;
    if (loggedIn && publishedDay !== dayOf(now())) await publish();
  }

  /** Looks at the roster again, and stops where this device is not in it any more. */
  async function obey(): Promise<void> {
    const mine = life;
    if ((await look()) === "out" && mine === life && device?.enrolled) halt("device");
  }

  async function answerOf(what: Parameters<typeof link.request>[0]): Promise<Answer | undefined> {
    try {
      return await link.request(what);
    } catch {
      return undefined;
    }
  }

  /** Stops for a reason that only a person can mend. */
  function halt(why: Trouble): void {
    // What was under way when it was locked is looked at again when it is not.
    if (locked) return;
    phase = "stopped";
    trouble = why;
    rest();
    shown.changed();
  }

  function rest(): void {
    loggedIn = false;
    link.stop();
    const unlock = release;
    release = undefined;
    void restMailboxes().then(() => unlock?.());
  }

  function restMailboxes(): Promise<unknown> {
    life++;
    running = false;
    clearInterval(ticker);
    return Promise.all(
      [...cases.values()].map(({ mailbox }) => {
        mailbox.disconnect();
        mailbox.stop();
        return mailbox.rested;
      }),
    );
  }

  async function guarded(work: () => Promise<void>): Promise<void> {
    const mine = life;
    try {
      await work();
    } catch (error) {
      if (error instanceof Crash) rest();
      // What an earlier life had under way finds its vault closed, or its device gone.
      else if (mine === life) halt("bug");
    }
  }

  /**
   * Takes away what is in memory: at once what can be reached from here, then, when all has come to rest, the keys of
   * the conversations.
   */
  async function lock(memo: string | undefined): Promise<void> {
    if (!device?.enrolled || !vault || locked) return;
    const closing = vault;
    const states = [...cases.values()].map((held) => (held.shown ??= caseOf(held.mailbox.s, device!.id, rules)));
    const waiting = inbox.opening().length > 0 || states.some(({ state }) => state === "waiting");
    ownWhenLocked = new Set(states.filter(({ state }) => state === "mine").map(({ id }) => id));
    const mailboxes = [...cases.values()].map(({ mailbox }) => mailbox);
    locked = { connected: loggedIn, waiting, rung: 0, stirred: false };
    phase = "locked";
    trouble = undefined;
    duty = undefined;
    if (!loggedIn) link.stop();
    const resting = restMailboxes();
    cases.clear();
    inbox.forget();
    device = { ...device, seed: "" };
    vault = undefined;
    shown.changed();
    try {
      await resting;
      await closing.put({ memo: memo === undefined ? undefined : utf8(memo) });
    } finally {
      for (const mailbox of mailboxes) mailbox.forget();
      closing.close();
    }
  }

  async function unlock(opened: Vault): Promise<string | undefined> {
    const loaded = locked && (await loadDevice(opened));
    if (!loaded || loaded.id !== device?.id) throw new Error("not the vault of this device");
    const memo = await opened.get("memo");
    await opened.put({ memo: undefined });
    vault = opened;
    device = loaded;
    locked = undefined;
    ownWhenLocked = new Set();
    await recall(loaded);
    // A new connection tells everything that the locked one was told, and did not keep.
    link.stop();
    loggedIn = false;
    shown.changed();
    await desk.start();
    return memo && fromUtf8(memo);
  }

  function own(id: string): Mailbox | undefined {
    const mailbox = cases.get(id)?.mailbox;
    return mailbox && caseOf(mailbox.s, device!.id, rules).state === "mine" ? mailbox : undefined;
  }

  const desk: Desk = {
    get view() {
      return shown.view;
    },
    subscribe: shown.subscribe,
    lock,
    unlock,
    async enrol(alias, languages, make = vaults) {
      if (device) return;
      const made = await makeDevice(alias, languages);
      await hooks.at?.("enrol.made");
      vault = await make(vaultName(config, made.id));
      await storeDevice(vault, made);
      const index = await vaults(indexName(config));
      await index.put({ [`device/${made.id}`]: utf8(alias) });
      index.close();
      await hooks.at?.("enrol.stored");
      device = made;
      await recall(made);
      shown.changed();
    },
    async start() {
      if (!device || !vault || running) return;
      running = true;
      const mine = ++life;
      // What another tab did meanwhile is in the vault, not in this one's memory.
      cases.clear();
      inbox.forget();
      const held = release ?? (await holdLock(vaultName(config, device.id), o.locks));
      if (mine !== life) return held?.();
      if (!held) return halt("elsewhere");
      release = held;
      trouble = undefined;
      if (phase === "stopped") phase = device.enrolled ? "offline" : "enrolling";
      await guarded(() => begin(mine));
    },
    acknowledge: (id) => cases.get(id)?.mailbox.acknowledge(),
    async pass(what, minutes = 0) {
      const answer = await answerOf({
        kind: "shift",
        state: what === "pause" ? 2 : what === "begin" ? 1 : 0,
        minutes: what === "pause" ? minutes : 0,
      });
      return answer?.kind === "ready"
        ? "done"
        : answer?.kind === "refused" && answer.code === Refusal.policy
          ? "refused"
          : "unanswered";
    },
    async claim(id) {
      cases.get(id)?.mailbox.claim();
    },
    send: (id, text) => void own(id)?.say({ text }),
    sendPhrase: (id, key, slots) => void own(id)?.say({ phrase: { key, slots } }),
    retry: (id, line) => own(id)?.retry(line),
    seen: (id) => cases.get(id)?.mailbox.seen(),
    async end(id) {
      await cases.get(id)?.mailbox.end();
    },
    async clear(id) {
      const held = cases.get(id);
      if (!held || !["ended", "taken", "broken"].includes(caseOf(held.mailbox.s, device!.id, rules).state)) return;
      held.mailbox.stop();
      await held.mailbox.rested;
      await inbox.erase(id, held.mailbox.s.seq);
      cases.delete(id);
      shown.changed();
    },
    ...newHandover(own, directories),
    reach: (what) => answerOf({ kind: "reach", ...what }),
    stop() {
      if (locked) {
        rest();
        cutOff();
      }
      if (!running) return;
      phase = device?.enrolled ? "offline" : "enrolling";
      rest();
      cases.clear();
      inbox.forget();
      shown.changed();
    },
  };
  return desk;
}

function listedIn(roster: Roster | undefined, device: DeviceRecord): RosterDevice | undefined {
  return roster?.devices.find((d) => d.id === device.id && equal(d.key, bytesOf(device.key)));
}
