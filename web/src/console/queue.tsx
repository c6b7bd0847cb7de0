import { useMemo } from "preact/hooks";
import type { Case } from "../conversation/api.ts";
import { lookup, useConsole } from "./context.ts";
import { priorityKey, triage } from "./intake.ts";
import { ProbeWord } from "./probing.tsx";
import { Shape } from "./shape.tsx";
import { answerDue, groups, waited } from "./words.ts";

interface Props {
  readonly cases: readonly Case[];
  readonly selected: string | undefined;
  readonly onOpen: (id: string) => void;
  /** False while there is no contact: then an empty list does not mean that nobody waits. */
  readonly current: boolean;
}

/** Every conversation, the own ones first, then who waits, the most urgent on top. */
export function Queue({ cases, selected, onOpen, current }: Props) {
  const { tongue, prefs, setPrefs } = useConsole();
  const { say } = tongue;
  const { mine, waiting, done } = groups(cases);
  const rows = (all: readonly Case[]) => (
    <ul class="rows">
      {all.map((one) => (
        <li key={one.id}>
          <Entry one={one} open={one.id === selected} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  );
  return (
    <section class="list" aria-labelledby="list-title" data-list>
      <h2 id="list-title" class="hidden">
        {say("desk.list")}
      </h2>
      {mine.length > 0 && (
        <>
          <h3>{say("desk.list.mine")}</h3>
          {rows(mine)}
        </>
      )}
      <h3>{say("desk.list.waiting")}</h3>
      {waiting.length > 0 ? (
        rows(waiting)
      ) : (
        <div class="empty">
          <p>{say(current ? "desk.list.empty" : "desk.list.unknown")}</p>
          {current && !prefs.sound && (
            <>
              <p class="hint">{say("desk.list.silent")}</p>
              <button type="button" class="quiet" onClick={() => setPrefs({ sound: true })}>
                {say("desk.list.sound")}
              </button>
            </>
          )}
        </div>
      )}
      {done.length > 0 && (
        <>
          <h3>{say("desk.list.done")}</h3>
          {rows(done)}
        </>
      )}
    </section>
  );
}

function Entry({
  one,
  open,
  onOpen,
}: {
  readonly one: Case;
  readonly open: boolean;
  readonly onOpen: (id: string) => void;
}) {
  const context = useConsole();
  const { say } = context.tongue;
  const found = useMemo(
    () => (one.intake ? triage(lookup(context), one.intake) : undefined),
    [one.intake, context.tongue],
  );
  const live = one.state === "waiting" || one.state === "opening" || one.state === "claiming" || one.state === "mine";
  return (
    <button
      type="button"
      class="row"
      data-case={one.id}
      data-priority={live ? one.priority : undefined}
      data-state={one.state}
      aria-current={open ? "true" : undefined}
      onClick={() => onOpen(one.id)}
    >
      <span class="row-top">
        <ProbeWord id={one.id} />
        {live && found !== undefined && (
          <span class="priority">
            <Shape priority={one.priority} />
            {say(priorityKey[one.priority])}
          </span>
        )}
        {!live && <span class="priority">{stateWords(say, one)}</span>}
        {one.state === "opening" && <span>{say("desk.state.opening")}</span>}
        {one.state === "waiting" && <span class="when">{waited(say, one.since, context.now)}</span>}
        {one.state === "claiming" && <span class="when">{say("desk.state.claiming")}</span>}
        {one.state === "mine" && one.visitor === "left" && <span class="when">{say("desk.state.left")}</span>}
        {one.state === "mine" && one.unread > 0 && <span class="unread">{say("desk.unread", { n: one.unread })}</span>}
      </span>
      {found !== undefined && (
        <>
          <span class="row-main">
            {found.who}
            {found.more !== "" && <span class="sep">{found.more}</span>}
            {found.age !== "" && <span class="sep">{found.age}</span>}
          </span>
          {live && one.state !== "mine" && (
            <span class="row-more">
              {found.danger !== "" && (
                <span>
                  {say("desk.q.dng")}: {found.danger}
                </span>
              )}
              {found.needs !== "" && (
                <span>
                  {say("desk.q.need")}: {found.needs}
                </span>
              )}
            </span>
          )}
          {live && (
            <span class="row-more">
              {one.intake && <span>{languageName(context.config.languages, one.intake.lang, context.tongue.tag)}</span>}
              {one.state === "mine" && <span>{say(answerDue(one.lines) ? "desk.row.due" : "desk.row.answered")}</span>}
            </span>
          )}
        </>
      )}
    </button>
  );
}

/** The state of a case that is no longer live, in words. */
export function stateWords(say: (key: string, slots?: Record<string, string>) => string, one: Case): string {
  switch (one.state) {
    case "taken":
      if (one.letGo !== undefined) return say("desk.state.out");
      return one.takenBy === undefined
        ? say("desk.state.taken.someone")
        : say("desk.state.taken", { alias: one.takenBy });
    case "ended":
      return say(one.end?.left ? "desk.state.left" : "desk.state.ended");
    case "broken":
      return say("desk.state.broken");
    default:
      return "";
  }
}

/**
 * A language's name: its own as the page offers it, else in the coordinator's language. A stranger's tag may be
 * nonsense.
 */
export function languageName(
  offered: readonly { readonly tag: string; readonly name: string }[],
  tag: string,
  reader: string,
): string {
  const known = offered.find((one) => one.tag === tag);
  if (known) return known.name;
  try {
    return new Intl.DisplayNames([reader], { type: "language" }).of(tag) ?? tag;
  } catch {
    return "?";
  }
}

/**
 * The name that the reader's language has for it, to stand in a sentence; the language's own where the browser knows
 * none.
 */
export function languageWord(
  offered: readonly { readonly tag: string; readonly name: string }[],
  tag: string,
  reader: string,
): string {
  try {
    const word = new Intl.DisplayNames([reader], { type: "language", fallback: "none" }).of(tag);
    if (word !== undefined) return word;
  } catch {
    // An older browser.
  }
  return languageName(offered, tag, reader);
}
