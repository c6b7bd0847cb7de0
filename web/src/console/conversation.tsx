import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Case } from "../conversation/api.ts";
import { Acknowledge } from "./acknowledge.tsx";
import { lookup, useConsole } from "./context.ts";
import { Composer, type Draft } from "./composer.tsx";
import { priorityKey, reasons, summary, triage } from "./intake.ts";
import { care } from "./phrases.ts";
import { Handover } from "./handover.tsx";
import { AnswerProbe, ProbeWord } from "./probing.tsx";
import { languageName } from "./queue.tsx";
import { Shape } from "./shape.tsx";
import { Thread } from "./thread.tsx";
import { type Say, waited } from "./words.ts";

interface Props {
  readonly one: Case;
  readonly mineCount: number;
  /** That is as many as one person should have. */
  readonly full: boolean;
  /** Why a claim was not carried out. */
  readonly held: "again" | "hold" | undefined;
  readonly alias: string;
  readonly draft: Draft;
  readonly onCleared: () => void;
  readonly onClaim: () => void;
  readonly onEnd: () => void;
  readonly onPhrases: () => void;
  /** What stands above the last button. */
  readonly after: ComponentChildren;
}

/** One conversation: what the visitor answered, the thread, and what can be done in this state. */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: the screens have an issue of their own
export function Conversation({
  one,
  mineCount,
  full,
  held,
  alias,
  draft,
  onCleared,
  onClaim,
  onEnd,
  onPhrases,
  after,
}: Props) {
  const context = useConsole();
  const { say } = context.tongue;
  const { desk, now } = context;
  const heading = useRef<HTMLHeadingElement>(null);
  const [clearing, setClearing] = useState(false);

  // A newly opened conversation takes the focus, so that a keyboard and a screen reader start at its top. In the same
  // breath as the composer does: whoever has begun to type there must not find the rest of the word taken for commands.
  useLayoutEffect(() => heading.current?.focus(), [one.id]);
  // A button that is pressed and then goes away takes the focus with it.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus();
  }, [one.state]);
  useEffect(() => {
    if (one.unread > 0) desk.seen(one.id);
  }, [one.id, one.unread]);

  const found = one.intake && triage(lookup(context), one.intake);
  const live = one.state === "waiting" || one.state === "claiming" || one.state === "mine";
  // A device that may not answer any more offers nothing that it could not do.
  const answering = one.state === "mine" && desk.view.phase !== "stopped";
  return (
    <section class="conversation" aria-labelledby="case-title" data-state={one.state}>
      <header class="case-head">
        <div class="case-title">
          <h2 id="case-title" ref={heading} tabIndex={-1}>
            {found?.who ?? say("desk.case.title")}
          </h2>
          <p class="case-sub" data-priority={live ? one.priority : undefined}>
            <ProbeWord id={one.id} />
            {live && (
              <span class="priority">
                <Shape priority={one.priority} />
                {say(priorityKey[one.priority])}
              </span>
            )}
            {one.intake && <span>{languageName(context.config.languages, one.intake.lang, context.tongue.tag)}</span>}
            {one.state === "waiting" && <span>{waited(say, one.since, now)}</span>}
          </p>
        </div>
        {answering && (
          <button type="button" class="quiet end" onClick={onEnd}>
            {say("desk.end")}
          </button>
        )}
      </header>

      <div class="case-body">
        {one.intake && <Summary one={one} key={`${one.id} ${one.state === "mine"}`} />}
        {one.state === "opening" ? <p class="empty">{say("desk.case.opening")}</p> : <Thread key={one.id} one={one} />}
        {one.trouble !== undefined && (
          <div class="notice warn" role="alert">
            <p>{say(`desk.trouble.${one.trouble}`)}</p>
          </div>
        )}
      </div>

      <footer class="case-foot">
        {(one.state === "waiting" || one.state === "claiming") && (
          <div class="claim">
            <AnswerProbe one={one} />
            {one.priority === 0 && <p class="strong">{say("desk.claim.danger")}</p>}
            <p>{say(one.visitor === "away" || one.visitor === "left" ? "desk.claim.away" : "desk.claim.p")}</p>
            {full && one.state === "waiting" && <p class="hint">{say("desk.claim.many", { n: mineCount })}</p>}
            <button type="button" class="main wide" disabled={one.state === "claiming"} onClick={onClaim} data-claim>
              {say(one.state === "claiming" ? "desk.claim.busy" : "desk.claim.go")}
            </button>
            <p class="strong" role="status">
              {held && say(`desk.claim.${held}`, { n: mineCount })}
            </p>
            <Acknowledge one={one} />
          </div>
        )}
        {one.state === "mine" && (
          <p class="presence" role="status">
            {(one.visitor === "away" || one.visitor === "left") && say(`desk.visitor.${one.visitor}`)}
          </p>
        )}
        {answering && <CareNotice one={one} />}
        {answering && <Handover key={`hand ${one.id}`} one={one} />}
        {answering && <Composer key={one.id} one={one} alias={alias} draft={draft} onPhrases={onPhrases} />}
        {one.state === "taken" && <Over {...takenWords(say, one)} />}
        {!answering && one.state !== "claiming" && draft.text.trim() !== "" && (
          <div class="unsent">
            <p class="strong">{say("desk.ended.unsent")}</p>
            <p class="bubble" dir="auto" tabIndex={0}>
              {draft.text}
            </p>
          </div>
        )}
        {one.state === "ended" && (
          <Over
            text={endWords(say, one)}
            more={one.end?.confirmed === false ? say("desk.ended.unconfirmed") : say("desk.ended.kept")}
          />
        )}
        {one.state === "broken" && <Over text={say("desk.broken")} more={say("desk.broken.p")} />}
        {after}
        {(one.state === "taken" || one.state === "ended" || one.state === "broken") && (
          <button
            type="button"
            class="main"
            // Cleared, it would stop asking for the deletion.
            disabled={clearing || (one.state === "ended" && one.end?.confirmed === false && !one.end.reported)}
            onClick={() => {
              setClearing(true);
              desk.clear(one.id).then(onCleared, () => {
                setClearing(false);
                context.announce(say("desk.failed"));
              });
            }}
          >
            {say("desk.clear")}
          </button>
        )}
      </footer>
    </section>
  );
}

