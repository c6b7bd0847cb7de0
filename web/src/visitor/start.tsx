/** The screens before and after the conversation: start, good to know, limits, stopped, practised, unsupported. */
import type { ComponentChildren } from "preact";
import { useArrival, usePage } from "./page.ts";
import { close, first, goBack } from "./model.ts";
import { Languages } from "./languages.tsx";
import { Numbers } from "./numbers.tsx";
import { Sentences, Shell } from "./shell.tsx";
import { openness } from "./status.ts";

export function StartScreen() {
  const {
    texts,
    texts: { t },
    status,
    go,
  } = usePage();
  const { key, slots } = openness(status, texts);
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <Languages names />
      <h1 ref={heading} tabIndex={-1}>
        {t("start.h1")}
      </h1>
      <Sentences keys={["start.p1", "start.p2"]} />
      <p class="open" role="status">
        {t(key, slots)}
      </p>
      <div class="choices">
        <button type="button" class="first" onClick={() => go(() => ({ ...first, screen: "info" }))}>
          {t("start.go")}
        </button>
        <button type="button" onClick={() => go(() => ({ ...first, screen: "info", practice: true }))}>
          {t("start.preview")}
        </button>
        <button type="button" onClick={() => go(() => ({ ...first, screen: "come" }))}>
          {t("start.hascode")}
        </button>
      </div>
    </Shell>
  );
}

const info = [
  "info.name",
  "info.dont",
  "info.lock",
  "info.soc",
  "info.noinform",
  "info.secret",
  "info.minor",
  "info.ip",
  "info.phone",
  "info.exit",
  "info.kbd",
];

export function InfoScreen() {
  const {
    texts: { t },
    say,
    flow,
    go,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <h1 ref={heading} tabIndex={-1}>
        {t("info.h1")}
      </h1>
      <ul class="facts">
        {info.map((key) => [key, say(key)] as const).map(([key, text]) => text && <li key={key}>{text}</li>)}
      </ul>
      <div class="choices">
        <button type="button" class="first" onClick={() => go((m) => ({ ...m, screen: "flow" }))}>
          {t("info.ok")}
        </button>
        <button type="button" class="quiet" onClick={() => go((m) => goBack(flow, m))}>
          {t("common.back")}
        </button>
      </div>
    </Shell>
  );
}

export function LimitsScreen() {
  const {
    texts: { t },
    go,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <h1 ref={heading} tabIndex={-1}>
        {t("lim.h1")}
      </h1>
      <Sentences keys={["lim.1", "lim.2", "lim.3", "lim.4", "lim.5", "lim.6", "lim.7", "lim.7b"]} />
      <button type="button" onClick={() => go(close)}>
        {t("common.back")}
      </button>
    </Shell>
  );
}

export function StoppedScreen() {
  return <Ending heading="stop.h1" texts={["stop.p", "chat.done2"]} />;
}

export function PractisedScreen() {
  const {
    texts: { t },
    go,
  } = usePage();
  return (
    <Ending heading="practice.h1" texts={["practice.p"]}>
      <button type="button" class="first" onClick={() => go(() => ({ ...first, screen: "info" }))}>
        {t("start.go")}
      </button>
    </Ending>
  );
}

function Ending({
  heading,
  texts,
  children,
}: {
  readonly heading: string;
  readonly texts: readonly string[];
  readonly children?: ComponentChildren;
}) {
  const {
    texts: { t },
    go,
  } = usePage();
  const arrival = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <h1 ref={arrival} tabIndex={-1}>
        {t(heading)}
      </h1>
      <Sentences keys={texts} />
      <div class="choices">
        {children}
        <button type="button" onClick={() => go(() => first)}>
          {t("stop.again")}
        </button>
      </div>
    </Shell>
  );
}

export function UnsupportedScreen() {
  const {
    texts: { t },
    config,
  } = usePage();
  return (
    <Shell>
      <Languages names />
      <h1>{t("start.call")}</h1>
      <p>{t("trouble.unsupported")}</p>
      {config.numbers.length === 0 && <p>{t("call.none")}</p>}
      <Numbers of={config.numbers} />
    </Shell>
  );
}
