import { Group } from "../mls/group.ts";
import type { Trust } from "../mls/library.ts";
import type { Request, Pushed } from "../relay/link.ts";
import { CodecError } from "../wire/codec.ts";
import { Refusal } from "../wire/codes.gen.ts";
import { beginning } from "../wire/frames.ts";
import { takeAlarm, takeAnswer, takeGone, takePresence } from "./answers.ts";
import type { Trouble } from "./api.ts";
import { type Environment, type MailboxContext, type StoredGroups, persist } from "./context.ts";
import { newCopying } from "./copying.ts";
import { failLine } from "./effect.ts";
import { type Entry, readEntry } from "./incoming.ts";
import { nextToSay, readBy, requestOf, seal } from "./outgoing.ts";
import { answer, handing, isCompany, propose } from "./proposing.ts";
import type { Remedy } from "./refusals.ts";
import type { Asked, Event, Run } from "./run.ts";
import { type MailboxState, type Proposed, type Words, bytesOf, cursorOf, ownSide, rewrite, write } from "./state.ts";
import { mailboxForm } from "./stored/mailbox.ts";
import { Crash } from "./steps.ts";
import { becomeBroken, becomeEnded } from "./transitions.ts";

/** One mailbox, on either side: it keeps itself attached, reads, sends, confirms and acknowledges until it is over. */
export interface Mailbox {
  readonly s: MailboxState;
  readonly group: Group | undefined;
  /** The link is up, and logged in where that is needed. */
  connect(): void;
  disconnect(): void;
  said(frame: Pushed): void;
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
  return run(ctx, stored, "new");
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
  return run({ s: mailboxForm.decode(state), env, ...decoded }, { ...decoded }, from);
}

