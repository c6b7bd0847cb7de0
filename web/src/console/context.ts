import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PageConfig } from "../config.ts";
import type { Desk } from "../conversation/api.ts";
import { newRules } from "../flow/priority.ts";
import type { Lookup } from "./intake.ts";
import type { Prefs } from "./prefs.ts";
import type { Probing } from "./probe.ts";
import type { Tongue } from "./phrases.ts";

/** What every part of the page may need, and what changes seldom. */
export interface ConsoleContext {
  readonly config: PageConfig;
  readonly desk: Desk;
  readonly tongue: Tongue;
  readonly tongues: readonly Tongue[];
  readonly prefs: Prefs;
  readonly setPrefs: (change: Partial<Prefs>) => void;
  /** Unix seconds, advanced every 15 seconds. */
  readonly now: number;
  /** Says something through the polite live region. */
  readonly announce: (text: string) => void;
  /** Which conversations a probe began. */
  readonly probing: Probing;
  /** Nobody on this page is real, and nothing may leave it. */
  readonly training: boolean;
}

const Context = createContext<ConsoleContext | undefined>(undefined);

export const ConsoleProvider = Context.Provider;

export function useConsole(): ConsoleContext {
  const found = useContext(Context);
  if (found === undefined) throw new Error("used outside the page");
  return found;
}

export function lookup(context: ConsoleContext): Lookup {
  const { kommun, retention, words, flow } = context.config;
  const { tag, say, has } = context.tongue;
  return {
    say,
    has,
    slots: { kommun: kommun.name, hours: retention.liveHours, days: retention.messageDays },
    own: (key) => Object.hasOwn(words?.[tag] ?? {}, key),
    rules: newRules(flow),
  };
}
