import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Status } from "../config.ts";
import type { Case } from "../conversation/api.ts";
import { quietField } from "../field.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { askedIn, book, type Phrase, phrases, search, visitorsTongue } from "./phrases.ts";
import { languageWord } from "./queue.tsx";
import { hasCode } from "./words.ts";

interface Props {
  /** The conversation that it is sent in; none: the book is read, and nothing can be sent. */
  readonly one: Case | undefined;
  readonly alias: string;
  /** The key of a reply to begin with. */
  readonly first: string | undefined;
  readonly onClose: () => void;
}

/**
 * Ready replies. The one that is chosen is shown as the visitor will see it, beside what it means, before it is sent.
 */
export function Phrasebook({ one, alias, first, onClose }: Props) {
  const { config, desk, tongue, tongues, announce, training } = useConsole();
  const { say } = tongue;
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<string | undefined>(first);
  const hours = useHours(!training);
  const visitor = one ? visitorsTongue(tongues, one) : tongue;
  const code = one !== undefined && hasCode(one.lines);
  const asked = askedIn(one);
  const all = useMemo(
    () => phrases({ config, visitor, own: tongue, alias, code, hours, asked }),
    [config, visitor, tongue, alias, code, hours, asked],
  );
  const phrase = all.find(({ key }) => key === chosen);
  const lang = visitor && languageWord(config.languages, visitor.tag, tongue.tag);

  // After the dialog has opened, which gives the focus to the first button in it.
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.querySelector<HTMLElement>("[data-begin]")?.focus(), [chosen, phrase?.held]);

  function send({ key, slots }: Phrase) {
    if (!one) return;
    try {
      desk.sendPhrase(one.id, key, slots);
    } catch {
      announce(say("desk.failed"));
      return;
    }
    onClose();
  }

  return (
    <Dialog title={say("desk.phrases")} onClose={onClose}>
      <div ref={place}>
        {phrase ? (
          <Preview
            phrase={phrase}
            tag={visitor?.tag}
            lang={lang}
            again={tongue.tag !== visitor?.tag}
            onSend={one && (() => send(phrase))}
            onBack={() => setChosen(undefined)}
          />
        ) : (
          <List all={all} query={query} tag={visitor?.tag} setQuery={setQuery} onChoose={setChosen} />
        )}
      </div>
    </Dialog>
  );
}

interface ListProps {
  readonly all: readonly Phrase[];
  readonly query: string;
  readonly tag: string | undefined;
  readonly setQuery: (query: string) => void;
  readonly onChoose: (key: string) => void;
}

function List({ all, query, tag, setQuery, onChoose }: ListProps) {
  const { tongue } = useConsole();
  const { say } = tongue;
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const found = search(all, query);

  /** The arrow keys walk from the field through what was found, and back. */
  function walk(event: KeyboardEvent) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || !list.current) return;
    const buttons = [...list.current.querySelectorAll<HTMLElement>("button.phrase")];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    if (at < 0 && step < 0) return;
    event.preventDefault();
    (at + step < 0 ? box.current : (buttons[at + step] ?? buttons[at]))?.focus();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys come from the buttons and the field within
    <div ref={list} class="phrase-list" onKeyDown={walk}>
      <form
        class="search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          if (found[0] && query.trim() !== "") onChoose(found[0].key);
        }}
      >
        <label for="phrase-search">{say("desk.phrases.search")}</label>
        <input
          id="phrase-search"
          ref={box}
          data-begin
          type="search"
          value={query}
          {...quietField}
          aria-describedby="phrase-hint"
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <p id="phrase-hint" class="hint">
          {say("desk.phrases.hint")}
        </p>
        <p class="hidden" role="status">
          {query.trim() !== "" && say("desk.phrases.found", { n: found.length })}
        </p>
      </form>
      {found.length === 0 && <p class="empty">{say("desk.phrases.none")}</p>}
      {query.trim() !== "" ? (
        // What fits best stands first, and is what Enter chooses.
        <Rows rows={found} tag={tag} onChoose={onChoose} />
      ) : (
        book.map(({ moment }) => (
          <section key={moment}>
            <h3>{say(`desk.phrases.${moment}`)}</h3>
            <Rows rows={all.filter((phrase) => phrase.moment === moment)} tag={tag} onChoose={onChoose} />
          </section>
        ))
      )}
    </div>
  );
}

function Rows({
  rows,
  tag,
  onChoose,
}: {
  readonly rows: readonly Phrase[];
  readonly tag: string | undefined;
  readonly onChoose: (key: string) => void;
}) {
  const { tongue } = useConsole();
  return (
    <ul class="phrases">
      {rows.map(({ key, number, ours, theirs, held }) => (
        <li key={key}>
          <button type="button" class={held ? "phrase held" : "phrase"} onClick={() => onChoose(key)}>
            <span>
              <span class="number" aria-hidden="true">
                {number}
              </span>{" "}
              <span lang={tongue.tag}>{ours}</span>
            </span>
            {theirs !== "" && theirs !== ours && (
              <span class="beside" lang={tag} dir="auto">
                {theirs}
              </span>
            )}
            {held && <span class="hint">{tongue.say("desk.phrases.held")}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

interface PreviewProps {
  readonly phrase: Phrase;
  readonly tag: string | undefined;
  /** The visitor's language by name. */
  readonly lang: string | undefined;
  /** Whether the visitor reads it in another language than the coordinator. */
  readonly again: boolean;
  /** Absent where there is no conversation to send it in. */
  readonly onSend: (() => void) | undefined;
  readonly onBack: () => void;
}

function Preview({ phrase, tag, lang, again, onSend, onBack }: PreviewProps) {
  const { tongue } = useConsole();
  const { say } = tongue;
  return (
    <section class="preview" aria-label={say("desk.phrases.preview")}>
      {!onSend ? (
        <p class="hint">{say("desk.phrases.reading")}</p>
      ) : phrase.held ? (
        <div class="notice warn" role="alert">
          <p class="strong">{say("desk.phrases.held")}</p>
          <p>{say(`desk.phrases.held.${phrase.held}`)}</p>
        </div>
      ) : (
        <>
          <h3>{say("desk.phrases.theirs", { language: lang ?? "" })}</h3>
          <p class="bubble" id="theirs" lang={tag} dir="auto">
            {phrase.theirs}
          </p>
        </>
      )}
      {(again || phrase.held || !onSend) && (
        <>
          <h3>{say("desk.phrases.ours")}</h3>
          <p class="bubble" id="ours" lang={tongue.tag}>
            {phrase.ours}
          </p>
        </>
      )}
      <div class="preview-foot">
        <button type="button" data-begin={phrase.held !== undefined || !onSend ? true : undefined} onClick={onBack}>
          {say("desk.phrases.back")}
        </button>
        {!phrase.held && onSend && (
          <button
            type="button"
            class="main"
            data-begin
            aria-describedby={again ? "theirs ours" : "theirs"}
            onClick={onSend}
          >
            {say("desk.phrases.send")}
          </button>
        )}
      </div>
    </section>
  );
}

/** The opening hours as they are now; undefined until the server has said, or where it does not. */
function useHours(ask: boolean): Status | undefined {
  const [hours, setHours] = useState<Status>();
  useEffect(() => {
    if (!ask) return;
    let here = true;
    fetch("/status", { cache: "no-store" })
      .then(async (answer) => {
        const found = answer.ok ? ((await answer.json()) as Status) : undefined;
        if (here) setHours(found);
      })
      .catch(() => undefined);
    return () => {
      here = false;
    };
  }, []);
  return hours;
}
