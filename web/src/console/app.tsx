import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PageConfig } from "../config.ts";
import type { Case, Desk } from "../conversation/api.ts";
import { Card } from "./card.tsx";
import { ConsoleProvider, type ConsoleContext } from "./context.ts";
import { Conversation } from "./conversation.tsx";
import { Enrolling, NewDevice } from "./enrol.tsx";
import { useDesk, useLasting, useMedia, useNews, useNow } from "./hooks.ts";
import { claiming, full, rulesOf } from "./limit.ts";
import { EndQuestion, Menu } from "./menu.tsx";
import { Bar, Cover, Notices } from "./frame.tsx";
import { watchIdle } from "./idle.ts";
import { LockScreen } from "./lockscreen.tsx";
import { type Memo, readMemo, writeMemo } from "./memo.ts";
import { Phrasebook } from "./phrasebook.tsx";
import { placeOf } from "./places.tsx";
import { Dialog } from "./dialog.tsx";
import { type Tongue, tongueOf } from "./phrases.ts";
import { type Prefs, readPrefs, writePrefs } from "./prefs.ts";
import { useProbes } from "./probing.tsx";
import { Queue } from "./queue.tsx";
import { type Action, actionFor } from "./shortcuts.ts";
import { isCalled, neighbour } from "./words.ts";

/** What lies over the page; else the id of a place. */
type Panel = "menu" | "phrases" | "end" | (string & {});

/** What takes the real desk's place in a training. */
export interface TrainingSide {
  readonly desk: Desk;
  readonly onLeave: () => void;
  /** Says on every screen that this is a training. */
  readonly band: () => ComponentChildren;
  /** What stands below a conversation. */
  readonly after: (one: Case) => ComponentChildren;
}

export interface AppProps {
  readonly config: PageConfig;
  readonly desk: Desk;
  readonly tongues: readonly Tongue[];
  /** How the demo link's enrolment goes, when the page was opened by one. */
  readonly note: "sending" | "used" | "failed" | undefined;
  /** What unlocks a demo's device. */
  readonly pass: string | undefined;
  readonly training?: TrainingSide;
  /** A training was broken off because somebody waits. */
  readonly cut?: boolean;
  readonly onTrain?: (lang: string, alias: string) => Promise<void>;
}

/** What outlives the page that a lock takes away. */
interface Kept {
  readonly signedOut: boolean;
  /** What was being written before, once it has been unsealed. */
  readonly memo: Memo | undefined;
}

/**
 * The page is made anew when the desk is locked and unlocked: whatever the one before still held of a conversation goes
 * with it.
 */
