import type { Answer, Request, Pushed } from "../../relay/link.ts";
import type { MailboxContext } from "./context.ts";
import type { Coverage } from "./coverage.ts";
import type { Remedy } from "./refusals.ts";
import type { Asked, Session } from "./session.ts";

export type Event =
  | { readonly kind: "pushed"; readonly frame: Pushed }
  | { readonly kind: "answer"; readonly to: Asked; readonly answer: Answer | undefined };

/** A mailbox at work, as those see it who do what was decided and take in what the relay says. */
export interface MailboxLoop {
  readonly ctx: MailboxContext;
  readonly session: Session;
  /** How far the sealed copy covers it. */
  coverage: Coverage;
  /** Nothing may come between what is read of the session and what is written: so it is changed by a function. */
  update(change: (session: Session) => Session): void;
  /** A place where a test can stop the engine. */
  at(step: string): Promise<void>;
  /** Persists, and lets the page see. */
  store(): Promise<void>;
  /** Something has changed that must be stored, but nothing waits for it. */
  touch(): void;
  ask(to: Asked, request: Request): void;
  heed(remedy: Remedy): void;
}
