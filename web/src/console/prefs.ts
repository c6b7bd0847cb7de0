import { isNewer, jsonForm } from "../stored/form.ts";
import { flag, object, one, text } from "../stored/check.ts";

/** What a coordinator has chosen, kept in this browser. It holds nothing about any conversation. */
export interface Prefs {
  /** BCP 47 tag; empty: the first that the page offers. */
  readonly lang: string;
  readonly sound: boolean;
  readonly count: boolean;
  /** Shortcuts of one character. */
  readonly singles: boolean;
  /** Each message of a visitor stays hidden until pressed. */
  readonly veil: boolean;
  /** Minutes without a touch after which the page locks itself; one of `idleMinutes`. */
  readonly idle: number;
}

export const idleMinutes = [5, 10, 15] as const;

export const defaults: Prefs = { lang: "", sound: false, count: false, singles: true, veil: false, idle: 10 };

const place = "console";

export const prefsForm = jsonForm<Prefs>(
  "prefs",
  object({ lang: text, sound: flag, count: flag, singles: flag, veil: flag, idle: one(...idleMinutes) }),
);

/** A browser without storage, and what is none of ours, gives the defaults. */
export function readPrefs(storage: () => Pick<Storage, "getItem">): Prefs {
  try {
    const stored = storage().getItem(place);
    return stored === null ? defaults : prefsForm.decode(stored);
  } catch {
    return defaults;
  }
}

/** What a later release has stored is left to it. */
export function writePrefs(storage: () => Pick<Storage, "getItem" | "setItem">, prefs: Prefs): void {
  try {
    const stored = storage().getItem(place);
    if (stored === null || !isNewer(prefsForm, stored)) storage().setItem(place, prefsForm.encode(prefs));
  } catch {
    // The choice then lasts until the page is reloaded, which is all that this browser allows.
  }
}
