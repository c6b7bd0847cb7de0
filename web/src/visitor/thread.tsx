/** The questions as a chat: what was asked and answered above, the present question with its taps below. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Step } from "../flow/flow.ts";
import { stepOf, walk } from "../flow/flow.ts";
import { useArrival, usePage } from "./page.ts";
import { choose, goBack } from "./model.ts";
import { NumbersById } from "./numbers.tsx";
import { Sentences, Shell } from "./shell.tsx";
import { canChat, canWrite, openness } from "./status.ts";

export function FlowScreen() {
  const {
    texts: { t },
    flow,
    model,
  } = usePage();
  const { step } = walk(flow, model.answers);
  return (
    <Shell>
      <p class="small">{t("bot.label")}</p>
      <Asked />
      {step !== undefined && <Question key={step} id={step} step={stepOf(flow, step)} />}
    </Shell>
  );
}

/** The bubbles of everything that was asked and answered. */
export function Asked() {
  const {
    texts: { t },
    say,
    flow,
    model,
  } = usePage();
  const done = walk(flow, model.answers).trail.map((id) => ({
    id,
    step: stepOf(flow, id),
    keys: model.answers[id] ?? [],
  }));
  const asked = done.filter(({ step }) => step.kind === "one" || step.kind === "many");
  if (asked.length === 0) return null;
  return (
    <ol class="thread">
      {asked.map(({ id, step, keys }) => (
        <li key={id}>
          <Bubble from="bot" who={t("thread.bot")}>
            {say(step.ask ?? "")}
          </Bubble>
          <Bubble from="you" who={t("thread.you")}>
            {keys.length === 0 ? t("thread.skipped") : keys.map((key) => say(key)).join(", ")}
          </Bubble>
        </li>
      ))}
    </ol>
  );
}

export function Bubble({
  from,
  who,
  seen,
  children,
}: {
  readonly from: "bot" | "you" | "staff";
  readonly who: string;
  readonly seen?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`bubble ${from}`}>
      <span class={seen ? "who" : "unseen"}>{who}: </span>
      <span class="text" dir="auto" translate={false}>
        {children}
      </span>
    </div>
  );
}

function Question({ id, step }: { readonly id: string; readonly step: Step }) {
  const {
    texts: { t },
    say,
    config,
    flow,
    status,
    go,
  } = usePage();
  const section = useRef<HTMLElement>(null);
  const heading = useArrival<HTMLHeadingElement>(section);
  const give = (keys: readonly string[]): void => go((m) => choose(flow, m, id, keys, canChat(status)));
  const [lead, ...rest] = step.ask === undefined ? (step.texts ?? []) : [step.ask, ...(step.texts ?? [])];
  const call = step.call ?? [];
  return (
    <section ref={section} class={`question ${step.kind}`} aria-labelledby="q">
      <h1 ref={heading} id="q" class={step.ask === undefined ? "plain" : undefined} tabIndex={-1}>
        {lead && say(lead)}
      </h1>
      {step.help && <p>{say(step.help)}</p>}
      {step.kind === "many" && <p>{t("thread.many")}</p>}
      {call.includes("emergency") && <NumbersById ids={call} />}
      <Sentences keys={rest} />
      {!call.includes("emergency") && <NumbersById ids={call} />}
      {step.links?.map(
        (purpose) =>
          config.links[purpose] && (
            <p key={purpose}>
              <a href={config.links[purpose]} rel="noreferrer">
                {t(`link.${purpose}`)}
              </a>
            </p>
          ),
      )}
      {step.kind === "channel" && <Openness />}
      {step.kind === "many" ? (
        <Many step={step} give={give} />
      ) : (
        <div class="choices" role="group" aria-labelledby="q">
          {step.choices
            .filter(({ exit }) => step.kind !== "channel" || offered(exit, status))
            .map(({ key }, i) => (
              <button
                type="button"
                key={key}
                class={step.kind === "page" && i === 0 ? "first" : undefined}
                onClick={() => give([key])}
              >
                {say(key)}
              </button>
            ))}
        </div>
      )}
      <p class="aside">
        <button type="button" class="quiet" onClick={() => go((m) => goBack(flow, m))}>
          {t("common.back")}
        </button>
        {step.skip && (
          <button type="button" class="quiet" onClick={() => give([])}>
            {t("common.skip")}
          </button>
        )}
      </p>
    </section>
  );
}

function offered(exit: string | undefined, status: Parameters<typeof canChat>[0]): boolean {
  return exit === "chat" ? canChat(status) : exit === "message" ? canWrite(status) : true;
}

export function Openness() {
  const { texts, status } = usePage();
  const { key, slots } = openness(status, texts);
  return (
    <p class="open" role="status">
      {texts.t(key, slots)}
    </p>
  );
}

function Many({ step, give }: { readonly step: Step; readonly give: (keys: readonly string[]) => void }) {
  const {
    texts: { t },
    say,
  } = usePage();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (key: string): void =>
    setChosen((now) => (now.includes(key) ? now.filter((other) => other !== key) : [...now, key]));
  // Sent in the order of the flow: the order of the taps is nobody's business.
  const inOrder = step.choices.map(({ key }) => key).filter((key) => chosen.includes(key));
  return (
    <div class="choices" role="group" aria-labelledby="q">
      {step.choices.map(({ key }) => (
        <label key={key} class="tick">
          <input type="checkbox" autocomplete="off" checked={chosen.includes(key)} onChange={() => toggle(key)} />
          <span>{say(key)}</span>
        </label>
      ))}
      <button type="button" class="first" onClick={() => give(inOrder)}>
        {t("common.next")}
      </button>
    </div>
  );
}
