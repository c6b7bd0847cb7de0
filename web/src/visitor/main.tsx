/** Entry of the visitor's page. The page that the server rendered stays until the program can take its place. */
import { render } from "preact";
import { readConfig } from "../config.ts";
import type { Texts } from "../i18n/index.ts";
import { App } from "./app.tsx";
import { newCatalogs } from "./catalogs.ts";
import { newCover } from "./cover.ts";
import { ignoreDoubled } from "./doubled.ts";
import { newEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import type { Later } from "./later.ts";
import { leave, watchLinks, watchShift } from "./exit.ts";
import type { Pressed } from "./exit.ts";
import { supported } from "./features.ts";
import { followVisible } from "./fit.ts";
import { watchIdle } from "./idle.ts";
import { watchStatus } from "./status.ts";
import { tabStore } from "./tab.ts";

void begin(document);

async function begin(doc: Document): Promise<void> {
  const config = readConfig(doc);
  let later: Later | undefined;
  const engine = newEngine(async () => {
    const loaded = await import("./later.ts");
    later = loaded;
    return loaded.newVisitor({ config });
  });
  let spoken: Texts | undefined;
  let press = (_: Pressed): void => undefined;
  // The way out is quick before anything else is there.
  const out = (): void =>
    leave(doc, { to: config.leave, overlay: spoken?.t("exit.overlay") ?? "", forget: () => engine.leave() });
  watchLinks(doc, out);
  watchShift(doc, (pressed) => press(pressed), out);
  // A copy of the page that the browser kept for «back» must show nothing, and a wiped conversation cannot go on.
  addEventListener("pagehide", () => {
    // What was to outlive a reload is sealed in the tab; wiping would take it away.
    if (!engine.stays) engine.wipe();
    doc.body.replaceChildren();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  const catalogs = newCatalogs(config);
  const texts = await catalogs.first();
  const able = supported(globalThis);
  ignoreDoubled(doc);
  followVisible(window);
  const root = doc.getElementById("app");
  if (!root) return;
  // Translation by the browser would send what is on the screen to a third party.
  doc.documentElement.translate = false;
  root.replaceChildren();
  const cover = newCover(doc);
  render(
    <App
      config={config}
      texts={texts}
      engine={engine}
      later={() => later}
      store={tabStore(() => sessionStorage)}
      supported={able}
      watchStatus={watchStatus}
      whole={catalogs.whole}
      load={catalogs.load}
      watchShift={(hear) => (press = hear)}
      watchIdle={(ask) => watchIdle(doc, ask, cover.up)}
      spoken={(now) => {
        spoken = now;
        cover.speak(now);
        const skip = doc.querySelector(".skip");
        if (skip) skip.textContent = `${now.t("exit.button")}. ${now.t("info.kbd")}`;
        doc.documentElement.lang = now.tag;
        doc.documentElement.dir = now.dir;
      }}
    />,
    root,
  );
  if (able) whenIdle(engine);
}

/** Always, and whatever is answered: a load that came only for some would tell who they are. */
function whenIdle(engine: Engine): void {
  const start = (): void => engine.prepare();
  if (typeof requestIdleCallback === "function") requestIdleCallback(start, { timeout: 2000 });
  else setTimeout(start, 300);
}
