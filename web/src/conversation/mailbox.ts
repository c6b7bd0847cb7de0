import { Group, type Trust } from "../mls/group.ts";
import type { Answer, Request, Said } from "../relay/link.ts";
import { CodecError } from "../wire/codec.ts";
import { Refusal } from "../wire/codes.gen.ts";
import { beginning } from "../wire/frames.ts";
import { hex } from "../wire/bytes.ts";
import type { Trouble } from "./api.ts";
import { type Box, type Host, type Remedy, type Stored, fault, finish, leave, ownSide, persist, refusedAnyhow } from "./box.ts";
import { failLine } from "./effect.ts";
import { type Entry, readEntry } from "./incoming.ts";
import { answered, nextToSay, readBy, requestOf, seal } from "./outgoing.ts";
import { type MailboxState, type Words, bytesOf, cursorOf, decodeState, rewrite, write } from "./state.ts";
import { Crash } from "./steps.ts";

/** One mailbox, on either side: it keeps itself attached, reads, sends, confirms and acknowledges until it is over. */
export interface Mailbox {
  readonly s: MailboxState;
  readonly group: Group | undefined;
  /** The link is up, and logged in where that is needed. */
  connect(): void;
  disconnect(): void;
  said(frame: Said): void;
  /** Puts a line into the conversation and on its way. Returns its id. */
  say(what: Words): string;
  retry(line: string): void;
  claim(): void;
  /** Takes devices out that may no longer read (visitor only). */
  remove(devices: readonly string[]): void;
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
}

/** `delete`: an end without a message. */
type Asked = "open" | "attach" | "send" | "delete" | "ack" | "answered";
type Event =
  | { readonly kind: "said"; readonly frame: Said }
  | { readonly kind: "answer"; readonly to: Asked; readonly answer: Answer | undefined };

/** Stores a new mailbox, over what its records held before, and returns it at work. */
export async function makeMailbox(host: Host, s: MailboxState, group: Group | undefined): Promise<Mailbox> {
  const box: Box = { s, host, group, next: undefined };
  const stored: Stored = { group: null, next: null };
  await persist(box, stored);
  return run(box, stored, false);
}

/** Takes up a mailbox where its vault has it; undefined when there is none. */
export async function loadMailbox(host: Host, trust: Trust): Promise<Mailbox | undefined> {
  const [state, group, next] = await Promise.all(
    ["state", "group", "next"].map((name) => host.vault.get(host.prefix + name)),
  );
  if (!state) return undefined;
  const decoded = { group: group && Group.decode(group, trust), next: next && Group.decode(next, trust) };
  return run({ s: decodeState(state), host, ...decoded }, { ...decoded }, true);
}

