import type { Answer } from "../relay/link.ts";
import type { Reach } from "../wire/reach.ts";
import type { Vault } from "./vault/vault.ts";

/**
 * What the two pages know of a conversation. The pages draw a view and call these methods; sockets, MLS, order, retries
 * and storage are behind them. Views are immutable: a change makes a new one and calls every listener.
 */

/** spec/protocol.md §8, «Delivery states». */
export type Delivery = "waiting" | "sent" | "received" | "failed";

/** A thing somebody wrote, or something that happened, in the order of the mailbox. */
export interface Line {
  /** Stable for the life of the page; usable as a key. */
  readonly id: string;
  readonly from: "visitor" | "staff" | "system";
  /** For staff, and for events about a device: the alias in the roster. */
  readonly alias?: string;
  /** For a claim: the alias of the second device that it kept. */
  readonly kept?: string;
  readonly text?: string;
  /** A phrasebook reply or quick phrase, sent as a key and slots instead of text. */
  readonly phrase?: { readonly key: string; readonly slots: Readonly<Record<string, string>> };
  /** Was said before this device came in, as the visitor's page shows it. */
  readonly shared?: true;
  /**
   * For system lines: what happened. second: a device that answered, or could read beside who does, no longer can.
   * company: one can now, as the visitor wanted. unable: the visitor said yes to whom `alias` proposed, and it could
   * not be done. anew: the server had lost the conversation, and what nobody had confirmed is sent again.
   */
  readonly event?: "claimed" | "unreadable" | "ended" | "second" | "company" | "unable" | "anew";
  /** For own lines. */
  readonly delivery?: Delivery;
}

/** A named fault. The page has a sentence for each: `trouble.<name>` in the catalog. */
export type Trouble =
  | "roster_signature"
  | "roster_kommun"
  | "roster_expired"
  | "roster_old"
  | "roster_malformed"
  | "clock" // this device's clock and the relay's differ by more than 12 hours
  | "nobody" // no device has a key package for today: there is nobody to encrypt to
  | "policy" // somebody broke the rules of the group: reading stopped
  | "lost" // the relay no longer has the conversation, or not all of it
  | "split" // the relay shows two histories
  | "full"
  | "too_large"
  | "unsupported" // the browser lacks a needed piece
  | "elsewhere" // the same conversation or device is open in another tab or place
  | "unreachable" // no answer from the server since the page was opened
  | "device" // the device is not in the roster, was revoked, or its certificate expired
  // The relay refused something that only a fault in this program can cause, or a later release has stored what this
  // one cannot read, and it is left as it is.
  | "bug";

export interface Intake {
  /** Language of the visitor's page. */
  readonly lang: string;
  /**
   * Question key to answer key or keys, in the order asked: `["who", "who.self"]`, `["need", "need.home"]`, `["need",
   * "need.debt"]`.
   */
  readonly answers: readonly (readonly [string, string])[];
  /** What the visitor wrote first; may be empty. */
  readonly text: string;
}

/**
 * `confirmed`: the relay has said that everything is deleted there. `reported`: only the relay says who ended it, not
 * they. `left`: the visitor left quickly; only the relay can say so.
 */
export interface End {
  readonly by: "visitor" | "staff";
  readonly confirmed: boolean;
  readonly reported?: boolean;
  readonly left?: true;
}

// ---------------------------------------------------------------------------------------------------------- the
// visitor

export interface VisitorView {
  /**
   * idle: nothing sent. opening: the first message is on its way. waiting: accepted, nobody has answered. claimed: a
   * person answers.
   */
  readonly phase: "idle" | "opening" | "waiting" | "claimed" | "ended" | "broken";
  readonly connected: boolean;
  /** How many devices can read until one claims. */
  readonly readers: number;
  readonly coordinator?: { readonly alias: string; readonly role: string };
  readonly lines: readonly Line[];
  /** Set in phase ended. */
  readonly end?: End;
  /** Set in phase broken, and on a fault that does not stop the conversation. */
  readonly trouble?: Trouble;
  /** A return code opens this conversation from any device: kept once the relay has it, saving until then. */
  readonly kept?: "saving" | "kept";
  /** A reload of this tab goes on with it. */
  readonly stays?: true;
  /** Whether somebody who may answer is connected; absent until the relay has said. */
  readonly staff?: "here" | "away";
  /** Everybody on the alarm's ladder has been called, and nobody has come. */
  readonly unheeded?: true;
  /** In phase waiting: whoever answered was shut out, and nobody reads what is written now until `invite`. */
  readonly shut?: { readonly alias: string };
  /** A second device that could read while the visitor was away, until it is removed. */
  readonly second?: { readonly alias: string; readonly role: string };
  /** Who reads beside the coordinator, because the visitor said yes; absent where nobody does. */
  readonly company?: readonly { readonly alias: string }[];
  readonly proposal?: VisitorProposal;
}

