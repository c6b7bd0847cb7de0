import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Reachable } from "../wire/reach.ts";
import { type Outcome, channelsOf, heard, stopHere, test, testedFor, wakeHere } from "./alarm.ts";
import { useConsole } from "./context.ts";
import type { PlaceProps } from "./place.ts";
import { permission, subscribe, unsubscribe, wakeable } from "./waking.ts";

/** How often a test that is under way is looked at, in milliseconds. */
const look = 1_500;

/** How an alarm reaches whoever sits here: this device, their other channels, and when each was last heard. */
export function Alarms({ view }: PlaceProps) {
  const { desk, tongue } = useConsole();
  const { say } = tongue;
  const [reach, setReach] = useState<Reachable | "asking" | "unknown">("asking");
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const online = view.phase === "online";
  const there = useRef(true);
  useEffect(
    () => () => {
      there.current = false;
    },
    [],
  );

  const ask = useCallback(async () => {
    const found = await channelsOf(desk);
    if (there.current) setReach(found ?? "unknown");
  }, [desk]);
  useEffect(() => {
    if (online) void ask();
  }, [online, ask]);

  const sending = typeof reach === "object" && reach.channels.some((one) => one.state === 1);
  useEffect(() => {
    if (!sending) return;
    const timer = setInterval(() => void ask(), look);
    return () => clearInterval(timer);
  }, [sending, ask]);

  async function act(work: () => Promise<Outcome | "denied">, done: string) {
    setBusy(true);
    setSaid("");
    let outcome: Outcome | "denied" = "failed";
    try {
      outcome = await work();
    } catch {
      // The browser's own refusal: the sentence below says what to try.
    }
    await ask();
    if (!there.current) return;
    setBusy(false);
    setSaid(outcome === "done" ? done : say(`desk.alarm.${outcome}`));
  }

  if (!online) return <p class="empty">{say("desk.alarm.offline")}</p>;
  if (reach === "asking") return <p class="empty">{say("desk.alarm.asking")}</p>;
  if (reach === "unknown") return <p class="empty">{say("desk.alarm.failed")}</p>;
  const pushKey = reach.pushKey;
  const turnOn = async () => {
    const subscription = await subscribe(pushKey);
    return subscription ? wakeHere(desk, subscription) : "denied";
  };
  const turnOff = async () => {
    const outcome = await stopHere(desk);
    await unsubscribe();
    return outcome;
  };
  return (
    <>
      <p>{say("desk.alarm.p")}</p>
      <p class="hint">{say("desk.alarm.same")}</p>
      <section>
        <h3>{say("desk.alarm.here")}</h3>
        {pushKey.length === 0 ? (
          <p class="hint">{say("desk.alarm.here.none")}</p>
        ) : !wakeable() ? (
          <p class="hint">{say("desk.alarm.here.cannot")}</p>
        ) : reach.subscribed === 1 ? (
          <>
            <p class="hint">{say("desk.alarm.here.is")}</p>
            <button
              type="button"
              class="wake"
              disabled={busy}
              onClick={() => act(turnOff, say("desk.alarm.here.stopped"))}
            >
              {say("desk.alarm.here.off")}
            </button>
          </>
        ) : (
          <>
            <p class="hint">{say(permission() === "denied" ? "desk.alarm.denied" : "desk.alarm.here.hint")}</p>
            <button
              type="button"
              class="main wake"
              disabled={busy}
              onClick={() => act(turnOn, say("desk.alarm.here.is"))}
            >
              {say("desk.alarm.here.on")}
            </button>
          </>
        )}
      </section>
      <section>
        <h3>{say("desk.alarm.yours")}</h3>
        {reach.channels.length === 0 && <p class="hint">{say("desk.alarm.yours.none")}</p>}
        <ul class="people">
          {reach.channels.map((one) => (
            <li key={one.name}>
              <Channel
                one={one}
                busy={busy}
                onTest={() => act(() => test(desk, one.name), say("desk.alarm.sent"))}
                onHeard={() => act(() => heard(desk, one.name), say("desk.alarm.noted"))}
              />
            </li>
          ))}
        </ul>
      </section>
      <p role="status" class="strong">
        {said}
      </p>
    </>
  );
}

interface ChannelProps {
  readonly one: Reachable["channels"][number];
  readonly busy: boolean;
  readonly onTest: () => void;
  readonly onHeard: () => void;
}

function Channel({ one, busy, onTest, onHeard }: ChannelProps) {
  const { tongue, now } = useConsole();
  const { say, has } = tongue;
  const tested = Number(one.tested);
  const fresh = tested > 0 && now - tested < testedFor;
  const name = has(`desk.alarm.by.${one.name}`) ? say(`desk.alarm.by.${one.name}`) : one.name;
  const date = () => new Intl.DateTimeFormat(tongue.tag, { dateStyle: "long" }).format(new Date(tested * 1000));
  return (
    <>
      <p class="strong">{name}</p>
      <p class={fresh ? "hint" : "soon"}>
        {fresh ? say("desk.alarm.tested", { date: date() }) : say("desk.alarm.untested")}
      </p>
      {one.state === 1 && <p class="hint">{say("desk.alarm.sending")}</p>}
      {one.state === 3 && <p class="soon">{say("desk.alarm.state.failed")}</p>}
      {one.state === 2 && <p>{say("desk.alarm.came", { name })}</p>}
      <div class="row-of">
        {one.state === 2 && (
          <button
            type="button"
            class="main"
            disabled={busy}
            onClick={onHeard}
            aria-label={say("desk.alarm.yes.of", { name })}
          >
            {say("desk.alarm.yes")}
          </button>
        )}
        <button
          type="button"
          disabled={busy || one.state === 1}
          onClick={onTest}
          aria-label={say("desk.alarm.test.of", { name })}
        >
          {say("desk.alarm.test")}
        </button>
      </div>
    </>
  );
}
