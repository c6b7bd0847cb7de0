import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Case, DeskView } from "../conversation/api.ts";
import { useConsole } from "./context.ts";
import { DutyNotices } from "./duty.tsx";
import { spoken } from "./phrases.ts";
import { dateOf, daysLeft, groups, warning } from "./words.ts";

interface BarProps {
  readonly view: DeskView;
  readonly enrolled: boolean;
  readonly covered: boolean;
  /** A conversation is open; a phone then shows nothing else. */
  readonly open: boolean;
  readonly onBack: () => void;
  readonly onMenu: () => void;
  /** Whether the help cards are open. */
  readonly card: boolean;
  readonly onCard: () => void;
  readonly onCover: () => void;
}

/**
 * Whether this device is signed in, and what must be within reach at any time: at the top, on a phone at the bottom,
 * under the thumb.
 */
export function Bar({ view, enrolled, covered, open, onBack, onMenu, card, onCard, onCover }: BarProps) {
  const { config, tongue, tongues, setPrefs } = useConsole();
  const { say } = tongue;
  const state = view.phase;
  return (
    <header class="bar" data-bar={enrolled ? (open && !covered ? "case" : "list") : "none"}>
      <div class="brand">
        {enrolled ? <h1>{say("desk.title")}</h1> : <p class="name">{say("desk.title")}</p>}
        <p class="hint kommun">{config.kommun.name}</p>
      </div>
      {(enrolled || state === "locked") && (
        <p class="phase" data-phase={state} role="status">
          <span class="dot" aria-hidden="true" />
          <span class="phase-word">{say(`desk.phase.${state}`)}</span>
          {view.device && <bdi class="me">{view.device.alias}</bdi>}
        </p>
      )}
      {enrolled ? (
        <div class="tools">
          {open && !covered && (
            <button type="button" class="back" onClick={onBack}>
              {say("desk.back")}
            </button>
          )}
          <button type="button" aria-pressed={covered} onClick={onCover}>
            {say(covered ? "desk.cover.show" : "desk.cover.hide")}
          </button>
          <button type="button" aria-expanded={card} onClick={onCard} disabled={covered}>
            {say("desk.card.short")}
          </button>
          <button type="button" onClick={onMenu} disabled={covered}>
            {say("desk.menu")}
          </button>
        </div>
      ) : (
        <div class="tools">
          {spoken(config.languages, tongues)
            .filter((one) => one.tag !== tongue.tag)
            .map((one) => (
              <button type="button" key={one.tag} lang={one.tag} onClick={() => setPrefs({ lang: one.tag })}>
                {one.name}
              </button>
            ))}
          <a class="link" href="/tillganglighet" target="_blank" rel="noopener">
            {say("desk.menu.access")}
          </a>
        </div>
      )}
    </header>
  );
}

/** What stands in the way, or soon will: what happened, and what to do about it. */
export function Notices({
  view,
  away,
  closing,
}: {
  readonly view: DeskView;
  readonly away: boolean;
  readonly closing: boolean;
}) {
  const { config, desk, tongue, now, announce } = useConsole();
  const { say } = tongue;
  const [read, setRead] = useState<readonly string[]>([]);
  const until = view.packagesUntil;
  const soon: { readonly name: string; readonly days: number }[] = [];
  for (const [name, expires] of [
    ["roster", view.roster?.expires],
    ["device", view.device?.expires],
  ] as const) {
    // 0: the roster that says it has not been read yet. A demo has no team lead to call, and ends before its
    // certificates.
    if (!expires || view.phase === "enrolling" || config.demo) continue;
    const days = daysLeft(expires, now);
    const step = warning(days);
    if (step !== undefined && !read.includes(`${name} ${step}`)) soon.push({ name, days });
  }
  return (
    <div class="notices">
      <div role="alert">
        {view.trouble !== undefined && (
          <div class="notice warn">
            <p>{say(`desk.trouble.${view.trouble}`)}</p>
            {view.phase === "stopped" && (
              <button type="button" onClick={() => desk.start().catch(() => announce(say("desk.failed")))}>
                {say(view.trouble === "elsewhere" ? "desk.here" : "desk.again")}
              </button>
            )}
          </div>
        )}
      </div>
      <div role="status">
        <DutyNotices view={view} />
        {closing && (
          <div class="notice">
            <p>{say("desk.lock.soon")}</p>
          </div>
        )}
        {away && view.trouble === undefined && (
          <div class="notice">
            <p>{say("desk.away")}</p>
          </div>
        )}
        {until !== undefined && until - now < 2 * 86_400 && !config.demo && (
          <div class="notice">
            <p>{say("desk.soon.packages", { date: dateOf(tongue, until) })}</p>
          </div>
        )}
        {view.phase !== "stopped" &&
          soon.map(({ name, days }) => (
            <div class="notice" key={name}>
              <p>{days === 0 ? say(`desk.soon.${name}.today`) : say(`desk.soon.${name}`, { days })}</p>
              <button type="button" class="quiet" onClick={() => setRead([...read, `${name} ${warning(days)}`])}>
                {say("desk.soon.read")}
              </button>
            </div>
          ))}
      </div>
    </div>
  );
}

/** The private screen: no content is drawn, only that somebody waits. */
export function Cover({
  cases,
  onShow,
  onLock,
}: {
  readonly cases: readonly Case[];
  readonly onShow: () => void;
  readonly onLock: () => void;
}) {
  const { say } = useConsole().tongue;
  const { mine, waiting } = groups(cases);
  const unread = mine.reduce((sum, one) => sum + one.unread, 0);
  const button = useRef<HTMLButtonElement>(null);
  // Before the next key can be pressed.
  useLayoutEffect(() => button.current?.focus(), []);
  return (
    <main id="main" class="page cover" tabIndex={-1}>
      <h2>{say("desk.cover.h1")}</h2>
      <p>{waiting.length > 0 ? say("desk.cover.waiting", { n: waiting.length }) : say("desk.cover.none")}</p>
      {unread > 0 && <p>{say("desk.cover.unread", { n: unread })}</p>}
      <button type="button" class="main" ref={button} onClick={onShow}>
        {say("desk.cover.show.long")}
      </button>
      <button type="button" onClick={onLock}>
        {say("desk.lock.now")}
      </button>
      <p class="hint">{say("desk.cover.why")}</p>
    </main>
  );
}
