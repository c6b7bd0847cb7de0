import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Case } from "../conversation/api.ts";
import { quietField } from "../field.ts";
import { useSurroundings } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { book, phrases, search } from "./phrases.ts";

interface Props {
  readonly one: Case;
  readonly alias: string;
  readonly onInsert: (text: string) => void;
  readonly onClose: () => void;
}

/** Ready replies in the visitor's language. One press puts a reply into the composer; nothing is sent from here. */
export function Phrasebook({ one, alias, onInsert, onClose }: Props) {
  const { config, tongue, tongues } = useSurroundings();
  const { say } = tongue;
  const [query, setQuery] = useState("");
  const box = useRef<HTMLInputElement>(null);
  const swedish = tongues.find((some) => some.tag === "sv") ?? tongue;
  const visitor = tongues.find((some) => some.tag === one.intake?.lang) ?? swedish;
  const all = useMemo(() => phrases(config, visitor, tongue, swedish, alias), [config, visitor, tongue, alias]);
  const found = search(all, query);

  useLayoutEffect(() => box.current?.focus(), []);

  return (
    <Dialog title={say("desk.phrases")} onClose={onClose}>
      <form
        class="search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const only = found[0];
          if (only && query.trim() !== "") onInsert(only.text);
        }}
      >
        <label for="phrase-search">{say("desk.phrases.search")}</label>
        <input id="phrase-search" ref={box} type="search" value={query} {...quietField} aria-describedby="phrase-hint" onInput={(event) => setQuery(event.currentTarget.value)} />
        <p id="phrase-hint" class="hint">
          {say("desk.phrases.hint")}
        </p>
        <p class="hidden" role="status">
          {query.trim() !== "" && say("desk.phrases.found", { n: found.length })}
        </p>
      </form>
      {found.length === 0 && <p class="empty">{say("desk.phrases.none")}</p>}
      {book.map(({ moment }) => {
        const here = found.filter((phrase) => phrase.moment === moment);
        return (
          here.length > 0 && (
            <section key={moment}>
              <h3>{say(`desk.phrases.${moment}`)}</h3>
              <ul class="phrases">
                {here.map((phrase) => (
                  <li key={phrase.key}>
                    <button type="button" class="phrase" onClick={() => onInsert(phrase.text)}>
                      <span lang={visitor.has(phrase.key) ? visitor.tag : "sv"} dir="auto">
                        {phrase.text}
                      </span>
                      {phrase.beside !== "" && <span class="beside">{phrase.beside}</span>}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )
        );
      })}
    </Dialog>
  );
}
