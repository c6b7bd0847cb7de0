import { CodecError } from "../wire/codec.ts";
import type { ClientFrame, RelayFrame } from "../wire/frames.ts";

/** A request without its `ref`, which its connection chooses. */
export type Request = ClientFrame extends infer F ? (F extends ClientFrame ? Omit<F, "ref"> : never) : never;

/** What answers a request: ready, refused, attached, accepted, welcome or blob. */
export type Answer = Extract<RelayFrame, { readonly ref: number }>;

/**
 * No answer will come on this connection. Whether the request arrived is not known: ask again with the same counter.
 */
export class NoAnswer extends Error {}

export type Told = (answer: Answer | NoAnswer | CodecError) => void;

/** spec §3: requests that may be unanswered at once. */
const maxUnanswered = 16;

/** The requests of one connection: those that wait for an answer, and those that wait until they may be sent. */
export interface Unanswered {
  /** Sends it once fewer than the most that may be are unanswered. */
  ask(request: Request, told: Told): void;
  /** Sends it now, with so many milliseconds for the answer. Throws CodecError for what cannot be encoded. */
  put(request: Request, told: Told, within: number): void;
  /** Who waits for this answer, and waits no longer; undefined where nobody does. */
  take(ref: number): Told | undefined;
  /** Sends what there is room for. */
  drain(): void;
  /** No answer comes any more. */
  forget(): void;
}

export function newUnanswered(o: {
  readonly encode: (frame: ClientFrame) => Uint8Array;
  readonly send: (bytes: Uint8Array) => void;
  /** An answer did not come in time. */
  readonly late: () => void;
  /** Milliseconds for an answer. */
  readonly answer: number;
}): Unanswered {
  const sent = new Map<number, { readonly told: Told; readonly timer: ReturnType<typeof setTimeout> }>();
  const queue: { readonly request: Request; readonly told: Told }[] = [];
  let lastRef = 0;
  let over = false;

  function put(request: Request, told: Told, within: number): void {
    do lastRef = lastRef === 0xffffffff ? 1 : lastRef + 1;
    while (sent.has(lastRef));
    const bytes = o.encode({ ...request, ref: lastRef } as ClientFrame);
    sent.set(lastRef, { told, timer: setTimeout(o.late, within) });
    o.send(bytes);
  }

  function drain(): void {
    while (!over && sent.size < maxUnanswered) {
      const next = queue.shift();
      if (!next) return;
      try {
        put(next.request, next.told, o.answer);
      } catch (error) {
        next.told(error instanceof CodecError ? error : new NoAnswer());
      }
    }
  }

  return {
    ask(request, told) {
      queue.push({ request, told });
      drain();
    },
    put,
    take(ref) {
      const waiter = sent.get(ref);
      sent.delete(ref);
      clearTimeout(waiter?.timer);
      return waiter?.told;
    },
    drain,
    forget() {
      over = true;
      for (const { timer } of sent.values()) clearTimeout(timer);
      const all = [...sent.values(), ...queue.splice(0)];
      sent.clear();
      for (const { told } of all) told(new NoAnswer());
    },
  };
}
