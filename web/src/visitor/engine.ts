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
  subscribe(listener: () => void): () => void;
  /** Loads what is missing and verifies who may answer. Sends nothing of the visitor's. */
  prepare(): void;
  /** Forgets the conversation and prepares another. One whose deletion nobody has confirmed goes on asking for it, unseen. */
  renew(): void;
  /** Forgets everything; nothing works afterwards. */
  wipe(): void;
}

export function newEngine(load: () => Promise<Visitor>): Engine {
  let state: EngineState = { phase: "preparing", readers: 0 };
  let running = false;
  let life = 0; // what an older life still has under way must not come back
  let wiped = false;
  const listeners = new Set<() => void>();
  const asking = new Set<Visitor>();

  function become(next: EngineState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  async function run(): Promise<void> {
    const mine = life;
    let visitor = state.visitor;
    become({ phase: "preparing", readers: state.readers, ...(visitor && { visitor }) });
    try {
      visitor ??= await load();
      if (mine !== life) return visitor.wipe();
      const { trouble, readers } = await visitor.prepare();
      if (mine === life) become(trouble ? { phase: "blocked", trouble, readers, visitor } : { phase: "ready", readers, visitor });
    } catch {
      if (mine === life) become({ phase: "blocked", trouble: "unreachable", readers: 0, ...(visitor && { visitor }) });
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
    life += 1;
    running = false;
    state = { phase: "preparing", readers: 0 };
  }

  function prepare(): void {
    if (running || wiped) return;
    const mine = life;
    running = true;
    void run().finally(() => {
      if (mine === life) running = false;
    });
  }

  return {
    get state() {
      return state;
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
    wipe() {
      wiped = true;
      listeners.clear();
      for (const visitor of asking) visitor.wipe();
      asking.clear();
      state.visitor?.wipe();
      forget();
    },
  };
}

function unconfirmed(view: VisitorView): boolean {
  return view.phase === "ended" && view.end?.confirmed === false && !view.end.reported;
}
