/** «I have a code»: what is typed is read as it is typed; only a whole code asks the server. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Return, Visitor } from "../conversation/api.ts";
import { quietField } from "../field.ts";
import {
  type Entry,
  type ReturnCode,
  type Word,
  digitCount,
  keysOf,
  listOf,
  readEntry,
  replaced,
  wordCount,
} from "../returncode/index.ts";
import { useArrival, usePage } from "./page.ts";
import { first } from "./model.ts";
import { Numbers } from "./numbers.tsx";
import { Sentences, Shell } from "./shell.tsx";

type Answer = Exclude<Return, { found: true }>;

/** What is being looked for. Whoever looks at another screen meanwhile finds it still going on. */
const seeking = new WeakMap<Visitor, Promise<Return>>();

export function ComeScreen() {
  const {
    texts: { t },
    spoken,
    config,
    engine: { visitor },
    draft: typed,
    write: type,
    go,
    restart,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>();
  const field = useRef<HTMLTextAreaElement>(null);
  const [looking, setLooking] = useState(false);
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    const going = visitor && seeking.get(visitor);
    if (going) void follow(going);
  }, []);
  const entry = readEntry(
    typed,
    spoken.flatMap((one) => listOf(one) ?? []),
  );
  const code = entry.kind === "empty" ? undefined : entry.code;

  function write(text: string): void {
    type(text);
    setAnswer(undefined);
  }
  function look(whole: ReturnCode): void {
    if (looking || !visitor) return;
    const going = keysOf(whole, config.kommun.id)
      .then((keys) => visitor.comeBack(keys))
      .catch((): Answer => ({ trouble: "bug" }));
    seeking.set(visitor, going);
    void follow(going).finally(() => seeking.delete(visitor));
  }
  async function follow(going: Promise<Return>): Promise<void> {
    setLooking(true);
    setAnswer(undefined);
    const found = await going;
    setLooking(false);
    if (!("found" in found) || !found.found) return setAnswer(found as Answer);
    // The code must not stand in the field of the conversation.
    type("");
    go((m) => (m.screen === "come" ? { ...first, screen: "chat" } : m));
  }
  return (
    <Shell>
      <h1 ref={heading} tabIndex={-1}>
        {t("code.enter")}
      </h1>
      <p id="how">{t("code.enter.p")}</p>
      <div class="composer">
        <label for="w">{t("code.h1")}</label>
        <textarea
          id="w"
          ref={field}
          rows={4}
          value={typed}
          disabled={looking}
          dir="auto"
          {...quietField}
          aria-describedby="how read"
          onInput={(event) => write(event.currentTarget.value)}
        />
        <div id="read" class="state" role="status">
          {looking ? <p>{t("code.looking")}</p> : <Count entry={entry} />}
        </div>
        {entry.kind === "words" &&
          !looking &&
          entry.words.map((word, i) => (
            <Doubt
              key={i}
              word={word}
              last={word.to === typed.length}
              choose={(by) => {
                write(replaced(typed, word, by));
                field.current?.focus();
              }}
            />
          ))}
        {answer && <Refused answer={answer} />}
        <button
          type="button"
          class="first"
          disabled={looking}
          onClick={() => (code ? look(code) : field.current?.focus())}
        >
          {t("code.go")}
        </button>
      </div>
      <p class="aside">
        <button type="button" class="quiet" onClick={() => (looking ? restart() : go(() => first))}>
          {t("common.back")}
        </button>
      </p>
    </Shell>
  );
}

/** How much of it is there, and what is wrong with the digits: no network is asked for that. */
function Count({ entry }: { readonly entry: Entry }) {
  const {
    texts: { t },
  } = usePage();
  if (entry.kind === "empty") return null;
  if (entry.kind === "words") return <p>{t("code.count.words", { n: entry.words.length, of: wordCount })}</p>;
  const keys = [...(entry.mixed ? ["code.mixed"] : []), ...(entry.wrong ? ["code.wrong"] : [])];
  return (
    <>
      {keys.map((key) => (
        <p key={key}>{t(key)}</p>
      ))}
      {keys.length === 0 && <p>{t("code.count.digits", { n: entry.count, of: digitCount })}</p>}
    </>
  );
}

/** A word that is none. The one that is still being written is left alone, unless something comes near it. */
function Doubt({
  word,
  last,
  choose,
}: {
  readonly word: Word;
  readonly last: boolean;
  readonly choose: (by: string) => void;
}) {
  const {
    texts: { t },
  } = usePage();
  if (word.index !== undefined || (last && word.near.length === 0)) return null;
  if (word.near.length === 0) return <p class="notice">{t("code.unknown", { word: word.typed })}</p>;
  return (
    <div class="notice" role="group" aria-label={t("code.near", { word: word.typed })}>
      <p>{t("code.near", { word: word.typed })}</p>
      <p class="picks">
        {word.near.map((by) => (
          <button type="button" key={by} translate={false} onClick={() => choose(by)}>
            {by}
          </button>
        ))}
      </p>
    </div>
  );
}

/** Wrong and expired are one answer: nobody can learn from it which codes there are. */
function Refused({ answer }: { readonly answer: Answer }) {
  const {
    texts: { t },
    config,
  } = usePage();
  if ("busy" in answer)
    return (
      <p class="notice" role="alert">
        {t("code.busy", { n: answer.busy })}
      </p>
    );
  if ("trouble" in answer)
    return (
      <div class="panel" role="alert">
        <p>{t(`trouble.${answer.trouble}`)}</p>
        <Numbers of={config.numbers} />
      </div>
    );
  return (
    <div class="notice" role="alert">
      <Sentences keys={["code.bad"]} />
      {answer.emptied > 0 && (
        <p>{t("code.emptied", { date: new Date(answer.emptied * 1000).toISOString().slice(0, 10) })}</p>
      )}
    </div>
  );
}