/**
 * Why somebody is to be let in. colleague: to read, too. shift, kommun: instead of who answers. back: whoever is on
 * call, instead.
 */
export type ProposalReason = "colleague" | "shift" | "back" | "kommun";

/** Somebody whom the coordinator asks the visitor to let in. Alias, role and kommun are those of a signed roster. */
export interface VisitorProposal {
  readonly nonce: string;
  readonly reason: ProposalReason;
  /** Who asks. */
  readonly by: string;
  /** Whom it is about; absent for back. */
  readonly alias?: string;
  readonly role?: string;
  /** The other kommun's name. */
  readonly kommun?: string;
  /** The visitor has said yes, and it is on its way. */
  readonly accepted?: true;
}

/** The visitor's conversation; one for a page. Made by `newVisitor` in `visitor.ts`. */
export interface Visitor {
  readonly view: VisitorView;
  /** Returns a function that stops listening. */
  subscribe(listener: (view: VisitorView) => void): () => void;
  /**
   * Loads and verifies the directory. Sends nothing of the visitor's. Callable again; resolves with what stands in the
   * way, if anything.
   */
  prepare(): Promise<{ readonly trouble?: Trouble; readonly readers: number }>;
  /**
   * Opens the conversation. Resolves once it is stored and on its way; the view tells the rest. `kind` chooses the
   * retention.
   */
  open(intake: Intake, kind: "live" | "message"): Promise<void>;
  /** Queues a text (1 to 4,000 characters). It is in the view at once, as `waiting`. */
  send(text: string): void;
  sendPhrase(key: string, slots: Readonly<Record<string, string>>): void;
  /** Tries a failed line again. */
  retry(id: string): void;
  /** In phase broken: opens a new conversation with the intake and every own line that nobody confirmed. */
  again(): Promise<void>;
  /** Ends for both sides, and deletes at the relay. The lines stay in the view. */
  end(): Promise<void>;
  /** Forgets keys, lines and queue, and closes the socket. Nothing works afterwards. */
  wipe(): void;
  /**
   * The visitor must go at once: asks the relay, without waiting, to delete everything (or, under a return code, to say
   * that they left), and wipes. All of it happens before this returns.
   */
  leave(): void;
  /**
   * Keeps the conversation under a return code from now on, whatever happens to this device; called again with other
   * keys it changes the code, and the old one opens nothing once this resolves. Resolves when it is kept, or with what
   * stands in the way.
   */
  keep(keys: ReturnKeys): Promise<Trouble | undefined>;
  /**
   * In phase idle: goes on with the conversation that lies under these keys. The view tells the rest. Where another
   * device has it open, that one stops. Busy: seconds to wait before trying again.
   */
  comeBack(keys: ReturnKeys): Promise<Return>;
  /**
   * Lets the colleagues read who are there, instead of the coordinator who has claimed or was shut out. They see the
   * thread as this page shows it.
   */
  invite(): void;
  /** Yes or no to the proposal with this nonce; to another one than is in the view it does nothing. */
  answer(nonce: string, yes: boolean): void;
  /**
   * Keeps the conversation through a reload of this tab; undefined: not any more. Resolves when it is so, or with what
   * stands in the way.
   */
  stay(store: TabStore | undefined): Promise<Trouble | undefined>;
  /**
   * In phase idle: goes on with what `stay` kept in this store; false where nothing opens it, and the store is empty
   * then.
   */
  resume(store: TabStore): Promise<boolean>;
}

/** Made of a return code by `web/src/returncode`; 32 bytes each. Whoever holds all three can read the conversation. */
export interface ReturnKeys {
  readonly locator: Uint8Array;
  readonly capability: Uint8Array;
  readonly key: Uint8Array;
}

/** One value that this tab keeps through a reload: sessionStorage on the page. */
export interface TabStore {
  get(): string | undefined;
  /** Throws where the browser refuses. */
  set(value: string): void;
  erase(): void;
}

