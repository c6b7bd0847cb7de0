import type { Request, Pushed } from "../../relay/link.ts";
import { CodecError } from "../../wire/codec.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import { takeAnswer } from "./answers.ts";
import { type MailboxContext, type StoredGroups, persist } from "./context.ts";
import { type Coverage, newCoverage } from "./coverage.ts";
import { perform } from "./deeds.ts";
import type { Event, MailboxLoop } from "./loop.ts";
import { type Situation, next } from "./next.ts";
import type { Remedy } from "./refusals.ts";
import {
  type Asked,
  type Session,
  answered,
  asking,
  connected,
  disconnected,
  newSession,
  pausedUntil,
} from "./session.ts";
import { Crash } from "./steps.ts";
import { becomeBroken } from "./transitions.ts";
import { takePushed } from "./unasked.ts";

/**
 * The loop around one mailbox: it takes in what has come, stores what has changed, does what `next` decides, and else
 * waits. One at a time, so that nothing but lines and queue changes under its hands.
 */
export class WorkLoop implements MailboxLoop {
  readonly ctx: MailboxContext;
  session: Session;
  coverage: Coverage;
  /** Resolves when the work has come to rest after `stop`. */
  readonly rested: Promise<void>;
  readonly #stored: StoredGroups;
  #events: Event[] = [];
  #dirty = false;
  #stopped = false;
  /** Numbers the connections: what answers an earlier one is not heard. */
  #connection = 0;
  #wake: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: MailboxContext, stored: StoredGroups, from: "new" | "vault" | "copy") {
    this.ctx = ctx;
    this.#stored = stored;
    this.session = newSession(from !== "new");
    this.coverage = newCoverage(ctx.env.copy, ctx.s, from === "copy");
    this.rested = this.#work()
      .catch((error: unknown) => {
        this.#stopped = true;
        if (error instanceof Crash) return;
        becomeBroken(ctx, "bug");
        ctx.env.changed();
      })
      .finally(() => clearTimeout(this.#timer));
  }

  get situation(): Situation {
    const { ctx, session, coverage } = this;
    const { s, env, group } = ctx;
    return { s, session, group, copy: env.copy, coverage, rhythm: env.rhythm };
  }

  connect(): void {
    this.update(connected);
    this.#wake();
  }

  disconnect(): void {
    const { s } = this.ctx;
    this.update(disconnected);
    s.presence = undefined;
    s.alarm = undefined;
    this.#connection++;
    // What has arrived is in our hands, and is read before anything is asked again; only what holds for the lost
    // connection goes.
    this.#events = this.#events.filter(
      (event) => event.kind === "pushed" || event.to === "send" || event.to === "delete" || event.to === "open",
    );
    this.#wake();
  }

  pushed(frame: Pushed): void {
    this.#heard({ kind: "pushed", frame });
  }

  touch(): void {
    this.#dirty = true;
    this.ctx.env.changed();
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#connection++;
    this.#wake();
  }

  update(change: (session: Session) => Session): void {
    this.session = change(this.session);
  }

  async at(step: string): Promise<void> {
    await this.ctx.env.hooks.at?.(step);
  }

  async store(): Promise<void> {
    this.#dirty = false;
    await persist(this.ctx, this.#stored);
    this.ctx.env.changed();
  }

  ask(to: Asked, request: Request): void {
    this.update((session) => asking(session, to));
    const on = this.#connection;
    this.ctx.env.link.ask(request, (answer) => {
      if (on !== this.#connection || this.#stopped) return;
      const tooLarge = { kind: "refused", ref: 1, code: Refusal.too_large, detail: 0n } as const;
      if (answer instanceof CodecError) this.#heard({ kind: "answer", to, answer: tooLarge });
      else this.#heard({ kind: "answer", to, answer: answer instanceof Error ? undefined : answer });
    });
  }

  heed({ pause, renew }: Remedy): void {
    if (pause !== undefined) this.update((session) => pausedUntil(session, Date.now() + pause));
    if (renew) this.ctx.env.link.renew();
  }

  #heard(event: Event): void {
    this.#events.push(event);
    this.#wake();
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      const event = this.#events.shift();
      if (event) {
        await this.#take(event);
        continue;
      }
      if (this.#dirty) {
        await this.at("store.begun");
        await this.store();
        await this.at("store.done");
        continue;
      }
      const step = next(this.situation, Date.now());
      if (step.do !== "wait") await perform(this, step);
      else {
        this.#wakeAt(step.until);
        await woken;
      }
    }
  }

  async #take(event: Event): Promise<void> {
    if (event.kind === "pushed") return takePushed(this, event.frame);
    const { to, answer } = event;
    this.update((session) => answered(session, to));
    if (answer) await takeAnswer(this, to, answer);
  }

  #wakeAt(time: number | undefined): void {
    clearTimeout(this.#timer);
    if (time !== undefined) this.#timer = setTimeout(() => this.#wake(), Math.max(0, time - Date.now()));
  }
}
