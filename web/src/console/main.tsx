import { render } from "preact";
import { type PageConfig, readConfig } from "../config.ts";
import type { Desk } from "../conversation/api.ts";
import { newDesk, storedDevices } from "../conversation/desk.ts";
import { type Catalog, newTexts } from "../i18n/index.ts";
import { App } from "./app.tsx";
import { Choose } from "./enrol.tsx";
import { type Fragment, readFragment, writeFragment } from "./fragment.ts";
import { type Tongue, tongueOf } from "./phrases.ts";
import { readPrefs } from "./prefs.ts";

const root = document.getElementById("app") ?? document.body.appendChild(document.createElement("div"));

/** Every language at once: which of them a visitor speaks must not show in what this page loads. */
async function loadTongues(config: PageConfig): Promise<readonly Tongue[]> {
  return Promise.all(
    config.languages.map(async (language) => {
      const answer = await fetch(language.catalog);
      if (!answer.ok) throw new Error(`the catalog of ${language.tag} did not load`);
      const { tag, dir, t, has } = newTexts({ ...((await answer.json()) as Catalog), ...config.words?.[language.tag] }, language);
      return { tag, dir, say: t, has };
    }),
  );
}

/** Hands the demo's enrolment request in. The token is in the page's fragment, which no server has seen. */
async function handIn(token: string, request: string): Promise<"sending" | "used" | "failed"> {
  try {
    const answer = await fetch("/enrol", { method: "POST", headers: { "Content-Type": "text/plain" }, body: `${token}\n${request}` });
    return answer.status === 204 ? "sending" : answer.status === 410 ? "used" : "failed";
  } catch {
    return "failed";
  }
}

function keepFragment(fragment: Fragment): void {
  history.replaceState(null, "", writeFragment(fragment) || location.pathname);
}

/** Resolves with the stored device to use, or undefined for a new one. */
async function chooseDevice(config: PageConfig, tongues: readonly Tongue[], fragment: Fragment): Promise<string | undefined> {
  if (fragment.device !== undefined || fragment.enrol !== undefined) return fragment.device;
  const stored = await storedDevices(config);
  if (stored.length <= 1) return stored[0]?.id;
  const tongue = tongueOf(tongues, readPrefs(() => localStorage).lang);
  document.documentElement.lang = tongue.tag;
  return new Promise((resolve) => {
    const onChoose = (id: string | undefined) => {
      render(null, root);
      resolve(id);
    };
    render(<Choose stored={stored} say={tongue.say} onChoose={onChoose} />, root);
  });
}

async function boot(): Promise<void> {
  const config = readConfig(document);
  const tongues = await loadTongues(config);
  const found = readFragment(location.hash);
  const { enrol: token, ...rest } = found;
  const fragment: Fragment = config.demo ? found : rest;
  const device = await chooseDevice(config, tongues, fragment);
  const desk = await newDesk(config, device === undefined ? {} : { device });

  let note: "sending" | "used" | "failed" | undefined = config.demo && token !== undefined ? "sending" : undefined;
  const draw = () => render(<App config={config} desk={desk} tongues={tongues} note={note} />, root);
  draw();
  keepDevice(desk, note === undefined ? undefined : token);
  if (desk.view.phase !== "new") await desk.start();
  if (note === undefined || token === undefined) return;

  if (desk.view.phase === "new") {
    await desk.enrol(fragment.alias ?? "Demo", config.languages.map((one) => one.tag));
    await desk.start();
  }
  // A reload between making the keys and handing them in finds both in the fragment, and goes on with the same keys.
  if (desk.view.phase === "enrolling") note = await handIn(token, desk.view.request ?? "");
  const id = desk.view.device?.id;
  if (id !== undefined && note !== "failed") keepFragment({ device: id });
  draw();
}

/** Writes into the fragment which device this tab is, as soon as it is known, with the demo's token while that is not spent. */
function keepDevice(desk: Desk, token: string | undefined): void {
  let known: string | undefined;
  const keep = () => {
    const id = desk.view.device?.id;
    if (id === undefined || id === known) return;
    known = id;
    keepFragment(token === undefined ? { device: id } : { device: id, enrol: token });
  };
  keep();
  desk.subscribe(keep);
}

// Before the catalogs are there, no sentence of theirs can be shown: this one stands in both languages.
function giveUp(): void {
  const note = document.createElement("main");
  note.className = "page";
  for (const [lang, text] of [
    ["sv", "Sidan kunde inte laddas. Kontrollera nätet och ladda om sidan. Fortsätter det: ring den som sköter servern."],
    ["en", "The page could not load. Check the network and reload the page. If it goes on: call whoever runs the server."],
  ] as const) {
    const line = document.createElement("p");
    line.lang = lang;
    line.textContent = text;
    note.append(line);
  }
  render(null, root);
  root.append(note);
}

boot().catch(giveUp);
