/** What every part of the visitor's page may need: configuration, sentences, and what can be done. */
import { createContext } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { PageConfig } from "../config.ts";
import type { TabStore } from "../conversation/api.ts";
import type { Flow } from "../flow/flow.ts";
import type { Texts } from "../i18n/index.ts";
import type { EngineState } from "./engine.ts";
import type { Model } from "./model.ts";
import type { Say } from "./say.ts";
import type { Known } from "./status.ts";

export interface PageContext {
  readonly config: PageConfig;
  readonly texts: Texts;
  /** Every language that was loaded whole, the one that is shown first. */
  readonly spoken: readonly Texts[];
  readonly say: Say;
  /** What is asked: the kommun's own questions, or those of the release. */
  readonly flow: Flow;
  readonly status: Known;
  readonly engine: EngineState;
  readonly model: Model;
  /** The visitor has gone from one screen to another: a heading may take the focus. */
  readonly moved: boolean;
  /** What was written and not yet sent. It outlives every change of screen. */
  readonly draft: string;
  readonly write: (draft: string) => void;
  readonly go: (next: (model: Model) => Model) => void;
  readonly prepare: () => void;
  readonly choose: (tag: string) => void;
  /** How often Shift has been pressed on the way out. */
  readonly pressed: number;
  /** What was said is not on the screen until it is asked for. */
  readonly hidden: boolean;
  readonly hide: (hidden: boolean) => void;
  /** Back to the last screen before sending, with the text that could not be sent. */
  readonly takeBack: (text: string) => void;
  /** Where a conversation is kept through a reload, if the visitor asks for it. */
  readonly store: TabStore;
  /** Forgets a conversation here that a return code opens, and says so. */
  readonly part: () => void;
  /** Wipes the conversation and begins again at the first screen. */
  readonly restart: () => void;
}

const Context = createContext<PageContext | undefined>(undefined);

export const PageProvider = Context.Provider;

export function usePage(): PageContext {
  const context = useContext(Context);
  if (!context) throw new Error("a part of the page stands outside it");
  return context;
}

/**
 * Takes the focus, once, to a heading that was not there before, and shows what belongs to it; `still` leaves the view
 * where it is.
 */
export function useArrival<T extends HTMLElement>(
  shown?: RefObject<HTMLElement | null> | "still",
): RefObject<T | null> {
  const { moved } = usePage();
  const heading = useRef<T>(null);
  useEffect(() => {
    if (!moved) return;
    if (shown === undefined) scrollTo(0, 0);
    else if (shown !== "still") {
      shown.current?.scrollIntoView({ block: "nearest" });
      // What is taller than the window is read from its beginning.
      heading.current?.scrollIntoView({ block: "nearest" });
    }
    heading.current?.focus({ preventScroll: true });
  }, []);
  return heading;
}
