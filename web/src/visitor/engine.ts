/** The conversation, loaded while the questions are read: the page can be used before it is there. */
import type { Trouble, Visitor, VisitorView } from "../conversation/api.ts";

export interface EngineState {
  /** preparing: calm waiting. ready: a conversation can be opened. blocked: see trouble; `prepare` tries again. */
  readonly phase: "preparing" | "ready" | "blocked";
  readonly trouble?: Trouble;
  /** How many devices could read what is sent. */
  readonly readers: number;
  readonly visitor?: Visitor;
}

export interface Engine {
  readonly state: EngineState;
  /** A reload of this tab goes on with the conversation. */
  readonly stays: boolean;
  subscribe(listener: () => void): () => void;
  /** Loads what is missing and verifies who may answer. Sends nothing of the visitor's. */
  prepare(): void;
  /**
   * Forgets the conversation and prepares another. One whose deletion nobody has confirmed goes on asking for it,
   * unseen.
   */
  renew(): void;
  /** Forgets everything; nothing works afterwards. */
  wipe(): void;
  /** The same, and the other side is told that the visitor had to go at once. */
  leave(): void;
}

/** Faults that pass by themselves: somebody signs in, the network comes back. */
const passing: ReadonlySet<Trouble> = new Set(["nobody", "unreachable"]);

/** `pause`: milliseconds until a fault that may have passed is looked at again, whatever screen is shown. */
export function newEngine(load: () => Promise<Visitor>, pause = 30_000): Engine {
  let state: EngineState = { phase: "preparing", readers: 0 };
  let running = false;
  let life = 0; // what an older life still has under way must not come back
  let wiped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();
  const asking = new Set<Visitor>();

  function become(next: EngineState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  function block(trouble: Trouble, readers: number, visitor: Visitor | undefined): void {
    become({ phase: "blocked", trouble, readers, ...(visitor && { visitor }) });
    if (passing.has(trouble)) timer = setTimeout(() => begin(true), pause);
  }

  /** `unasked`: nobody pressed anything, so the screen changes only when the answer does. */
  async function run(unasked: boolean): Promise<void> {
    const mine = life;
    let visitor = state.visitor;
    if (!unasked) become({ phase: "preparing", readers: state.readers, ...(visitor && { visitor }) });
    try {
      visitor ??= await load();
      if (mine !== life) return visitor.wipe();
      const { trouble, readers } = await visitor.prepare();
      if (mine !== life) return;
      if (trouble) block(trouble, readers, visitor);
      else become({ phase: "ready", readers, visitor });
    } catch {
      if (mine === life) block("unreachable", 0, visitor);
    }
  }

  function outlive(visitor: Visitor): void {
    asking.add(visitor);
    visitor.subscribe((view) => {
      if (unconfirmed(view) || !asking.delete(visitor)) return;
      visitor.wipe();
    });
  }

  function forget(): void {
    clearTimeout(timer);
    life += 1;
    running = false;
    state = { phase: "preparing", readers: 0 };
  }

  function begin(unasked: boolean): void {
    if (running || wiped) return;
    clearTimeout(timer);
    const mine = life;
    running = true;
    void run(unasked).finally(() => {
      if (mine === life) running = false;
    });
  }

  const prepare = (): void => begin(false);

  function close(last: (visitor: Visitor) => void): void {
    wiped = true;
    listeners.clear();
    const open = [...asking, ...(state.visitor ? [state.visitor] : [])];
    asking.clear();
    forget();
    for (const visitor of open) last(visitor);
  }

  return {
    get state() {
      return state;
    },
    get stays() {
      return state.visitor?.view.stays === true;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    prepare,
    renew() {
      const { visitor } = state;
      if (visitor && unconfirmed(visitor.view)) outlive(visitor);
      else visitor?.wipe();
      forget();
      prepare();
    },
    wipe: () => close((visitor) => visitor.wipe()),
    leave: () => close((visitor) => visitor.leave()),
  };
}

function unconfirmed(view: VisitorView): boolean {
  return view.phase === "ended" && view.end?.confirmed === false && !view.end.reported;
}
