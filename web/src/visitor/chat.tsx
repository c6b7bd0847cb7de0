/** The conversation, in the same thread as the questions. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Line, Visitor, VisitorView } from "../conversation/api.ts";
import { codeNote, read } from "../i18n/phrasebook.ts";
import { Composer } from "./composer.tsx";
import { useArrival, usePage } from "./page.ts";
import { Hide } from "./hide.tsx";
import { Keep, type Plan } from "./keep.tsx";
import { open } from "./model.ts";
import { near } from "./near.ts";
import { Numbers } from "./numbers.tsx";
import { Offer } from "./offer.tsx";
import { Quick, useCodeNote } from "./quick.tsx";
import { Shell } from "./shell.tsx";
import { Asked, Bubble } from "./thread.tsx";
import { canChat } from "./status.ts";
import { deliveryKey, endKeys, standingKey, stateKeys } from "./waiting.ts";

export function ChatScreen() {
  const {
    texts: { t },
    engine,
    hidden,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>("still");
  return (
    <Shell links="above">
      <h1 ref={heading} class="unseen" tabIndex={-1}>
        {t("thread.label")}
      </h1>
      <div hidden={hidden}>
        <Asked />
      </div>
      {engine.visitor && <Conversation visitor={engine.visitor} />}
    </Shell>
  );
}

function Conversation({ visitor }: { readonly visitor: Visitor }) {
  const {
    texts: { t },
    say,
    model,
    hidden,
  } = usePage();
  const view = useView(visitor);
  const seconds = useSeconds(visitor, view.phase === "waiting");
  useCodeNote(visitor, view);
  const going = stateKeys(view, model.kind, seconds).keys.join(" ");
  const [ending, setEnding] = useState(false);
  const [plan, become] = usePlan(visitor, view);
  const live = view.phase === "waiting" || view.phase === "claimed";
  const field = useRef<HTMLDivElement>(null);
  const foot = useRef<HTMLDivElement>(null);
  const last = view.lines[view.lines.length - 1]?.id;
  const arrived = useRef(false);
  const shown = useRef(last);
  useEffect(() => {
    // What was said last stands right above the field, also for whoever is further down. Whoever has scrolled up to
    // read is left there.
    const end = field.current ?? foot.current;
    if (end && (!arrived.current || near(end, "bottom")))
      end.scrollIntoView({ block: shown.current === last ? "nearest" : "end" });
    arrived.current = true;
    shown.current = last;
  }, [last, view.phase, going]);
  const keep = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Somebody answers: an offer that nobody asked for gives way to what they say. Whoever is about to take it goes on.
    if (
      view.phase === "claimed" &&
      plan.step === "ask" &&
      !plan.called &&
      !keep.current?.contains(document.activeElement)
    )
      become({ step: "none" });
  }, [view.phase]);
  const over = view.phase === "ended" || view.phase === "broken";
  return (
    <>
      {!over && <p class="event">{say(standingKey(view))}</p>}
      <div class="thread" role="log" aria-label={t("thread.label")} aria-relevant="additions" hidden={hidden}>
        {view.lines.map((line) => (
          <Row
            key={line.id}
            line={line}
            alias={view.coordinator?.alias ?? ""}
            retry={over ? undefined : () => visitor.retry(line.id)}
          />
        ))}
      </div>
      <Hide lines={view.lines} />
      {view.second && (
        <p class="notice" role="status">
          {t("chat.seconded", { alias: view.second.alias })}
        </p>
      )}
      <State view={view} seconds={seconds} message={live ? () => become({ step: "ask", called: true }) : undefined} />
      {view.company && (
        <p class="notice" role="status">
          {t("chat.second")}
        </p>
      )}
      <Offer visitor={visitor} offer={live ? view.proposal : undefined} />
      {live && <Gone visitor={visitor} view={view} />}
      <div ref={keep} hidden={hidden}>
        {live && <Keep visitor={visitor} plan={plan} become={become} again={view.kept !== undefined} />}
      </div>
      {over && <Unsent />}
      {view.phase === "broken" && <Broken visitor={visitor} view={view} />}
      {view.phase === "ended" && <Ended view={view} />}
      {!over && ending && <End visitor={visitor} kept={view.kept === "kept"} stay={() => setEnding(false)} />}
      {!over && !ending && (
        <div class="write">
          <div ref={field}>
            <Composer label={t("chat.ph")} rows={2} empty={false} send={(text) => visitor.send(text)} />
          </div>
          <Quick visitor={visitor} />
          <p class="aside">
            <button type="button" class="quiet" onClick={() => setEnding(true)}>
              {t("chat.end")}
            </button>
            {live && plan.step === "none" && (
              <button type="button" class="quiet" onClick={() => become({ step: "ask", called: true })}>
                {t(view.kept ? "code.change" : "code.ask")}
              </button>
            )}
          </p>
          {live && <Stay visitor={visitor} stays={view.stays === true} />}
        </div>
      )}
      <div ref={foot} />
    </>
  );
}

/** How far each conversation has come with a return code. */
const plans = new WeakMap<Visitor, Plan>();
/** Who shows it now: what was begun before a look at another screen ends after it. */
const shows = new WeakMap<Visitor, (plan: Plan) => void>();

