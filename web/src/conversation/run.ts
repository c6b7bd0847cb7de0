import type { Answer, Request, Pushed } from "../relay/link.ts";
import type { MailboxContext } from "./context.ts";
import type { Remedy } from "./refusals.ts";

/** `delete`: an end without a message. */
export type Asked =
  | "open"
  | "attach"
  | "send"
  | "delete"
  | "advance"
  | "resolve"
  | "acknowledge"
  | "put"
  | "keep"
  | "drop";

export type Event =
  | { readonly kind: "said"; readonly frame: Pushed }
  | { readonly kind: "answer"; readonly to: Asked; readonly answer: Answer | undefined };

/**
 * A mailbox at work, as its parts share it: what holds for this connection, and what they may do. Nothing of it
 * outlives a crash.
 */
export interface Run {
  readonly ctx: MailboxContext;
  /** What is asked on this connection and not answered. */
  readonly asked: Set<Asked>;
  attached: boolean;
  /** Attached on another connection: to attach again by itself would only push that one out in turn (spec §4). */
  replaced: boolean;
  /** Milliseconds since the epoch until which nothing is asked. */
  paused: number;
  /** The newest entry that the relay has spoken of, and since when it is missing. */
  known: number;
  missingSince: number;
  /** The newest entry that was acknowledged on this connection. */
  acknowledged: number;
  at(step: string): Promise<void>;
  /** Persists, and lets the page see. */
  store(): Promise<void>;
  ask(to: Asked, request: Request): void;
  heed(remedy: Remedy): void;
  nudge(): void;
}