function run(ctx: MailboxContext, stored: StoredGroups, from: "new" | "vault" | "copy"): Mailbox {
  const { s, env } = ctx;
  const { rhythm } = env;
  const at = async (step: string) => env.hooks.at?.(step);

  let connected = false;
  let stopped = false;
  let dirty = false;
  let events: Event[] = [];
  let connection = 0;
  /** The opening may have reached the relay: what never left needs no ending there. */
  let tried = from !== "new";
  let lastAck = 0;
  let lastReceipt = 0;
  let wantedSince = 0;
  /** Asking anew for a missing entry has been tried. */
  let renewed = false;

  let wake: () => void = () => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAt = 0;

  const run: Run = {
    ctx,
    asked: new Set(),
    attached: false,
    replaced: false,
    paused: 0,
    known: 0,
    missingSince: 0,
    acknowledged: 0,
    at,
    store,
    ask,
    heed,
    nudge,
  };
  const { asked } = run;
  const copying = newCopying(run, from === "copy");

  function nudge(): void {
    wake();
  }

  function wakeAt(time: number): void {
    if (timer !== undefined && timerAt <= time) return;
    clearTimeout(timer);
    timerAt = time;
    timer = setTimeout(
      () => {
        timer = undefined;
        nudge();
      },
      Math.max(0, time - Date.now()),
    );
  }

  async function store(): Promise<void> {
    dirty = false;
    await persist(ctx, stored);
    env.changed();
  }

  function ask(to: Asked, request: Request): void {
    asked.add(to);
    const on = connection;
    env.link.ask(request, (answer) => {
      if (on !== connection || stopped) return;
      const refused =
        answer instanceof CodecError && ({ kind: "refused", ref: 1, code: Refusal.too_large, detail: 0n } as const);
      events.push({ kind: "answer", to, answer: answer instanceof Error ? refused || undefined : answer });
      nudge();
    });
  }

  function heed(remedy: Remedy): void {
    if (remedy.pause !== undefined) run.paused = Date.now() + remedy.pause;
    if (remedy.renew) env.link.renew();
  }

  async function take(event: Event): Promise<void> {
    if (event.kind === "said") {
      const { frame } = event;
      if (frame.kind === "entry") await takeEntry(frame);
      else if (frame.kind === "gone") await takeGone(run, frame.reason);
      else if (frame.kind === "presence") await takePresence(run, frame);
      else if (frame.kind === "alarm") takeAlarm(run, frame);
      return;
    }
    const { to, answer } = event;
    asked.delete(to);
    if (!answer) return;
    if (to === "put" || to === "keep" || to === "drop") await copying.answered(to, answer);
    else await takeAnswer(run, to, answer);
  }

  async function takeEntry(entry: Entry): Promise<void> {
    if (s.stage.kind !== "open") return;
    await at("entry.came");
    const before = s.unconfirmed;
    await readEntry(ctx, entry);
    if (s.unconfirmed > before && wantedSince === 0) wantedSince = Date.now();
    await at("entry.read");
    await store();
    await at("entry.stored");
  }

  /** Does one thing that can be done now; false when there is none. */
  async function act(): Promise<boolean> {
    if (!connected || s.stage.kind === "taken") return false;
    if (s.stage.kind === "broken" && !s.ending) return false;
    if (run.paused > Date.now()) return (wakeAt(run.paused), false);
    if (s.stage.kind === "ended") return (s.stage.end.confirmed && copying.drop()) || askWhetherGone();
    if (s.stage.kind === "opening") return asked.has("open") ? false : sendPending("open");
    if (!run.attached) {
      if (asked.has("attach")) return false;
      await at("attach.begun");
      const cursor = s.stage.kind === "broken" ? beginning : cursorOf(s);
      ask("attach", { kind: "attach", mailbox: bytesOf(s.id), capability: bytesOf(s.capability), cursor });
      await at("attach.sent");
      return true;
    }
    if (s.stage.kind === "open" && (await copying.act(ackDue()))) return true;
    if (!asked.has("send") && !asked.has("delete")) {
      if (s.stage.kind === "broken" || (s.ending?.plain && !s.pending)) {
        ask("delete", {
          kind: "end",
          mailbox: bytesOf(s.id),
          counter: 0n,
          read: readBy(s, s),
          message: new Uint8Array(),
        });
        return true;
      }
      if (s.pending && !s.pending.accepted) return copying.covers(s.pending) && sendPending("send");
      const item = nextToSay(ctx, receiptDue());
      // What comes back must have read to the end before it renews anything.
      if (item && !(s.returning && s.seq < run.known)) {
        const what = item.kind;
        if (what === "receipt") {
          lastReceipt = Date.now();
          wantedSince = 0;
        }
        await at(`${what}.begun`);
        await seal(ctx, item);
        await at(`${what}.sealed`);
        await store();
        await at(`${what}.stored`);
        return true;
      }
    }
    if (answerDue()) {
      s.told = s.seq;
      await at("resolve.begun");
      ask("resolve", { kind: "resolve", mailbox: bytesOf(s.id), cursor: cursorOf(s) });
      await at("resolve.sent");
      return true;
    }
    const cursor = copying.upTo();
    if (ackDue() && Number(cursor.seq) > run.acknowledged) {
      lastAck = Date.now();
      run.acknowledged = Number(cursor.seq);
      await at("advance.begun");
      ask("advance", { kind: "advance", mailbox: bytesOf(s.id), cursor });
      await at("advance.sent");
      return true;
    }
    watch();
    return false;
  }

  /** The other side has ended it, and the line went before the relay said that it is deleted. */
  async function askWhetherGone(): Promise<boolean> {
    if ((s.stage.kind === "ended" && s.stage.end.confirmed) || run.attached || run.replaced || asked.has("attach"))
      return false;
    ask("attach", { kind: "attach", mailbox: bytesOf(s.id), capability: bytesOf(s.capability), cursor: beginning });
    return true;
  }

  async function sendPending(to: "open" | "send"): Promise<boolean> {
    const { pending } = s;
    if (!pending) return false;
    await at(`${pending.what}.sending`);
    if (s.pending !== pending) return true;
    tried = true;
    ask(to, requestOf(ctx, pending));
    await at(`${pending.what}.sent`);
    return true;
  }

  function receiptDue(): boolean {
    if (s.joiner || s.unconfirmed <= s.confirmed || (s.side === "device" && !claimedHere())) return false;
    const due = Math.max(lastReceipt + rhythm.receipt, wantedSince + rhythm.gather);
    if (due <= Date.now()) return true;
    wakeAt(due);
    return false;
  }

  /**
   * A person here has answered everything that the visitor wrote; what came since is receipts, which nobody need
   * answer.
   */
  function answerDue(): boolean {
    if (s.side !== "device" || asked.has("resolve") || !claimedHere()) return false;
    // Whoever means to go does not speak for the person by a receipt.
    if (handing(s) && s.replied <= s.told) return false;
    return s.heard > s.told && s.unconfirmed <= s.replied;
  }

  function claimedHere(): boolean {
    const self = ctx.group?.self;
    return self?.kind === "device" && self.device === s.claimer?.device;
  }

  function ackDue(): boolean {
    if (s.seq <= run.acknowledged || asked.has("advance")) return false;
    const due = lastAck + rhythm.ack;
    if (due <= Date.now()) return true;
    wakeAt(due);
    return false;
  }

  /**
   * An entry of which the relay has spoken must come: after one more attempt on a new connection, its absence is a
   * loss.
   */
  function watch(): void {
    if (s.seq >= run.known) {
      renewed = false;
      return;
    }
    const due = run.missingSince + rhythm.missing;
    if (due > Date.now()) return wakeAt(due);
    run.missingSince = Date.now();
    if (renewed) {
      becomeBroken(ctx, "lost");
      dirty = true;
      nudge();
    } else {
      renewed = true;
      env.link.renew();
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      if (stopped) return;
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const event = events.shift();
      if (event) {
        await take(event);
        continue;
      }
      if (dirty) {
        await at("store.begun");
        await store();
        await at("store.done");
        continue;
      }
      if (await act()) continue;
      if (events.length > 0 || dirty) continue;
      await woken;
    }
  }

  const rested = work()
    .catch((error: unknown) => {
      stopped = true;
      if (error instanceof Crash) return;
      becomeBroken(ctx, "bug");
      env.changed();
    })
    .finally(() => clearTimeout(timer));

  function touched(): void {
    dirty = true;
    env.changed();
    nudge();
  }

  return {
    s,
    get group() {
      return ctx.group;
    },
    connect() {
      connected = true;
      nudge();
    },
    disconnect() {
      connected = false;
      run.attached = false;
      s.presence = undefined;
      s.alarm = undefined;
      connection++;
      // What has arrived is in our hands, and is read before anything is asked again; only what holds for the lost
      // connection goes.
      events = events.filter(
        (event) => event.kind === "said" || event.to === "send" || event.to === "delete" || event.to === "open",
      );
      asked.clear();
      nudge();
    },
    said(frame) {
      events.push({ kind: "said", frame });
      nudge();
    },
    say(what) {
      const id = write(s, what);
      touched();
      return id;
    },
    retry(line) {
      if (rewrite(s, line)) touched();
    },
    claim() {
      if (!DEVICE || s.stage.kind !== "open" || s.claimer || s.pending?.what === "claim") return;
      if (s.queue.some((item) => item.kind === "claim")) return;
      s.queue = [{ kind: "claim", answers: s.seq }, ...s.queue];
      touched();
    },
    acknowledge() {
      if (DEVICE && run.attached && s.stage.kind === "open" && !asked.has("acknowledge"))
        ask("acknowledge", { kind: "acknowledge", mailbox: bytesOf(s.id) });
    },
    remove(devices) {
      if (s.stage.kind !== "open" || devices.length === 0 || s.pending?.what === "remove") return;
      if (s.queue.some((item) => item.kind === "remove")) return;
      s.queue = [{ kind: "remove", devices }, ...s.queue];
      touched();
    },
    invite() {
      if (
        s.stage.kind !== "open" ||
        (!s.claimer && !s.shut) ||
        s.pending?.what === "invite" ||
        s.queue.some((item) => item.kind === "invite")
      )
        return;
      if (s.notice === "nobody") s.notice = undefined;
      s.queue = [{ kind: "invite" }, ...s.queue];
      touched();
    },
    propose(proposed) {
      if (!DEVICE || s.stage.kind !== "open" || s.ending || !claimedHere()) return;
      propose(s, proposed);
      touched();
    },
    dismiss(device) {
      if (!DEVICE || s.stage.kind !== "open" || !isCompany(s, device) || s.queue.some((item) => item.kind === "remove"))
        return;
      s.queue = [{ kind: "remove", devices: [device] }, ...s.queue];
      touched();
    },
    answer(nonce, yes) {
      if (answer(s, nonce, yes)) touched();
    },
    copyChanged: touched,
    async end() {
      if (s.stage.kind === "ended" || s.stage.kind === "taken" || s.ending) return;
      // Before its claim a device would delete what another may be about to answer.
      if (s.side === "device" && s.stage.kind === "open" && !claimedHere()) return;
      if (s.stage.kind === "opening" && !tried) {
        becomeEnded(ctx, ownSide(s), true, "theirs");
        return touched();
      }
      s.ending = {};
      for (const item of s.queue) if (item.kind === "line") failLine(ctx, item.line);
      s.queue = s.queue.filter((item) => item.kind !== "claim");
      touched();
    },
    seen() {
      if (s.seen === s.seq) return;
      s.seen = s.seq;
      touched();
    },
    fail(trouble) {
      if (s.stage.kind !== "open" && s.stage.kind !== "opening") return;
      becomeBroken(ctx, trouble);
      touched();
    },
    lastWords() {
      if (!connected) return [];
      const { copy } = env;
      const copies = copy ? [copy, ...copy.before] : [];
      const drops: Request[] = copies.map(({ keys: { locator, capability } }) => ({
        kind: "drop",
        locator,
        capability,
      }));
      if (s.stage.kind === "ended") return drops;
      const mailbox = bytesOf(s.id);
      // While a return code is being changed, the one before still opens it. Whoever has asked for the end wants
      // nothing kept.
      const kept = !s.ending && copies.some(({ version }) => version > 0n);
      const words: Request[] = [];
      // What the relay has been asked before on this line it does before this.
      if (!run.attached && !asked.has("attach") && !asked.has("open")) {
        words.push({ kind: "attach", mailbox, capability: bytesOf(s.capability), cursor: cursorOf(s) });
      }
      if (kept && !s.retained) words.push({ kind: "keep", mailbox });
      words.push({ kind: "leave", mailbox, erase: kept ? 0 : 1 });
      // A copy may be on its way.
      return kept ? words : [...words, ...drops];
    },
    stop() {
      stopped = true;
      connection++;
      nudge();
    },
    rested,
    forget() {
      for (const group of new Set([ctx.group, ctx.next])) group?.forget();
      ctx.group = ctx.next = undefined;
      Object.assign(s, { lines: [], queue: [], intake: undefined, pending: undefined, accepted: [], capability: "" });
    },
  };
}