function run(box: Box, stored: Stored, restored: boolean): Mailbox {
  const { s, host } = box;
  const { rhythm } = host;
  const at = async (step: string) => host.hooks.at?.(step);

  let connected = false;
  let attached = false;
  /** Attached on another connection: to attach again by itself would only push that one out in turn (spec §4). */
  let replaced = false;
  let stopped = false;
  let paused = 0;
  let dirty = false;
  let events: Event[] = [];
  let connection = 0;
  const asked = new Set<Asked>();
  /** The opening may have reached the relay: what never left needs no ending there. */
  let tried = restored;
  let acknowledged = 0;
  let lastAck = 0;
  let lastReceipt = 0;
  let wantedSince = 0;
  /** The newest entry that the relay has spoken of, since when it is missing, and whether asking anew has been tried. */
  let known = 0;
  let missingSince = 0;
  let renewed = false;

  let wake: () => void = () => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAt = 0;

  function nudge(): void {
    wake();
  }

  function wakeAt(time: number): void {
    if (timer !== undefined && timerAt <= time) return;
    clearTimeout(timer);
    timerAt = time;
    timer = setTimeout(() => {
      timer = undefined;
      nudge();
    }, Math.max(0, time - Date.now()));
  }

  async function store(): Promise<void> {
    dirty = false;
    await persist(box, stored);
    host.changed();
  }

  function ask(to: Asked, request: Request): void {
    asked.add(to);
    const on = connection;
    host.link.ask(request, (answer) => {
      if (on !== connection || stopped) return;
      const refused = answer instanceof CodecError && ({ kind: "refused", ref: 1, code: Refusal.too_large, detail: 0n } as const);
      events.push({ kind: "answer", to, answer: answer instanceof Error ? refused || undefined : answer });
      nudge();
    });
  }

  function heed(remedy: Remedy): void {
    if (remedy.pause !== undefined) paused = Date.now() + remedy.pause;
    if (remedy.renew) host.link.renew();
  }

  async function take(event: Event): Promise<void> {
    if (event.kind === "said") {
      if (event.frame.kind === "entry") await takeEntry(event.frame);
      else if (event.frame.kind === "gone") await takeGone(event.frame.reason);
      return;
    }
    asked.delete(event.to);
    const { answer } = event;
    if (!answer) return;
    if (event.to === "attach") await takeAttached(answer);
    else if (event.to === "ack") await takeAcknowledged(answer);
    else if (event.to === "answered") await takeAnswered(answer);
    else if (event.to === "delete") await takePlainAnswer(answer);
    else await takeAnswer(answer);
  }

  async function takeEntry(entry: Entry): Promise<void> {
    if (s.stage !== "open") return;
    await at("entry.came");
    const before = s.unconfirmed;
    await readEntry(box, entry);
    if (s.unconfirmed > before && wantedSince === 0) wantedSince = Date.now();
    await at("entry.read");
    await store();
    await at("entry.stored");
  }

  async function takeGone(reason: number): Promise<void> {
    if (reason === 5) replaced = true;
    if (s.stage === "ended") {
      if (s.end?.confirmed || reason > 2) return;
      finish(box, s.end?.by ?? ownSide(s), true, "theirs");
    } else if (s.stage === "broken" || s.stage === "taken") return;
    else if (reason === 1 || reason === 2) finish(box, reason === 1 ? "visitor" : "staff", true, "relay's");
    else if (reason === 5) fault(box, "elsewhere");
    else fault(box, "lost");
    await store();
  }

  async function takeAttached(answer: Answer): Promise<void> {
    await at("attach.answered");
    if (s.stage === "ended") {
      attached = answer.kind === "attached";
      if (answer.kind !== "refused") return;
      if (answer.code === Refusal.ended || answer.code === Refusal.no_mailbox) finish(box, s.end?.by ?? ownSide(s), true, "theirs");
      else heed({ pause: rhythm.again });
      return store();
    }
    if (s.stage === "broken") {
      if (answer.kind === "attached") attached = true;
      else if (answer.kind === "refused") await takePlainAnswer(answer);
      return;
    }
    if (answer.kind === "refused") {
      const remedy = refusedAnyhow(box, answer.code, answer.detail);
      if (remedy) heed(remedy);
      else if (answer.code === Refusal.slot_closed && s.side === "device") leave(box, undefined); // who has it, nobody tells any more
      else fault(box, answer.code === Refusal.slot_closed ? "lost" : "bug");
      return store();
    }
    if (answer.kind !== "attached" || hex(answer.mailbox) !== s.id) {
      fault(box, "bug");
      return store();
    }
    const { head } = answer;
    const mine = s.counter + (s.pending && !s.pending.accepted ? 1 : 0);
    const elsewhere = s.slot >= 0 && answer.slot !== s.slot;
    const another = s.seq > 0 && hex(head.incarnation) !== s.incarnation;
    const older = head.seq < BigInt(s.seq) || answer.epoch < (box.group?.epoch ?? 0n) || answer.counter < BigInt(s.counter);
    if (elsewhere || another || older || answer.counter > BigInt(mine)) {
      fault(box, "lost");
      return store();
    }
    if (s.seq === 0) s.incarnation = hex(head.incarnation);
    s.slot = answer.slot;
    attached = true;
    acknowledged = s.seq;
    known = Number(head.seq);
    missingSince = Date.now();
    await store();
    await at("attach.stored");
  }

  async function takeAcknowledged(answer: Answer): Promise<void> {
    await at("ack.answered");
    if (answer.kind !== "refused" || s.stage !== "open") return;
    const remedy = refusedAnyhow(box, answer.code, answer.detail);
    if (remedy) heed(remedy);
    await store();
  }

  async function takeAnswered(answer: Answer): Promise<void> {
    await at("answered.answered");
    if (answer.kind !== "refused" || s.stage !== "open") return;
    // The alarm rings once too often rather than never.
    if (answer.code === Refusal.busy || answer.code === Refusal.unavailable) s.told = 0;
    const remedy = refusedAnyhow(box, answer.code, answer.detail);
    if (remedy) heed(remedy);
    await store();
  }

  async function takeAnswer(answer: Answer): Promise<void> {
    if (s.stage === "broken" || s.stage === "ended" || s.stage === "taken") return;
    const what = s.pending?.what ?? "send";
    await at(`${what}.answered`);
    const trouble = s.trouble;
    heed(await answered(box, answer));
    if (answer.kind === "accepted") {
      known = Math.max(known, Number(answer.cursor.seq));
      missingSince = Date.now();
      if (s.trouble === trouble && (trouble === "full" || trouble === "too_large")) s.trouble = undefined;
    } else if (answer.kind === "refused" && answer.code === Refusal.epoch && answer.detail > (box.group?.epoch ?? 0n)) {
      known = Math.max(known, s.seq + 1);
      missingSince = Date.now();
    } else if (answer.kind === "refused" && answer.code === Refusal.behind) {
      known = Math.max(known, Number(answer.detail));
      missingSince = Date.now();
    }
    await at(`${what}.decided`);
    await store();
    await at(`${what}.settled`);
  }

  /** The answer to deleting without a message: nothing but the deletion matters any more. */
  async function takePlainAnswer(answer: Answer): Promise<void> {
    if (s.stage === "ended" || s.stage === "taken") return;
    if (answer.kind === "refused") {
      if (answer.code === Refusal.busy || answer.code === Refusal.unavailable) {
        paused = Date.now() + rhythm.again;
        return;
      }
      // A device may not delete what it has not read, nor before it has claimed. Nothing is left here to do it with.
      if (s.side === "device" && answer.code !== Refusal.no_mailbox && answer.code !== Refusal.ended) {
        s.ending = false;
        s.plain = undefined;
      } else finish(box, ownSide(s), answer.code === Refusal.no_mailbox || answer.code === Refusal.ended, "theirs");
    } else finish(box, ownSide(s), true, "theirs");
    await store();
  }

  /** Does one thing that can be done now; false when there is none. */
  async function act(): Promise<boolean> {
    if (!connected || s.stage === "taken") return false;
    if (s.stage === "broken" && !s.ending) return false;
    if (paused > Date.now()) return wakeAt(paused), false;
    if (s.stage === "ended") return askWhetherGone();
    if (s.stage === "opening") return asked.has("open") ? false : sendPending("open");
    if (!attached) {
      if (asked.has("attach")) return false;
      await at("attach.begun");
      const cursor = s.stage === "broken" ? beginning : cursorOf(s);
      ask("attach", { kind: "attach", mailbox: bytesOf(s.id), capability: bytesOf(s.capability), cursor });
      await at("attach.sent");
      return true;
    }
    if (!asked.has("send") && !asked.has("delete")) {
      if (s.stage === "broken" || (s.plain && !s.pending)) {
        ask("delete", { kind: "end", mailbox: bytesOf(s.id), counter: 0n, read: readBy(s, s), message: new Uint8Array() });
        return true;
      }
      if (s.pending && !s.pending.accepted) return sendPending("send");
      const item = nextToSay(box, receiptDue());
      if (item) {
        const what = item.kind;
        if (what === "receipt") {
          lastReceipt = Date.now();
          wantedSince = 0;
        }
        await at(`${what}.begun`);
        await seal(box, item);
        await at(`${what}.sealed`);
        await store();
        await at(`${what}.stored`);
        return true;
      }
    }
    if (answerDue()) {
      s.told = s.seq;
      await at("answered.begun");
      ask("answered", { kind: "answered", mailbox: bytesOf(s.id), cursor: cursorOf(s) });
      await at("answered.sent");
      return true;
    }
    if (mayAcknowledge()) {
      lastAck = Date.now();
      acknowledged = s.seq;
      await at("ack.begun");
      ask("ack", { kind: "ack", mailbox: bytesOf(s.id), cursor: cursorOf(s) });
      await at("ack.sent");
      return true;
    }
    watch();
    return false;
  }

  /** The other side has ended it, and the line went before the relay said that it is deleted. */
  async function askWhetherGone(): Promise<boolean> {
    if (s.end?.confirmed || attached || replaced || asked.has("attach")) return false;
    ask("attach", { kind: "attach", mailbox: bytesOf(s.id), capability: bytesOf(s.capability), cursor: beginning });
    return true;
  }

  async function sendPending(to: "open" | "send"): Promise<boolean> {
    const { pending } = s;
    if (!pending) return false;
    await at(`${pending.what}.sending`);
    if (s.pending !== pending) return true;
    tried = true;
    ask(to, requestOf(box, pending));
    await at(`${pending.what}.sent`);
    return true;
  }

  function receiptDue(): boolean {
    if (s.unconfirmed <= s.confirmed || (s.side === "device" && !claimedHere())) return false;
    const due = Math.max(lastReceipt + rhythm.receipt, wantedSince + rhythm.gather);
    if (due <= Date.now()) return true;
    wakeAt(due);
    return false;
  }

  /** A person here has answered everything that the visitor wrote; what came since is receipts, which nobody need answer. */
  function answerDue(): boolean {
    if (s.side !== "device" || asked.has("answered") || !claimedHere()) return false;
    return s.heard > s.told && s.unconfirmed <= s.replied;
  }

  function claimedHere(): boolean {
    const self = box.group?.self;
    return self?.kind === "device" && self.device === s.claimer?.device;
  }

  function mayAcknowledge(): boolean {
    if (s.seq <= acknowledged || asked.has("ack")) return false;
    const due = lastAck + rhythm.ack;
    if (due <= Date.now()) return true;
    wakeAt(due);
    return false;
  }

  /** An entry of which the relay has spoken must come: after one more attempt on a new connection, its absence is a loss. */
  function watch(): void {
    if (s.seq >= known) {
      renewed = false;
      return;
    }
    const due = missingSince + rhythm.missing;
    if (due > Date.now()) return wakeAt(due);
    missingSince = Date.now();
    if (renewed) {
      fault(box, "lost");
      dirty = true;
      nudge();
    } else {
      renewed = true;
      host.link.renew();
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

  const rested = work().catch((error: unknown) => {
    stopped = true;
    if (error instanceof Crash) return;
    s.stage = "broken";
    s.trouble = "bug";
    host.changed();
  }).finally(() => clearTimeout(timer));

  function touched(): void {
    dirty = true;
    host.changed();
    nudge();
  }

  return {
    s,
    get group() {
      return box.group;
    },
    connect() {
      connected = true;
      nudge();
    },
    disconnect() {
      connected = false;
      attached = false;
      connection++;
      // What has arrived is in our hands, and is read before anything is asked again; only what holds for the lost connection goes.
      events = events.filter((event) => event.kind === "said" || event.to === "send" || event.to === "delete" || event.to === "open");
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
      if (s.stage !== "open" || s.claimer || s.pending?.what === "claim") return;
      if (s.queue.some((item) => item.kind === "claim")) return;
      s.queue = [{ kind: "claim", answers: s.seq }, ...s.queue];
      touched();
    },
    remove(devices) {
      if (s.stage !== "open" || devices.length === 0 || s.pending?.what === "remove") return;
      if (s.queue.some((item) => item.kind === "remove")) return;
      s.queue = [{ kind: "remove", devices }, ...s.queue];
      touched();
    },
    async end() {
      if (s.stage === "ended" || s.stage === "taken" || s.ending) return;
      // Before its claim a device would delete what another may be about to answer.
      if (s.side === "device" && s.stage === "open" && !claimedHere()) return;
      if (s.stage === "opening" && !tried) {
        finish(box, ownSide(s), true, "theirs");
        return touched();
      }
      s.ending = true;
      s.behind = undefined;
      for (const item of s.queue) if (item.kind === "line") failLine(box, item.line);
      s.queue = s.queue.filter((item) => item.kind !== "claim");
      touched();
    },
    seen() {
      if (s.seen === s.seq) return;
      s.seen = s.seq;
      touched();
    },
    fail(trouble) {
      if (s.stage !== "open" && s.stage !== "opening") return;
      fault(box, trouble);
      touched();
    },
    lastWords() {
      if (!connected || s.stage === "ended") return [];
      const mailbox = bytesOf(s.id);
      const end = { kind: "end", mailbox, counter: 0n, read: beginning, message: new Uint8Array() } as const;
      // What the relay has been asked before on this line it does before this.
      if (attached || asked.has("attach") || asked.has("open")) return [end];
      return [{ kind: "attach", mailbox, capability: bytesOf(s.capability), cursor: cursorOf(s) }, end];
    },
    stop() {
      stopped = true;
      connection++;
      nudge();
    },
    rested,
  };
}
