/**
 * The field for a text, and the question before a text that may tell who somebody is. Both ways of sending go through
 * it.
 */
import { useRef, useState } from "preact/hooks";
import { quietField } from "../field.ts";
import { useArrival, usePage } from "./page.ts";
import type { Hint } from "./local-warning.ts";
import { hints } from "./local-warning.ts";

/** In characters as a person would nearly count them (spec/protocol.md §8). */
export const longest = 4000;

export function overlong(text: string): number {
  return Math.max(0, [...text].length - longest);
}

export function Composer({
  label,
  rows,
  empty,
  send,
}: {
  readonly label: string;
  readonly rows: number;
  /** Whether nothing at all may be sent. */
  readonly empty: boolean;
  /** Takes the text over. Where it throws, the text stays in the field. */
  readonly send: (text: string) => void;
}) {
  const {
    texts: { t },
    draft,
    write,
  } = usePage();
  const [asking, setAsking] = useState<readonly Hint[]>([]);
  const field = useRef<HTMLTextAreaElement>(null);
  const over = overlong(draft.trim());

  function pass(): void {
    setAsking([]);
    send(draft.trim());
    write("");
    field.current?.focus();
  }
  function tried(): void {
    if (over > 0 || (!empty && draft.trim() === "")) return field.current?.focus();
    const found = hints(draft);
    if (found.length > 0) setAsking(found);
    else pass();
  }
  if (asking.length > 0) return <Warning hints={asking} text={draft.trim()} send={pass} change={() => setAsking([])} />;
  return (
    <div class="composer">
      <label for="w">{label}</label>
      <textarea
        id="w"
        ref={field}
        rows={rows}
        value={draft}
        dir="auto"
        {...quietField}
        aria-describedby={over > 0 ? "over" : undefined}
        aria-invalid={over > 0}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          tried();
        }}
      />
      {over > 0 && (
        <p id="over" class="notice" role="status">
          {t("chat.long", { n: over })}
        </p>
      )}
      <button type="button" class="first" onClick={tried}>
        {t("chat.send")}
      </button>
    </div>
  );
}

function Warning({
  hints: found,
  text,
  send,
  change,
}: {
  readonly hints: readonly Hint[];
  readonly text: string;
  readonly send: () => void;
  readonly change: () => void;
}) {
  const {
    texts: { t },
  } = usePage();
  const section = useRef<HTMLElement>(null);
  const heading = useArrival<HTMLHeadingElement>(section);
  return (
    <section class="panel" ref={section} aria-labelledby="warn">
      <h2 id="warn" ref={heading} tabIndex={-1}>
        {t("warn.h1")}
      </h2>
      <blockquote tabIndex={0} dir="auto" translate={false}>
        {text}
      </blockquote>
      {found.map((hint) => (
        <p key={hint}>{t(`warn.${hint}`)}</p>
      ))}
      <p>
        {t("warn.p")} {t("warn.local")}
      </p>
      <div class="choices row">
        <button type="button" class="first" onClick={change}>
          {t("warn.change")}
        </button>
        <button type="button" onClick={send}>
          {t("warn.send")}
        </button>
      </div>
    </section>
  );
}