export function App(props: AppProps) {
  const locked = useDesk(props.desk).phase === "locked";
  const [kept, keep] = useState<Kept>({ signedOut: false, memo: undefined });
  return <Page key={locked ? "locked" : "open"} {...props} kept={kept} keep={keep} />;
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the screens have an issue of their own
function Page({
  config,
  desk,
  tongues,
  note,
  pass,
  training,
  cut,
  onTrain,
  kept,
  keep,
}: AppProps & { readonly kept: Kept; readonly keep: (kept: Kept) => void }) {
  const view = useDesk(desk);
  const now = useNow();
  const [prefs, keepPrefs] = useState<Prefs>(() => readPrefs(() => localStorage));
  const [selected, setSelected] = useState<string>();
  const [held, setHeld] = useState<{ readonly id: string; readonly why: "again" | "hold" }>();
  const [panel, showPanel] = useState<Panel>();
  const [card, showCard] = useState(false);
  const [first, setFirst] = useState<string>();
  const [covered, setCovered] = useState(false);
  const [closing, setClosing] = useState(false);
  const [said, setSaid] = useState({ text: "", turn: 0 });
  const [drafts, setDrafts] = useState<ReadonlyMap<string, string>>(new Map());

  const tongue = tongueOf(tongues, prefs.lang);
  const { say } = tongue;
  const announce = useCallback((text: string) => setSaid(({ turn }) => ({ text, turn: turn + 1 })), []);
  const setPrefs = useCallback(
    (change: Partial<Prefs>) =>
      keepPrefs((old) => {
        const next = { ...old, ...change };
        if (!training) writePrefs(() => localStorage, next);
        return next;
      }),
    [training],
  );
  const probing = useProbes(config, desk, view.cases, training !== undefined);
  const context: ConsoleContext = useMemo(
    () => ({
      config,
      desk,
      tongue,
      tongues,
      prefs,
      setPrefs,
      now,
      announce,
      probing,
      training: training !== undefined,
    }),
    [config, desk, tongue, tongues, prefs, setPrefs, now, announce, probing, training],
  );
  useNews(view, say, prefs, announce, training !== undefined);

  useLayoutEffect(() => {
    if (!training) return;
    document.documentElement.setAttribute("data-training", "");
    return () => document.documentElement.removeAttribute("data-training");
  }, [training]);
  // The page changes under whoever pressed, or was called away.
  useLayoutEffect(() => {
    if (training || cut) document.getElementById("main")?.focus();
  }, []);

  useEffect(() => {
    document.documentElement.lang = tongue.tag;
    // A browser that translates sends the page to its maker.
    document.documentElement.translate = false;
  }, [tongue]);

  const enrolled = view.phase === "offline" || view.phase === "online" || view.phase === "stopped";
  const open = view.cases.find((one) => one.id === selected);
  const rules = rulesOf(config);
  const mine = view.cases.filter((one) => one.state === "mine");
  const alias = view.device?.alias ?? "";
  const beside = useMedia("(min-width: 72rem)");
  const place = placeOf(panel);
  const away = useLasting(view.phase === "offline", 4000);

  // A screen that nobody looks at, or that somebody else may look at next, shows nothing until it is asked to.
  useEffect(() => {
    const hide = () => {
      if (document.hidden && enrolled) cover();
    };
    document.addEventListener("visibilitychange", hide);
    return () => document.removeEventListener("visibilitychange", hide);
  }, [enrolled]);

  // What is written goes into the vault before its key goes: afterwards nothing readable is left on this page.
  const lock = (signedOut = false) => {
    if (training) return Promise.resolve(training.onLeave());
    const memo = writeMemo({ selected, drafts });
    keep({ signedOut, memo: undefined });
    return desk.lock(memo).catch(() => undefined);
  };
  const latestLock = useRef(lock);
  latestLock.current = lock;
  useEffect(() => {
    if (!enrolled) return;
    return watchIdle({ after: () => prefs.idle * 60_000, lock: () => void latestLock.current(), soon: setClosing });
  }, [enrolled, prefs.idle]);

  useEffect(() => {
    const { memo } = kept;
    if (!memo) return;
    setDrafts((old) => new Map([...memo.drafts, ...old]));
    setSelected((old) => old ?? memo.selected);
  }, [kept.memo]);

  // What is said here stays here. Nothing can hinder a photograph; a copy of everything by two keys is another thing.
  // Fields are the writer's own.
  useEffect(() => {
    const refuse = (event: Event) => {
      if (!(event.target instanceof Element && event.target.closest("input, textarea"))) event.preventDefault();
    };
    const kinds = ["copy", "cut", "dragstart"] as const;
    for (const kind of kinds) document.addEventListener(kind, refuse);
    return () => {
      for (const kind of kinds) document.removeEventListener(kind, refuse);
    };
  }, []);

  const train =
    onTrain && (() => onTrain(tongue.tag, alias || say("desk.train.alias")).catch(() => announce(say("desk.failed"))));
  const writing = [...drafts.values()].some((text) => text.trim() !== "");
  useEffect(() => {
    if (!writing) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [writing]);

  /** `key`: the reply that the phrasebook begins with. */
  function setPanel(next: Panel | undefined, key?: string) {
    setFirst(key);
    // On a small screen there is room for one thing at a time.
    if (!beside) showCard(false);
    showPanel(next);
  }

  function cover() {
    setPanel(undefined);
    showCard(false);
    setCovered(true);
  }

  function back() {
    const from = selected;
    setSelected(undefined);
    if (from !== undefined)
      requestAnimationFrame(() => (rowOf(from) ?? document.querySelector<HTMLElement>("[data-case]"))?.focus());
  }

  function claim() {
    if (open?.state !== "waiting") return;
    const may = claiming({
      one: open,
      rules,
      mine: mine.length,
      alias,
      duty: view.duty,
      now: Date.now() / 1000,
      pressed: held?.id === open.id,
    });
    setHeld(may === "go" ? undefined : { id: open.id, why: may });
    if (may === "go") desk.claim(open.id).catch(() => announce(say("desk.failed")));
  }

  function end() {
    setPanel(undefined);
    if (open?.state === "mine") desk.end(open.id).catch(() => announce(say("desk.failed")));
  }

  function write(id: string, text: string) {
    setDrafts((old) => new Map(old).set(id, text));
  }

  function forget(id: string) {
    setDrafts((old) => new Map([...old].filter(([of]) => of !== id)));
  }

  function act(action: Action): boolean {
    if (action !== "cover" && (covered || panel !== undefined || (card && !beside))) return false;
    switch (action) {
      case "cover":
        if (covered) setCovered(false);
        else cover();
        return true;
      case "lock":
        void lock();
        return true;
      case "next":
      case "previous": {
        const at =
          (document.activeElement as HTMLElement | null)?.closest<HTMLElement>("[data-case]")?.dataset["case"] ??
          selected;
        const to = neighbour(view.cases, at, action === "next" ? 1 : -1);
        const row = to === undefined ? undefined : rowOf(to);
        row?.focus();
        return row !== undefined;
      }
      case "claim":
        claim();
        return open?.state === "waiting";
      case "write": {
        const box = document.querySelector<HTMLElement>("#composer");
        box?.focus();
        return box !== null;
      }
      case "phrases":
        if (open?.state === "mine") setPanel("phrases");
        return open?.state === "mine";
      case "end":
        if (open?.state === "mine") setPanel("end");
        return open?.state === "mine";
      case "card":
        showCard(!card);
        return true;
      case "keys":
        setPanel("keys");
        return true;
      case "back":
        if (card) {
          showCard(false);
          return true;
        }
        if (selected === undefined) return false;
        back();
        return true;
    }
  }

  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!enrolled) return;
    const press = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : document.body;
      const action = actionFor(
        {
          key: event.key,
          modified: event.ctrlKey || event.altKey || event.metaKey,
          typing: target.closest("input, textarea, select, [contenteditable]") !== null,
          inList: target.closest("[data-list]") !== null,
        },
        prefs.singles,
      );
      if (action !== undefined && latest.current(action)) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [enrolled, prefs.singles]);

  function content() {
    if (view.phase === "new" && note !== "sending") return <NewDevice onTrain={train} />;
    if (view.phase === "new" || view.phase === "enrolling")
      return <Enrolling request={view.request ?? ""} alias={alias} note={note} onTrain={train} />;
    if (view.phase === "locked")
      return (
        <LockScreen
          view={view}
          signedOut={kept.signedOut}
          pass={pass}
          onUnlocked={(text) => keep({ signedOut: false, memo: readMemo(text) })}
        />
      );
    if (covered) return <Cover cases={view.cases} onShow={() => setCovered(false)} onLock={() => void lock()} />;
    return (
      <main id="main" class="desk" tabIndex={-1} data-pane={open ? "case" : "list"}>
        <Queue cases={view.cases} selected={open?.id} onOpen={setSelected} current={view.phase === "online"} />
        {open ? (
          <Conversation
            key={open.id}
            one={open}
            alias={alias}
            mineCount={mine.length}
            full={full({ rules, mine: mine.length })}
            held={held?.id === open.id ? held.why : undefined}
            draft={{ text: drafts.get(open.id) ?? "", set: (text) => write(open.id, text) }}
            onCleared={() => {
              forget(open.id);
              back();
            }}
            onClaim={claim}
            onEnd={() => setPanel("end")}
            onPhrases={() => setPanel("phrases")}
            after={training?.after(open)}
          />
        ) : (
          <div class="conversation none">
            <p class="empty">{say("desk.case.none")}</p>
            {prefs.singles && <p class="hint">{say("desk.case.none.keys")}</p>}
          </div>
        )}
        {card && beside && helpCard}
      </main>
    );
  }

  const helpCard = (
    <Card
      beside={beside}
      onClose={() => showCard(false)}
      onReply={open?.state === "mine" ? (key) => setPanel("phrases", key) : undefined}
    />
  );

  return (
    <ConsoleProvider value={context}>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads somewhere on this page, with and without the script */}
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The fragment says which device this tab is: a jump must not overwrite it.
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        {say("desk.skip")}
      </a>
      <Bar
        view={view}
        enrolled={enrolled}
        covered={covered}
        open={open !== undefined}
        onBack={back}
        onMenu={() => setPanel("menu")}
        card={card}
        onCard={() => showCard(!card)}
        onCover={() => act("cover")}
      />
      {training?.band()}
      <div role="alert">
        {cut && isCalled(view) && (
          <div class="notice warn">
            <p class="strong">{say("desk.train.cut")}</p>
          </div>
        )}
      </div>
      {view.phase !== "locked" && !training && <Notices view={view} away={away} closing={closing} />}
      {content()}
      <div class="hidden" role="status" aria-live="polite">
        <span key={said.turn}>{said.text}</span>
      </div>
      {panel === "menu" && (
        <Menu
          view={view}
          onClose={() => setPanel(undefined)}
          onGo={setPanel}
          onTrain={train}
          busy={writing || isCalled(view)}
          onLock={() => void lock()}
          onSignOut={() => void lock(true).then(() => desk.stop())}
        />
      )}
      {place && (
        <Dialog key={place.id} title={say(`desk.place.${place.id}`)} onClose={() => setPanel(undefined)}>
          <place.Body view={view} onClose={() => setPanel(undefined)} />
        </Dialog>
      )}
      {card && !beside && !covered && enrolled && helpCard}
      {panel === "phrases" && (
        <Phrasebook
          one={open?.state === "mine" ? open : undefined}
          alias={alias}
          first={first}
          onClose={() => setPanel(undefined)}
        />
      )}
      {panel === "end" && open && <EndQuestion onEnd={end} onClose={() => setPanel(undefined)} />}
    </ConsoleProvider>
  );
}

function rowOf(id: string): HTMLElement | undefined {
  const row = document.querySelector<HTMLElement>(`[data-case="${CSS.escape(id)}"]`);
  // A list that is not on the screen (a phone shows one thing at a time) cannot take the focus.
  return row !== null && row.offsetParent !== null ? row : undefined;
}
