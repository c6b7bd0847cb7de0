import type { TabStore } from "../conversation/api.ts";

/** One value in the tab's own storage, which a reload outlives and nothing else. Its name says nothing. */
export function tabStore(storage: () => Storage, name = "s"): TabStore {
  return {
    get() {
      try {
        return storage().getItem(name) ?? undefined;
      } catch {
        return undefined;
      }
    },
    set: (value) => storage().setItem(name, value),
    erase() {
      try {
        storage().removeItem(name);
      } catch {
        // Where there is no storage there is nothing to erase.
      }
    },
  };
}