function usePlan(visitor: Visitor, view: VisitorView): readonly [Plan, (plan: Plan) => void] {
  const [plan, setPlan] = useState<Plan>(plans.get(visitor) ?? { step: view.kept ? "none" : "ask" });
  useEffect(() => void shows.set(visitor, setPlan), [visitor]);
  return [
    plan,
    (next) => {
      plans.set(visitor, next);
      shows.get(visitor)?.(next);
    },
  ];
}

function useView(visitor: Visitor): VisitorView {
  const [view, setView] = useState(visitor.view);
  useEffect(() => {
    setView(visitor.view);
    return visitor.subscribe(setView);
  }, [visitor]);
  return view;
}

/** What stands for whatever happened. */
const said: { readonly [event in NonNullable<Line["event"]>]?: string } = {
  claimed: "chat.join",
  company: "chat.join",
  unable: "offer.unable",
  second: "chat.second.gone",
  unreadable: "chat.unreadable",
  anew: "chat.anew",
};

function Row({
  line,
  alias,
  retry,
}: {
  readonly line: Line;
  readonly alias: string;
  readonly retry: (() => void) | undefined;
}) {
  const { texts } = usePage();
  const { t } = texts;
  if (line.from === "visitor" && line.phrase?.key === codeNote) return <p class="event">{t("chat.told")}</p>;
  if (line.from === "system") {
    const key = line.event && said[line.event];
    return key ? <p class="event">{t(key, { alias: line.alias ?? alias })}</p> : null;
  }
  const text = line.phrase ? (read(line.phrase, line.from, texts) ?? t("chat.unreadable")) : line.text;
  if (line.from === "staff") {
    return (
      <>
        <Bubble from="staff" seen who={line.alias ?? alias}>
          {text}
        </Bubble>
        {line.text !== undefined && texts.tag !== "sv" && <p class="small">{t("chat.free")}</p>}
      </>
    );
  }
  return (
    <div class="own">
      <Bubble from="you" who={t("thread.you")}>
        {text}
      </Bubble>
      {line.delivery === "failed" && retry ? (
        <button type="button" class="link" onClick={retry}>
          {t("chat.fail")}
        </button>
      ) : (
        line.delivery && <p class="small">{t(deliveryKey(line.delivery))}</p>
      )}
    </div>
  );
}

/** What was being written when it stopped: nothing that somebody wrote goes off the screen before they say so. */
function Unsent() {
  const {
    texts: { t },
    draft,
  } = usePage();
  if (draft.trim() === "") return null;
  return (
    <>
      <p>{t("chat.unsent")}</p>
      <blockquote tabIndex={0} dir="auto" translate={false}>
        {draft.trim()}
      </blockquote>
    </>
  );
}

/** What is going on, said once when it changes. */
function State({
  view,
  seconds,
  message,
}: {
  readonly view: VisitorView;
  readonly seconds: number;
  readonly message: (() => void) | undefined;
}) {
  const {
    texts: { t },
    model,
    go,
  } = usePage();
  const { keys, call, leave } = stateKeys(view, model.kind, seconds);
  return (
    <div class="state" role="status">
      {keys.map((key) => (
        <p key={key}>{t(key)}</p>
      ))}
      {leave && message && (
        <button type="button" class="link" onClick={message}>
          {t("chan.msg")}
        </button>
      )}
      {call && (
        <button type="button" class="link" onClick={() => go((m) => open(m, "numbers"))}>
          {t("chat.call")}
        </button>
      )}
    </div>
  );
}

/** When each conversation began to wait: whoever looks at the telephone numbers meanwhile has not begun anew. */
const began = new WeakMap<Visitor, number>();

/** Seconds since `waiting` became true, in steps: the words change after minutes. */
function useSeconds(visitor: Visitor, waiting: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!waiting) {
      began.delete(visitor);
      return;
    }
    if (!began.has(visitor)) began.set(visitor, Date.now());
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, [visitor, waiting]);
  return waiting ? Math.floor((now - (began.get(visitor) ?? now)) / 1000) : 0;
}

/** Milliseconds for which whoever was here may be without a network before the page says that they are away. */
const absence = 10_000;