/**
 * `emptied`: Unix seconds when the relay's store was last empty; 0 where that is so long ago that nothing can have been
 * lost by it.
 */
export type Return =
  | { readonly found: true }
  | { readonly found: false; readonly emptied: number }
  | { readonly busy: number }
  | { readonly trouble: Trouble };

// ---------------------------------------------------------------------------------------------------------- the
// console

export interface Case {
  /** Mailbox id in hex. Never shown, never logged. */
  readonly id: string;
  /** Unix seconds, to the minute. */
  readonly since: number;
  /**
   * opening: being fetched and decrypted. waiting: can be claimed. claiming: our claim is on its way. mine: claimed by
   * this device. taken: a colleague answers. ended: gone at the relay. broken: see trouble.
   */
  readonly state: "opening" | "waiting" | "claiming" | "mine" | "taken" | "ended" | "broken";
  readonly intake?: Intake;
  /** 0 danger now, 1 soon, under 18, safety or home, 2 others, 3 professionals (intake/flow). */
  readonly priority: 0 | 1 | 2 | 3;
  readonly lines: readonly Line[];
  readonly takenBy?: string;
  /** In state taken: this device can read beside `takenBy` until the visitor is back. */
  readonly second?: true;
  /** In state taken: this device reads beside `takenBy`, because the visitor said yes. */
  readonly company?: true;
  /** In state mine: who reads beside this device. */
  readonly beside?: readonly { readonly device: string; readonly alias: string }[];
  /** In state mine: what was proposed last to the visitor. late: void, and nobody has answered. */
  readonly proposal?: DeskProposal | undefined;
  /**
   * In state taken: the visitor's client took this device out. invited: and let colleagues in. returned: it was the
   * second device. handed: as this device proposed; text and keys are erased.
   */
  readonly letGo?: "invited" | "returned" | "handed";
  /**
   * Whether the visitor has the page open, as the relay says; absent where it has not. left: they left quickly, and may
   * come back.
   */
  readonly visitor?: "here" | "away" | "left";
  /** Somebody has said that they will answer, here or on another console. */
  readonly onIt?: true;
  /** Everybody on the alarm's ladder has been called, and nobody has come. */
  readonly unheeded?: true;
  readonly end?: End;
  readonly trouble?: Trouble;
  /** Lines from the visitor that this device has not yet shown; the page calls `seen`. */
  readonly unread: number;
}

/** A device as the verified roster lists it. */
export interface Colleague {
  readonly id: string;
  readonly alias: string;
  readonly role: string;
  /** BCP 47 tags. */
  readonly languages: readonly string[];
  /** When its certificate ends, Unix seconds. */
  readonly expires: number;
}

export interface DeskProposal {
  readonly reason: ProposalReason;
  readonly alias?: string;
  readonly state: "sending" | "waiting" | "no" | "cannot" | "done" | "late";
}

/** A device that could be proposed now: valid, with a key package of today. */
export interface Candidate {
  readonly device: string;
  readonly alias: string;
  readonly role: string;
  readonly languages: readonly string[];
  /** Whether it may claim, so that it can take over. */
  readonly claims: boolean;
}

/** Somebody's time on duty; without level they are not on the rota. Times are Unix seconds. */
export interface OnDuty {
  readonly alias: string;
  readonly level?: "first" | "second" | "lead";
  /**
   * missing: on duty, and can be reached by nothing. paused: out of the alarm for a while. ended: before their time.
   */
  readonly state: "missing" | "here" | "paused" | "ended";
  readonly start?: number;
  readonly end?: number;
}

/** Who is on duty, as the relay says. */
export interface Duty {
  /** none: the kommun keeps no rota. unread: it has one, which cannot be read. */
  readonly plan: "none" | "planned" | "unread";
  readonly on: readonly OnDuty[];
  readonly next: readonly OnDuty[];
  /** Opening hours of the next days with nobody first on duty. */
  readonly gaps: readonly { readonly start: number; readonly end: number }[];
  /** Rules that the rota breaks for the person at this device. */
  readonly warnings: readonly {
    readonly rule: "block" | "shift" | "daily" | "weekly" | "alone";
    readonly start: number;
    readonly end: number;
  }[];
  readonly closes?: number;
  /** After it no conversation should be begun. */
  readonly lastStart?: number;
}

