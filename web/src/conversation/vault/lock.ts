/** The part of `navigator.locks` that a desk needs. */
export interface Locks {
  request<T>(name: string, options: { ifAvailable: true }, held: (lock: unknown) => Promise<T>): Promise<T>;
}

/**
 * Takes the lock of a device, so that only one tab runs it: two would send under the same counter. Resolves with the
 * function that gives it back, or undefined when another tab has it. The browser gives it back by itself when the tab
 * dies.
 */
export function holdLock(name: string, locks: Locks | null | undefined): Promise<(() => void) | undefined> {
  const giver = locks === undefined ? (globalThis.navigator?.locks as Locks | undefined) : locks;
  if (!giver) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    giver
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(undefined);
          return Promise.resolve();
        }
        return new Promise<void>((release) => resolve(() => release()));
      })
      .catch(reject);
  });
}
