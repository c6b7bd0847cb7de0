/**
 * Locks the page when nobody has touched it for a while, and at once when it has slept: whoever opens the lid of a
 * computer may be somebody else.
 */

/**
 * The computer was asleep, or the page frozen, if so long passes between two looks. Browsers let a hidden page look
 * once a minute.
 */
const slept = 180_000;
const look = 5_000;
/** So long before, the page says that it is about to. Milliseconds. */
export const notice = 60_000;

const touches = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

export interface Watcher {
  /** Milliseconds without a touch after which it locks. */
  readonly after: () => number;
  readonly lock: () => void;
  /** Whether it will lock within `notice`. */
  readonly soon: (soon: boolean) => void;
}

/** Returns what ends it. */
export function watchIdle({ after, lock, soon }: Watcher): () => void {
  // Two clocks: one stands still while a computer sleeps, the other can be set back.
  const now = () => [Date.now(), performance.now()] as const;
  const since = (then: readonly [number, number]) => Math.max(...now().map((value, i) => value - then[i]!));
  let touched = now();
  let looked = now();
  let said = false;
  const tell = (next: boolean) => {
    if (said === next) return;
    said = next;
    soon(said);
  };
  const touch = () => {
    // The first touch after a sleep is no sign that its owner is there.
    if (since(looked) > slept || since(touched) >= after()) return lock();
    touched = now();
    tell(false);
  };
  const timer = setInterval(() => {
    const slow = since(looked) > slept;
    looked = now();
    const idle = since(touched);
    if (slow || idle >= after()) return lock();
    tell(idle >= after() - notice);
  }, look);
  for (const name of touches) document.addEventListener(name, touch, { passive: true, capture: true });
  document.addEventListener("freeze", lock);
  return () => {
    clearInterval(timer);
    for (const name of touches) document.removeEventListener(name, touch, { capture: true });
    document.removeEventListener("freeze", lock);
  };
}
