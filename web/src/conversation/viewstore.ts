/** A view that is made again when something changed: at once for whoever looks, and once a turn for whoever listens. */
export interface ViewStore<V> {
  readonly view: V;
  subscribe(listener: (view: V) => void): () => void;
  changed(): void;
  /** Nobody is told anything any more. */
  close(): void;
}

export function newViewStore<V>(make: () => V): ViewStore<V> {
  const listeners = new Set<(view: V) => void>();
  let view: V | undefined;
  let told = true;

  function look(): V {
    view ??= make();
    return view;
  }

  return {
    get view() {
      return look();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed() {
      view = undefined;
      if (!told) return;
      told = false;
      queueMicrotask(() => {
        told = true;
        const now = look();
        for (const listener of [...listeners]) listener(now);
      });
    },
    close() {
      view = undefined;
      listeners.clear();
    },
  };
}