/** What must not be overlooked before the next word is written. */
function CareNotice({ one }: { readonly one: Case }) {
  const { say } = useConsole().tongue;
  const { seen, stop } = care(one.lines);
  return (
    <div role="alert">
      {(seen || stop) && (
        <div class="care">
          {stop && <p class="strong">{say("desk.care.stop")}</p>}
          {seen && <p class="strong">{say("desk.care.seen")}</p>}
          <p>{say(stop ? "desk.care.stop.p" : "desk.care.seen.p")}</p>
        </div>
      )}
    </div>
  );
}

function Over({ text, more }: { readonly text: string; readonly more: string }) {
  return (
    <div class="over">
      <p class="strong">{text}</p>
      <p class="hint">{more}</p>
    </div>
  );
}

/** Why a conversation that a colleague may have is not this device's, and what it can still read. */
export function takenWords(
  say: Say,
  one: Pick<Case, "takenBy" | "second" | "company" | "letGo">,
): { readonly text: string; readonly more: string } {
  if (one.letGo === "handed") return { text: say("desk.letgo.handed"), more: say("desk.letgo.handed.p") };
  if (one.letGo !== undefined) return { text: say(`desk.letgo.${one.letGo}`), more: say("desk.letgo.p") };
  const text =
    one.takenBy === undefined ? say("desk.state.taken.someone") : say("desk.state.taken", { alias: one.takenBy });
  return { text, more: say(one.company ? "desk.company.p" : one.second ? "desk.second.p" : "desk.taken.p") };
}

/** How a conversation ended. That it is deleted is said only once the relay has confirmed it. */
export function endWords(say: (key: string) => string, one: Pick<Case, "end">): string {
  if (one.end === undefined) return say("desk.ended.gone");
  if (one.end.left) return `${say("desk.ended.left")} ${say("desk.ended.deleted")}`;
  const by = one.end.reported
    ? "desk.ended.reported"
    : one.end.by === "visitor"
      ? "desk.ended.visitor"
      : "desk.ended.staff";
  return one.end.confirmed ? `${say(by)} ${say("desk.ended.deleted")}` : say(by);
}

function Summary({ one }: { readonly one: Case }) {
  const context = useConsole();
  const { say } = context.tongue;
  const intake = one.intake;
  if (!intake) return null;
  const rows = summary(lookup(context), intake);
  const why = one.priority <= 1 ? reasons(lookup(context), intake) : [];
  return (
    <details class="summary" open={one.state !== "mine"}>
      <summary>
        <h3>{say("desk.summary")}</h3>
      </summary>
      {rows.length === 0 && <p class="hint">{say("desk.summary.none")}</p>}
      <dl>
        {rows.map((row, i) => (
          <div key={i}>
            <dt>{row.label}</dt>
            <dd>{row.answer}</dd>
          </div>
        ))}
      </dl>
      {why.length > 0 && (
        <p class="hint">
          {say("desk.summary.why", {
            priority: say(priorityKey[one.priority]),
            reasons: why.map((key) => say(key)).join(", "),
          })}
        </p>
      )}
    </details>
  );
}
