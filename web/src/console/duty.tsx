import { useState } from "preact/hooks";
import type { Duty, DeskView, OnDuty } from "../conversation/api.ts";
import { useConsole } from "./context.ts";
import { closingSoon, missing, rulesOf } from "./limit.ts";
import type { PlaceProps } from "./place.ts";

/** Who is on duty and who comes next, and what one says of one's own shift. */
export function DutyPlace({ view }: PlaceProps) {
  const { tongue } = useConsole();
  const { say } = tongue;
  const { duty } = view;
  const when = useWhen();
  if (!duty) return <p class="empty">{say("desk.duty.unknown")}</p>;
  const on = duty.on.filter((one) => one.level !== undefined || duty.plan !== "planned" || one.state !== "ended");
  return (
    <>
      {duty.plan === "unread" && <p class="soon">{say("desk.duty.unread")}</p>}
      {duty.plan === "none" && <p class="hint">{say("desk.duty.noplan")}</p>}
      <h3>{say("desk.duty.now")}</h3>
      {on.length === 0 && <p class={duty.plan === "planned" ? "soon" : "empty"}>{say("desk.duty.nobody")}</p>}
      <ul class="duty">
        {on.map((one) => (
          <li key={`${one.alias} ${one.level}`}>
            <Person one={one} you={one.alias === view.device?.alias} />
            <p class={one.state === "missing" && one.level === "first" ? "soon" : "hint"}>
              {say(`desk.duty.is.${one.state}`)}
              {one.end !== undefined && ` ${say("desk.duty.until", { time: when(one.end) })}`}
            </p>
          </li>
        ))}
      </ul>
      <OwnPass
        key={stateOf(duty, view.device?.alias)}
        duty={duty}
        alias={view.device?.alias ?? ""}
        online={view.phase === "online"}
      />
      {duty.next.length > 0 && (
        <>
          <h3>{say("desk.duty.next")}</h3>
          <ul class="duty">
            {duty.next.map((one) => (
              <li key={`${one.alias} ${one.level}`}>
                <Person one={one} you={one.alias === view.device?.alias} />
                {one.start !== undefined && <p class="hint">{say("desk.duty.from", { time: when(one.start) })}</p>}
              </li>
            ))}
          </ul>
        </>
      )}
      {duty.gaps.length > 0 && (
        <>
          <h3>{say("desk.duty.gaps")}</h3>
          <Spans all={duty.gaps} />
        </>
      )}
      {duty.warnings.length > 0 && (
        <>
          <h3>{say("desk.duty.own")}</h3>
          <ul class="duty">
            {duty.warnings.map((one) => (
              <li key={`${one.rule} ${one.start}`}>
                <p>{say(`desk.duty.rule.${one.rule}`)}</p>
                <p class="hint">{say("desk.duty.from", { time: when(one.start) })}</p>
              </li>
            ))}
          </ul>
          <p class="hint">{say("desk.duty.warns")}</p>
        </>
      )}
    </>
  );
}

function stateOf(duty: Duty, alias: string | undefined): string {
  return duty.on.find((one) => one.alias === alias)?.state ?? "off";
}

function Person({ one, you }: { readonly one: OnDuty; readonly you: boolean }) {
  const { say } = useConsole().tongue;
  return (
    <p class="strong">
      <bdi>{one.alias}</bdi>
      {one.level && `, ${say(`desk.duty.place.${one.level}`)}`}
      {you && <span class="mark-you">{say("desk.people.you")}</span>}
    </p>
  );
}

function Spans({ all }: { readonly all: Duty["gaps"] }) {
  const when = useWhen();
  const { say } = useConsole().tongue;
  return (
    <ul class="duty">
      {all.map(({ start, end }) => (
        <li key={start}>{say("desk.duty.span", { from: when(start), to: when(end) })}</li>
      ))}
    </ul>
  );
}

/** Begins, pauses and ends one's own shift. */
function OwnPass({ duty, alias, online }: { readonly duty: Duty; readonly alias: string; readonly online: boolean }) {
  const { config, desk, tongue, announce } = useConsole();
  const { say } = tongue;
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const state = stateOf(duty, alias);

  async function act(what: "begin" | "end" | "pause", minutes?: number) {
    setBusy(true);
    setSaid("");
    const outcome = await desk.shift(what, minutes);
    setBusy(false);
    if (outcome === "done") announce(say(`desk.duty.done.${what}`));
    else setSaid(say(outcome === "refused" ? "desk.duty.alone" : "desk.failed"));
  }

  return (
    <div class="own-shift">
      {state === "here" ? (
        <>
          <div class="breaks" role="group" aria-labelledby="break">
            <p id="break">{say("desk.duty.pause")}</p>
            {rulesOf(config).breaks.map((n) => (
              <button type="button" key={n} disabled={busy || !online} onClick={() => void act("pause", n)}>
                {say("desk.duty.minutes", { n })}
              </button>
            ))}
          </div>
          <p class="hint">{say("desk.duty.pause.p")}</p>
          <button type="button" class="wide quiet" disabled={busy || !online} onClick={() => void act("end")}>
            {say("desk.duty.end")}
          </button>
        </>
      ) : (
        <button type="button" class="wide" disabled={busy || !online} onClick={() => void act("begin")}>
          {say(state === "off" ? "desk.duty.begin" : "desk.duty.back")}
        </button>
      )}
      <p role="status">{said}</p>
    </div>
  );
}

/** Weekday and time in the reader's language; the time alone where it is today. */
function useWhen(): (seconds: number) => string {
  const { tongue, now } = useConsole();
  const today = new Date(now * 1000).toDateString();
  const time = new Intl.DateTimeFormat(tongue.tag, { timeStyle: "short" });
  const far = new Intl.DateTimeFormat(tongue.tag, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (seconds) => {
    const at = new Date(seconds * 1000);
    return (at.toDateString() === today ? time : far).format(at);
  };
}

/** What everybody at a console should know without looking for it. */
export function DutyNotices({ view }: { readonly view: DeskView }) {
  const { tongue, now } = useConsole();
  const { say } = tongue;
  const when = useWhen();
  const closes = closingSoon(view.duty, now);
  const gone = missing(view.duty);
  return (
    <>
      {view.duty?.plan === "unread" && (
        <div class="notice">
          <p>{say("desk.duty.unread")}</p>
        </div>
      )}
      {gone.map((alias) => (
        <div class="notice" key={alias}>
          <p>{say("desk.duty.gone", { alias })}</p>
        </div>
      ))}
      {closes !== undefined && (
        <div class="notice">
          <p>{say("desk.duty.closing", { time: when(closes) })}</p>
        </div>
      )}
    </>
  );
}