/** Whoever has claimed is away, or was shut out. A colleague reads only if the visitor wants it. */
function Gone({ visitor, view }: { readonly visitor: Visitor; readonly view: VisitorView }) {
  const {
    texts: { t },
    status,
  } = usePage();
  const [asked, setAsked] = useState(false);
  const away = view.phase === "claimed" && view.staff === "away";
  const met = useRef(false);
  const [lasts, setLasts] = useState(away);
  useEffect(() => {
    if (view.staff === "here") met.current = true;
    if (!away) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), met.current ? absence : 0);
    return () => clearTimeout(timer);
  }, [away, view.staff]);
  const gone = view.shut ?? (away && lasts ? view.coordinator : undefined);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    setAsked(false);
    if (section.current && near(section.current, "top")) section.current.scrollIntoView({ block: "nearest" });
  }, [gone?.alias]);
  return (
    <div role="status">
      {gone && (
        <section class="panel" ref={section}>
          <p>{t(view.shut ? "chat.shut" : "chat.gone", { alias: gone.alias })}</p>
          {asked ? (
            <p>{t("chat.invited")}</p>
          ) : (
            canChat(status) && (
              <>
                <p>{t("chat.invite.p", { alias: gone.alias })}</p>
                <button
                  type="button"
                  onClick={() => {
                    setAsked(true);
                    visitor.invite();
                  }}
                >
                  {t("chat.invite")}
                </button>
              </>
            )
          )}
        </section>
      )}
    </div>
  );
}

/** A reload keeps nothing unless it is asked for. */
function Stay({ visitor, stays }: { readonly visitor: Visitor; readonly stays: boolean }) {
  const {
    texts: { t },
    store,
  } = usePage();
  const [failed, setFailed] = useState(false);
  const change = (on: boolean): void =>
    void visitor.stay(on ? store : undefined).then(
      (trouble) => setFailed(trouble !== undefined),
      () => setFailed(true),
    );
  return (
    <>
      <label class="tick">
        <input
          type="checkbox"
          autocomplete="off"
          checked={stays}
          aria-describedby="stay"
          onChange={(event) => change(event.currentTarget.checked)}
        />
        <span>{t("page.stay")}</span>
      </label>
      <p id="stay" class="small">
        {t(failed ? "page.stay.failed" : "page.stay.p")}
      </p>
    </>
  );
}

function End({
  visitor,
  kept,
  stay,
}: {
  readonly visitor: Visitor;
  readonly kept: boolean;
  readonly stay: () => void;
}) {
  const {
    texts: { t },
    say,
    part,
  } = usePage();
  const section = useRef<HTMLElement>(null);
  const heading = useArrival<HTMLHeadingElement>(section);
  const [failed, setFailed] = useState(false);
  return (
    <section class="panel" ref={section} aria-labelledby="end">
      <h2 id="end" ref={heading} tabIndex={-1}>
        {t("chat.end.h1")}
      </h2>
      <p>{t("chat.end.p")}</p>
      {failed && <p role="alert">{t("err.generic")}</p>}
      <div class="choices row">
        <button type="button" onClick={stay}>
          {t("chat.end.stay")}
        </button>
        {kept && (
          <button type="button" onClick={part}>
            {say("chat.end.keep")}
          </button>
        )}
        <button type="button" class="first" onClick={() => visitor.end().catch(() => setFailed(true))}>
          {t("chat.end.now")}
        </button>
      </div>
    </section>
  );
}

function Ended({ view }: { readonly view: VisitorView }) {
  const {
    texts: { t },
    restart,
  } = usePage();
  const section = useRef<HTMLElement>(null);
  // The field or the button that had the focus is gone.
  const words = useArrival<HTMLDivElement>(section);
  return (
    <section class="panel" ref={section}>
      <div ref={words} role="status" tabIndex={-1}>
        {endKeys(view).map((key) => (
          <p key={key}>{t(key)}</p>
        ))}
      </div>
      <button type="button" onClick={restart}>
        {t("chat.clear")}
      </button>
    </section>
  );
}

function Broken({ visitor, view }: { readonly visitor: Visitor; readonly view: VisitorView }) {
  const {
    texts: { t },
    config,
    restart,
  } = usePage();
  const [failed, setFailed] = useState(false);
  return (
    <section class="panel" role="alert">
      <p>{t(`trouble.${view.trouble ?? "bug"}`)}</p>
      {failed && <p>{t("err.generic")}</p>}
      {view.trouble === "elsewhere" ? (
        <button type="button" onClick={restart}>
          {t("chat.clear")}
        </button>
      ) : (
        <button type="button" onClick={() => visitor.again().catch(() => setFailed(true))}>
          {t("chat.again")}
        </button>
      )}
      <Numbers of={config.numbers} />
    </section>
  );
}