export interface DeskView {
  /**
   * new: this browser has no device. enrolling: keys exist, not in the roster yet. offline, online: enrolled. stopped:
   * see trouble. locked: no key and nothing of a conversation is in memory; see locked.
   */
  readonly phase: "new" | "enrolling" | "offline" | "online" | "stopped" | "locked";
  /** In phase locked. */
  readonly locked?: Locked;
  /**
   * The last day, Unix seconds at its beginning, for which the relay has a key package of this device; absent until it
   * has said so.
   */
  readonly packagesUntil?: number;
  /** Absent until the relay has said, and while there is no connection. */
  readonly duty?: Duty;
  readonly device?: { readonly id: string; readonly alias: string; readonly role: string; readonly expires: number };
  /** The enrolment request as text, for `utvag roster add`, in phase enrolling. */
  readonly request?: string;
  readonly roster?: { readonly serial: bigint; readonly expires: number; readonly devices: readonly Colleague[] };
  /** Every case, most urgent first: priority, then longest waiting; own cases in the order claimed. */
  readonly cases: readonly Case[];
  readonly trouble?: Trouble;
}

/** All that a locked desk knows. */
export interface Locked {
  /**
   * The connection that was logged in before still stands, so that it hears of who waits. Once it is lost, only
   * unlocking makes another.
   */
  readonly connected: boolean;
  /** Somebody waited when it was locked, or has begun to since. They may have been answered by a colleague. */
  readonly waiting: boolean;
  /** How often the relay has named somebody new since. */
  readonly rung: number;
  /** Something has come into one of this device's own conversations. */
  readonly stirred: boolean;
}

/** A coordinator's desk; one for a browser profile and device. Made by `newDesk` in `desk.ts`. */
export interface Desk {
  readonly view: DeskView;
  subscribe(listener: (view: DeskView) => void): () => void;
  /**
   * Makes this browser's device keys, stores them in the vault that `vault` makes for that name, and shows the
   * enrolment request.
   */
  enrol(alias: string, languages: readonly string[], vault?: (name: string) => Promise<Vault>): Promise<void>;
  /** Verifies the roster, logs in, publishes key packages and reads the inbox; goes on by itself. */
  start(): Promise<void>;
  /** Begins, ends or pauses this person's shift. refused: nobody else on duty could be reached. */
  shift(what: "begin" | "end" | "pause", minutes?: number): Promise<"done" | "refused" | "unanswered">;
  claim(id: string): Promise<void>;
  /**
   * Says that this person will answer: the alarm waits a few minutes (spec §5.11). Does nothing without a connection.
   */
  acknowledge(id: string): void;
  send(id: string, text: string): void;
  sendPhrase(id: string, key: string, slots: Readonly<Record<string, string>>): void;
  retry(id: string, line: string): void;
  /** Tells the desk that the lines of this case are on the screen. */
  seen(id: string): void;
  /** Ends for both sides and deletes at the relay. */
  end(id: string): Promise<void>;
  /** Takes an ended, taken or broken case off the list and erases what is stored of it. */
  clear(id: string): Promise<void>;
  /** Who could be proposed for an own case, of this kommun or of one that the page knows; loads the directory. */
  candidates(id: string, kommun?: string): Promise<readonly Candidate[]>;
  /**
   * Asks the visitor to let somebody in; a newer proposal takes the place of an older one. `one` is left out for back.
   */
  propose(id: string, reason: ProposalReason, one?: Candidate, kommun?: string): void;
  /** Takes back what was proposed. */
  withdraw(id: string): void;
  /** Ends the reading of whoever reads beside this device. */
  dismiss(id: string, device: string): void;
  /** Asks the relay about this person's alarm channels (spec §5.12); undefined where there is no answer. */
  reach(what: Reach): Promise<Answer | undefined>;
  /** Signs out: closes the socket; the device stays enrolled. */
  stop(): void;
  /**
   * Forgets the keys and everything of the conversations, closes the vault, and keeps the connection. The view is
   * locked before this returns, the memory when it resolves. `memo` is stored in the vault first, and handed back by
   * `unlock`. Only of a device that is enrolled.
   */
  lock(memo?: string): Promise<void>;
  /** In phase locked: goes on from this device's vault, opened anew. */
  unlock(vault: Vault): Promise<string | undefined>;
}
