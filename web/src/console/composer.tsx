import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { quietField } from "../field.ts";
import { useSurroundings } from "./context.ts";
import { blank } from "./phrases.ts";
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
  readonly id: string;
  readonly alias: string;
  readonly draft: Draft;
  readonly onPhrases: () => void;
}

/** Why a text cannot go yet, as a catalog key. */
export function hindrance(text: string): "empty" | "long" | "blank" | undefined {
  if (text.trim() === "") return "empty";
  if ([...text].length > longest) return "long";
  return text.includes(blank) ? "blank" : undefined;
}

export function Composer({ id, alias, draft, onPhrases }: Props) {
  const { desk, tongue, announce } = useSurroundings();
  const { say } = tongue;
  const box = useRef<HTMLTextAreaElement>(null);
  const [wrong, setWrong] = useState<"long" | "blank" | undefined>();
  const touch = useRef(matchMedia("(pointer: coarse)").matches);
  const length = [...draft.text].length;

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
    if (why !== undefined) {
      setWrong(why);
      const at = draft.text.indexOf(blank);
      box.current?.focus();
      if (why === "blank") box.current?.setSelectionRange(at, at + blank.length);
      return;
    }
    setWrong(undefined);
    try {
      desk.send(id, draft.text);
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
      <div class="alert" role="alert">{wrong !== undefined && <p class="wrong">{say(`desk.composer.${wrong}`, wrong === "long" ? { n: length - longest } : { blank })}</p>}</div>
      <textarea
        id="composer"
        ref={box}
        dir="auto"
        rows={2}
        {...quietField}
        autocapitalize="sentences"
        value={draft.text}
        aria-describedby="composer-hint"
        aria-invalid={wrong !== undefined}
        onInput={(event) => {
          draft.set(event.currentTarget.value);
          setWrong(undefined);
        }}
        onKeyDown={(event) => {
          if (!sends({ key: event.key, shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey, composing: event.isComposing }, touch.current)) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="composer-foot">
        <button type="button" onClick={onPhrases}>
          {say("desk.phrases.button")}
        </button>
        <p id="composer-hint" class="hint">
          {length > nearlyFull ? say("desk.composer.left", { n: Math.max(0, longest - length) }) : !touch.current && say("desk.composer.hint")}
        </p>
        <button type="submit" class="main">
          {say("desk.composer.send")}
        </button>
      </div>
    </form>
  );
}
