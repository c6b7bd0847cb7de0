/** The last screen before anything is sent: what is sent, who can read it, and the field to write in. */
import { useEffect, useState } from "preact/hooks";
import { pairs, summary } from "../flow/flow.ts";
import { Composer } from "./composer.tsx";
import { useArrival, usePage } from "./page.ts";
import { change, goBack } from "./model.ts";
import { Numbers } from "./numbers.tsx";
import { Sentences, Shell } from "./shell.tsx";
import { Openness } from "./thread.tsx";

export function ComposeScreen() {
  const {
    texts: { t },
    engine,
    flow,
    model,
    go,
    prepare,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <h1 ref={heading} tabIndex={-1}>
        {t("send.h1")}
      </h1>
      <p>{t("send.none")}</p>
      <Summary />
      {model.kind === "message" && <Openness />}
      <div role="status">
        {engine.phase === "preparing" && <p>{t("send.wait")}</p>}
        {engine.phase === "ready" && <p>{t("send.readers", { n: engine.readers })}</p>}
      </div>
      {engine.phase === "blocked" && <Blocked retry={prepare} />}
      <Sentences keys={["send.code", "page.nocode", "info.dont"]} />
      {engine.phase === "ready" && <First />}
      <p class="aside">
        <button type="button" class="quiet" onClick={() => go((m) => goBack(flow, m))}>
          {t("common.back")}
        </button>
      </p>
    </Shell>
  );
}

/** The answers, each with a way to change it. */
function Summary() {
  const {
    texts: { t },
    say,
    flow,
    model,
    go,
  } = usePage();
  return (
    <dl class="summary">
      {summary(flow, model.answers).map(({ step, ask, keys }) => (
        <div key={step}>
          <dt>{say(ask)}</dt>
          <dd>{keys.length === 0 ? t("thread.skipped") : keys.map((key) => say(key)).join(", ")}</dd>
          <dd class="change">
            <button type="button" class="link" onClick={() => go((m) => change(m, step))}>
              {t("send.change")}
              <span class="unseen">: {say(ask)}</span>
            </button>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function First() {
  const {
    texts: { t, tag },
    engine,
    flow,
    model,
    go,
    takeBack,
  } = usePage();
  const { visitor } = engine;
  if (!visitor) return null;
  return (
    <>
      {model.failed && (
        <p class="notice" role="alert">
          {t("err.generic")}
        </p>
      )}
      <p id="hint">{t("send.short")}</p>
      <Composer
        label={t("send.text")}
        rows={5}
        empty
        send={(text) => {
          visitor
            .open({ lang: tag, answers: pairs(flow, model.answers), text }, model.kind)
            .catch(() => takeBack(text));
          go((m) => ({ ...m, screen: "chat", failed: false }));
        }}
      />
    </>
  );
}

/** What stands in the way, in words, with the telephone beside it. */
export function Blocked({ retry }: { readonly retry: () => void }) {
  const {
    texts: { t },
    engine,
    config,
  } = usePage();
  const trouble = engine.trouble ?? "unreachable";
  const [tries, setTries] = useState(0);
  useEffect(() => setTries(0), [trouble]);
  return (
    <section class="panel" role="alert" key={tries}>
      <h2>{t("send.trouble")}</h2>
      <p>{t(`trouble.${trouble}`)}</p>
      <Numbers of={config.numbers} />
      <button type="button" onClick={retry}>
        {t("send.retry")}
      </button>
    </section>
  );
}
