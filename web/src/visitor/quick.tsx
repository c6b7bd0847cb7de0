/**
 * What can be said with one tap, for whoever cannot or dares not type. It goes as a key: it is read in the language of
 * whoever answers.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Visitor, VisitorView } from "../conversation/api.ts";
import { codeNote, quick } from "../i18n/phrasebook.ts";
import { usePage } from "./page.ts";

export function Quick({ visitor }: { readonly visitor: Visitor }) {
  const {
    texts: { t },
  } = usePage();
  const [open, setOpen] = useState(false);
  const fold = useRef<HTMLButtonElement>(null);
  // Folded again, it does not push what was said off a small screen; the tapped button, which had the focus, goes away.
  const say = (key: string): void => {
    visitor.sendPhrase(key, {});
    setOpen(false);
    fold.current?.focus();
  };
  return (
    <div class="quick">
      <button type="button" ref={fold} aria-expanded={open} onClick={() => setOpen(!open)}>
        {t("chat.quick")}
      </button>
      {open && (
        <div class="choices taps" role="group" aria-label={t("chat.quick")}>
          {quick.map((key) => (
            <button type="button" key={key} onClick={() => say(key)}>
              {t(key)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Tells whoever answers, once, that a code opens the conversation: only then may they speak of one. */
export function useCodeNote(visitor: Visitor, view: VisitorView): void {
  const going = view.phase === "waiting" || view.phase === "claimed";
  const due =
    going &&
    view.kept === "kept" &&
    !view.lines.some(({ from, phrase }) => from === "visitor" && phrase?.key === codeNote);
  useEffect(() => {
    if (due) visitor.sendPhrase(codeNote, {});
  }, [visitor, due]);
}
