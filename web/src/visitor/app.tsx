import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PageConfig } from "../config.ts";
import type { TabStore } from "../conversation/api.ts";
import { shipped } from "../flow/flow.ts";
import type { Texts } from "../i18n/index.ts";
import { AccessScreen } from "./access.tsx";
import { Blocked, ComposeScreen } from "./compose.tsx";
import type { Engine } from "./engine.ts";
import { unpressed } from "./exit.ts";
import type { Pressed } from "./exit.ts";
import type { PageContext } from "./page.ts";
import { PageProvider, useArrival, usePage } from "./page.ts";
import { asked } from "./idle.ts";
import { first, takeBack } from "./model.ts";
import type { Later } from "./later.ts";
import type { Model } from "./model.ts";
import { NumbersScreen } from "./numbers.tsx";
import { newSay } from "./say.ts";
import { Shell } from "./shell.tsx";
import { InfoScreen, LimitsScreen, PractisedScreen, StartScreen, StoppedScreen, UnsupportedScreen } from "./start.tsx";
import type { Known } from "./status.ts";
import { FlowScreen } from "./thread.tsx";

export interface Parts {
  readonly config: PageConfig;
  /** What the first screen says; all of it where `whole` is absent. */
  readonly texts: Texts;
  /** Loads the rest of it. */
  readonly whole?: () => Promise<Texts>;
  readonly engine: Engine;
  /** What comes with the engine; absent until it is there. */
  readonly later: () => Later | undefined;
  readonly store: TabStore;
  /** False where the browser lacks a needed piece. */
  readonly supported: boolean;
  readonly watchStatus: (hear: (status: Known) => void) => void;
  /** Loads the catalog of a language. */
  readonly load: (tag: string) => Promise<Texts>;
  /** Calls back when Shift is pressed. */
  readonly watchShift: (hear: (pressed: Pressed) => void) => void;
  /** Calls back when nobody has touched the page for a while, and when somebody has. */
  readonly watchIdle: (ask: (asking: boolean) => void) => void;
  /** Hears of a change of language, for `lang` and `dir` of the document. */
  readonly spoken: (texts: Texts) => void;
  /** For tests: where to begin. */
  readonly model?: Model;
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the screens have an issue of their own
export function App(parts: Parts) {
  const { config, engine } = parts;
  const [texts, setTexts] = useState(parts.texts);
  const [whole, setWhole] = useState(!parts.whole);
  const [status, setStatus] = useState<Known>(undefined);
  const [model, setModel] = useState<Model>(
    parts.model ?? (parts.store.get() === undefined ? first : { ...first, screen: "resuming" }),
  );
  const [moved, setMoved] = useState(false);
  const [draft, write] = useState("");
  const [hidden, hide] = useState(false);
  const [pressed, setPressed] = useState(unpressed);
  const [asking, ask] = useState(false);
  const [broken, setBroken] = useState(false);
  const [, redraw] = useState(0);
  useEffect(() => engine.subscribe(() => redraw((n) => n + 1)), [engine]);
  useEffect(() => parts.watchStatus(setStatus), []);
  useEffect(() => parts.watchShift(setPressed), []);
  useEffect(() => parts.watchIdle(ask), []);
  useEffect(() => parts.spoken(texts), [texts]);
  const [spoken, setSpoken] = useState<readonly Texts[]>(parts.whole ? [] : [parts.texts]);
  const speak = (loaded: Texts): void => {
    setWhole(true);
    setTexts(loaded);
    setSpoken((before) => [loaded, ...before.filter(({ tag }) => tag !== loaded.tag)]);
  };
  // Whoever has chosen another language meanwhile keeps it.
  useEffect(
    () =>
      void parts
        .whole?.()
        .then((loaded) => (latest.current === loaded.tag ? speak(loaded) : setSpoken((before) => [...before, loaded]))),
    [],
  );
  const latest = useRef(texts.tag);
  latest.current = texts.tag;
  const { visitor } = engine.state;
  useEffect(() => {
    if (model.screen !== "resuming" || !visitor) return;
    const settle = (found: boolean): void =>
      setModel((now) => (now.screen === "resuming" ? { ...first, screen: found ? "chat" : "start" } : now));
    visitor.resume(parts.store).then(settle, () => settle(false));
  }, [visitor]);
  const say = useMemo(() => newSay(config, texts), [config, texts]);

  const context: PageContext = {
    config,
    texts,
    spoken,
    say,
    flow: config.flow ?? shipped,
    status,
    model,
    draft,
    write,
    moved,
    engine: engine.state,
    go(next) {
      setMoved(true);
      setBroken(false);
      setModel((now) => {
        const to = next(now);
        // Whoever stops or begins again leaves nothing written behind.
        if (to.screen === "stopped" || (to.screen === "start" && now.screen !== "info")) write("");
        return to;
      });
    },
    prepare: engine.prepare,
    choose(tag) {
      if (tag !== texts.tag)
        parts.load(tag).then(
          (loaded) => {
            setBroken(false);
            speak(loaded);
          },
          () => setBroken(true),
        );
    },
    pressed: pressed.count,
    hidden,
    hide,
    takeBack(text) {
      write(text);
      setModel(takeBack);
      engine.renew();
    },
    store: parts.store,
    part() {
      write("");
      hide(false);
      setModel({ ...first, screen: "parted" });
      engine.renew();
    },
    restart() {
      parts.store.erase();
      write("");
      hide(false);
      setModel(first);
      engine.renew();
    },
  };
  return (
    <PageProvider value={context}>
      {!parts.supported ? (
        <UnsupportedScreen />
      ) : whole || isFirst(model) ? (
        <Screen model={model} later={parts.later()} />
      ) : (
        <Coming />
      )}
      <p class="unseen" role="status">
        {pressed.say && texts.t(pressed.say)}
      </p>
      <div class="idle" role="status">
        {asking && <p class="column notice">{texts.t("chat.idle", { min: asked })}</p>}
      </div>
      {broken && (
        <p class="column notice" role="alert">
          {texts.t("trouble.unreachable")}
        </p>
      )}
    </PageProvider>
  );
}

/** Screens that i18n/first.json has the sentences of. */
function isFirst({ screen, over }: Model): boolean {
  return over === undefined ? screen === "start" : over === "numbers";
}

/** What was asked for is on its way. */
function Coming() {
  const {
    texts: { t },
    engine,
    model,
    prepare,
    restart,
  } = usePage();
  return (
    <Shell>
      <h1 class="plain" ref={useArrival<HTMLHeadingElement>()} tabIndex={-1}>
        {t("exit.overlay")}
      </h1>
      {engine.phase === "blocked" && <Blocked retry={prepare} />}
      {(model.screen === "resuming" || model.screen === "come") && (
        <button type="button" class="quiet" onClick={restart}>
          {t("common.back")}
        </button>
      )}
    </Shell>
  );
}

const screens = {
  start: StartScreen,
  info: InfoScreen,
  flow: FlowScreen,
  compose: ComposeScreen,
  stopped: StoppedScreen,
  practised: PractisedScreen,
};

function Screen({ model: { over, screen }, later }: { readonly model: Model; readonly later: Later | undefined }) {
  if (over === "limits") return <LimitsScreen />;
  if (over === "numbers") return <NumbersScreen />;
  if (over === "access") return <AccessScreen />;
  if (screen === "resuming") return <Coming />;
  const Shown =
    screen === "chat" || screen === "come" || screen === "parted"
      ? (later?.screens[screen] ?? Coming)
      : screens[screen];
  return <Shown />;
}
