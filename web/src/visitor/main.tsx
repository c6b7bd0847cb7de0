/** Entry of the visitor's page. The page that the server rendered stays until the program can take its place. */
import { render } from "preact";
import { readConfig } from "../config.ts";
import { App } from "./app.tsx";
import { newCatalogs } from "./catalogs.ts";
import { ignoreDoubled } from "./doubled.ts";
import { newEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { leave, watchShift } from "./exit.ts";
import { supported } from "./features.ts";
import { watchStatus } from "./status.ts";

void begin(document);

async function begin(doc: Document): Promise<void> {
  const config = readConfig(doc);
  const catalogs = newCatalogs(config);
  const texts = await catalogs.first();
  const able = supported(globalThis);
  const engine = newEngine(async () => (await import("../conversation/visitor.ts")).newVisitor({ config }));
  let spoken = texts;
  const out = (): void => leave(doc, config.leave, spoken.t("exit.overlay"), () => engine.wipe());
  // A copy of the page that the browser kept for «back» must show nothing, and a wiped conversation cannot go on.
  addEventListener("pagehide", () => {
    engine.wipe();
    doc.body.replaceChildren();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  ignoreDoubled(doc);
  const root = doc.getElementById("app");
  if (!root) return;
  // Translation by the browser would send what is on the screen to a third party.
  doc.documentElement.translate = false;
  root.replaceChildren();
  render(
    <App config={config} texts={texts} engine={engine} supported={able} watchStatus={watchStatus} whole={catalogs.whole} load={catalogs.load} leave={out}
      watchShift={(say) => watchShift(doc, say, out)}
      spoken={(now) => {
        spoken = now;
        doc.documentElement.lang = now.tag;
        doc.documentElement.dir = now.dir;
      }} />,
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
