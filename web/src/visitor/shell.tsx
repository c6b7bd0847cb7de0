/** What stands on every screen: the way out, 112, the language, the limits of secrecy and the telephone. */
import type { ComponentChildren } from "preact";
import { usePage } from "./page.ts";
import { door, presses } from "./exit.ts";
import { Languages } from "./languages.tsx";
import { open } from "./model.ts";
import { dial, emergency } from "./say.ts";

export function Shell({
  children,
  links = "below",
}: {
  readonly children: ComponentChildren;
  readonly links?: "above" | "below";
}) {
  const {
    texts: { t, tag },
    model,
    config,
  } = usePage();
  return (
    <>
      <Top />
      <div class="column">
        {links === "above" && <Links />}
        <main>
          {config.demo && (
            <p class="practice">
              {t("start.demo")} {config.languages.some((one) => one.draft && one.tag === tag) && t("start.draft.p")}
            </p>
          )}
          {model.practice && <p class="practice">{t("practice.bar")}</p>}
          {children}
        </main>
        {links === "below" && <Links />}
      </div>
    </>
  );
}

function Top() {
  const {
    texts: { t },
    pressed,
  } = usePage();
  return (
    <header class="top">
      <a class="leave" href={door} rel="nofollow noreferrer">
        {t("exit.button")}
        {pressed > 0 && (
          <span class="dots" aria-hidden="true">
            {"●".repeat(pressed)}
            {"○".repeat(presses - pressed)}
          </span>
        )}
      </a>
      <p class="danger">
        <a href={dial(emergency)} aria-describedby="trace">
          {t("danger.bar")}
        </a>
      </p>
    </header>
  );
}

function Links() {
  const {
    texts: { t },
    go,
    model,
  } = usePage();
  return (
    <footer class="links">
      {model.over !== "limits" && (
        <button type="button" class="link" onClick={() => go((m) => open(m, "limits"))}>
          {t("start.limits")}
        </button>
      )}
      {model.over !== "numbers" && (
        <button type="button" class="link" onClick={() => go((m) => open(m, "numbers"))}>
          {t("start.call")}
        </button>
      )}
      {model.over !== "access" && (
        <button type="button" class="link" onClick={() => go((m) => open(m, "access"))}>
          {t("acc.h1")}
        </button>
      )}
      {(model.screen !== "start" || model.over) && <Languages />}
      <p id="trace" class="small">
        {t("call.trace")}
      </p>
    </footer>
  );
}

/** A column of sentences; those that may not be said are left out. */
export function Sentences({ keys }: { readonly keys: readonly string[] }) {
  const { say } = usePage();
  return <>{keys.map((key) => say(key)).map((text, i) => text && <p key={keys[i]}>{text}</p>)}</>;
}
