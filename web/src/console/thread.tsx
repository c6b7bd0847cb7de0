import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Case, Line } from "../conversation/api.ts";
import { useConsole } from "./context.ts";
import { shown as sentence, type Tongue, visitorsTongue } from "./phrases.ts";
import { languageWord } from "./queue.tsx";
import { type Say, deliveryKey, isCodeNote } from "./words.ts";

/** How near its end a reader must be for new lines to scroll into view, in CSS pixels. */
const near = 80;

/** The lines of a conversation. New ones are announced; reading back is not disturbed. */
export function Thread({ one }: { readonly one: Case }) {
  const around = useConsole();
  const { say } = around.tongue;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [below, setBelow] = useState(false);
  const { lines } = one;
  const visitor = visitorsTongue(around.tongues, one);

  const toEnd = () => {
    const log = box.current;
    if (!log) return;
    log.scrollTop = log.scrollHeight;
    // In a low window the page scrolls as one, and the log not at all.
    if (log.scrollHeight <= log.clientHeight && one.state === "mine")
      log.lastElementChild?.scrollIntoView({ block: "nearest" });
    setBelow(false);
  };
  useLayoutEffect(() => {
    if (atEnd.current || lines[lines.length - 1]?.from === "staff") toEnd();
    else setBelow(true);
  }, [lines.length]);

  return (
    <div class="thread">
      <div
        class="log"
        role="log"
        aria-label={say("desk.thread")}
        aria-relevant="additions"
        tabIndex={0}
        ref={box}
        onScroll={(event) => {
          const log = event.currentTarget;
          atEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < near;
          if (atEnd.current) setBelow(false);
        }}
      >
        {lines.some((line) => line.shared) && <p class="event">{say("desk.event.shared")}</p>}
        {lines.length === 0 && <p class="empty">{say("desk.thread.empty")}</p>}
        {lines.map((line) => (
          <Bubble key={line.id} line={line} visitor={visitor} onRetry={() => around.desk.retry(one.id, line.id)} />
        ))}
      </div>
      {below && (
        <button type="button" class="below" onClick={toEnd}>
          {say("desk.thread.below")}
        </button>
      )}
    </div>
  );
}

/** What happened, in words. Of a claim, who else can read what follows. */
export function eventWords(say: Say, line: Line): string {
  switch (line.event) {
    case "claimed":
      if (line.alias !== undefined && line.kept !== undefined)
        return say("desk.event.claimed.kept", { alias: line.alias, second: line.kept });
      return line.alias === undefined
        ? say("desk.event.claimed.someone")
        : say("desk.event.claimed", { alias: line.alias });
    case "ended":
      return say("desk.event.ended");
    case "second":
      return say("desk.event.second", { alias: line.alias ?? "" });
    case "company":
      return say("desk.event.company", { alias: line.alias ?? "" });
    default:
      return say("desk.event.unreadable");
  }
}

// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: the screens have an issue of their own
function Bubble({
  line,
  visitor,
  onRetry,
}: {
  readonly line: Line;
  readonly visitor: Tongue | undefined;
  readonly onRetry: () => void;
}) {
  const { config, tongue, prefs } = useConsole();
  const { say } = tongue;
  const [shown, setShown] = useState(false);
  const text = useRef<HTMLParagraphElement>(null);
  // The button that showed the text is gone: whoever pressed it goes on from the text.
  useLayoutEffect(() => {
    if (shown) text.current?.focus();
  }, [shown]);
  if (isCodeNote(line)) return <p class="event">{say("desk.event.code")}</p>;
  if (line.from === "system") {
    return <p class="event">{eventWords(say, line)}</p>;
  }
  const own = line.from === "staff";
  const who = own ? (line.alias ?? say("desk.thread.you")) : say("desk.thread.visitor");
  const found = sentence(line, config, tongue, visitor);
  const urgent = !own && (line.phrase?.key === "q.seen" || line.phrase?.key === "q.dontwrite");
  // What is written by hand is in a language of the writer's own choice: most likely that of the page.
  const foreign = line.text !== undefined && visitor?.tag !== tongue.tag;
  const lang = line.text === undefined ? tongue.tag : own && foreign ? undefined : visitor?.tag;
  const veiled = prefs.veil && !own && !shown;
  return (
    <div class={own ? "line own" : "line"}>
      <p class="by">
        <bdi>{who}</bdi>
      </p>
      {veiled ? (
        <button type="button" class="bubble veiled" onClick={() => setShown(true)}>
          {say("desk.veil.show")}
        </button>
      ) : (
        <p
          class={urgent ? "bubble urgent" : "bubble"}
          dir="auto"
          lang={lang}
          ref={text}
          tabIndex={shown ? -1 : undefined}
        >
          {line.text ?? found?.ours ?? say("desk.event.unreadable")}
        </p>
      )}
      {!veiled && found?.theirs !== undefined && (
        <p class="beside" dir="auto" lang={visitor?.tag}>
          {found.theirs}
        </p>
      )}
      {found && <p class="mark">{say(own ? "desk.thread.reply" : "desk.thread.chosen")}</p>}
      {foreign && (
        <p class="mark">
          {!own && visitor
            ? say("desk.thread.untranslated", { language: languageWord(config.languages, visitor.tag, tongue.tag) })
            : say("desk.thread.untranslated.own")}
        </p>
      )}
      {line.delivery !== undefined && (
        <p class="delivery" data-delivery={line.delivery}>
          {say(deliveryKey[line.delivery])}
          {line.delivery === "failed" && (
            <button
              type="button"
              class="quiet"
              onClick={(event) => {
                event.currentTarget.closest<HTMLElement>(".log")?.focus();
                onRetry();
              }}
            >
              {say("desk.retry")}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
