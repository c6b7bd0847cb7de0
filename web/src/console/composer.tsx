import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Case } from "../conversation/api.ts";
import { quietField } from "../field.ts";
import { useConsole } from "./context.ts";
import { visitorsTongue } from "./phrases.ts";
import { languageWord } from "./queue.tsx";
import { sends } from "./shortcuts.ts";

/** The limit of one text, in characters (spec/protocol.md §8). */
export const longest = 4000;
const nearlyFull = 3600;

/** What is being written, kept above the composer so that another conversation or a covered screen does not lose it. */
export interface Draft {
  readonly text: string;
  readonly set: (text: string) => void;
}

interface Props {
  readonly one: Case;
  readonly alias: string;
  readonly draft: Draft;
  readonly onPhrases: () => void;
}

/** Why a text cannot go yet, as a catalog key. */
export function hindrance(text: string): "empty" | "long" | undefined {
  if (text.trim() === "") return "empty";
  return [...text].length > longest ? "long" : undefined;
}

export function Composer({ one, alias, draft, onPhrases }: Props) {
  const { config, desk, tongue, tongues, announce } = useConsole();
  const { say } = tongue;
  const box = useRef<HTMLTextAreaElement>(null);
  const [wrong, setWrong] = useState(false);
  const touch = useRef(matchMedia("(pointer: coarse)").matches);
  const length = [...draft.text].length;
  const visitor = visitorsTongue(tongues, one);

  // On a phone the keyboard would cover the conversation that has just been opened.
  useLayoutEffect(() => {
    if (!touch.current) box.current?.focus({ preventScroll: true });
  }, []);

  function send() {
    const why = hindrance(draft.text);
    if (why === "empty") {
      box.current?.focus();
      return;
    }
    if (why === "long") {
      setWrong(true);
      box.current?.focus();
      return;
    }
    setWrong(false);
    try {
      desk.send(one.id, draft.text);
    } catch {
      announce(say("desk.failed"));
      return;
    }
    draft.set("");
    box.current?.focus();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label for="composer">{say("desk.composer", { alias })}</label>
      <div class="alert" role="alert">
        {wrong && <p class="wrong">{say("desk.composer.long", { n: Math.max(1, length - longest) })}</p>}
      </div>
      {visitor?.tag !== tongue.tag && (
        <p id="composer-foreign" class="hint">
          {visitor
            ? say("desk.composer.foreign", { language: languageWord(config.languages, visitor.tag, tongue.tag) })
            : say("desk.composer.foreign.unknown")}
        </p>
      )}
      <textarea
        id="composer"
        ref={box}
        dir="auto"
        rows={2}
        {...quietField}
        autocapitalize="sentences"
        value={draft.text}
        aria-describedby={visitor?.tag === tongue.tag ? "composer-hint" : "composer-foreign composer-hint"}
        aria-invalid={wrong}
        onInput={(event) => {
          draft.set(event.currentTarget.value);
          setWrong(false);
        }}
        onKeyDown={(event) => {
          if (
            !sends(
              {
                key: event.key,
                shift: event.shiftKey,
                ctrl: event.ctrlKey || event.metaKey,
                composing: event.isComposing,
              },
              touch.current,
            )
          )
            return;
          event.preventDefault();
          send();
        }}
      />
      <div class="composer-foot">
        <button type="button" onClick={onPhrases}>
          {say("desk.phrases.button")}
        </button>
        <p id="composer-hint" class="hint">
          {length > nearlyFull
            ? say("desk.composer.left", { n: Math.max(0, longest - length) })
            : !touch.current && say("desk.composer.hint")}
        </p>
        <button type="submit" class="main">
          {say("desk.composer.send")}
        </button>
      </div>
    </form>
  );
}
