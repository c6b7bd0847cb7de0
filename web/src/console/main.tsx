import { render } from "preact";
import { type PageConfig, readConfig } from "../config.ts";
import type { Desk } from "../conversation/api.ts";
import { newDesk } from "../conversation/desk/desk.ts";
import { storedDevices, vaultName } from "../conversation/desk/devices.ts";
import { newPassphraseKey, passphraseKey } from "../conversation/vault/keys.ts";
import { suggestPassphrase } from "../conversation/vault/passphrase.ts";
import { makeSafe, openSafe, safeState } from "../conversation/vault/safe.ts";
import { type Catalog, newTexts } from "../i18n/index.ts";
import { Root } from "./root.tsx";
import { Choose, type Stored } from "./enrol.tsx";
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
      const { tag, dir, t, has } = newTexts(
        { ...((await answer.json()) as Catalog), ...config.words?.[language.tag] },
        language,
      );
      return { tag, dir, say: t, has };
    }),
  );
}

/** Hands the demo's enrolment request in. The token is in the page's fragment, which no server has seen. */
async function handIn(token: string, request: string): Promise<"sending" | "used" | "failed"> {
  try {
    const answer = await fetch("/enrol", {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: `${token}\n${request}`,
    });
    return answer.status === 204 ? "sending" : answer.status === 410 ? "used" : "failed";
  } catch {
    return "failed";
  }
}

function keepFragment(fragment: Fragment): void {
  history.replaceState(null, "", writeFragment(fragment) || location.pathname);
}

/** Resolves with the stored device to use, or undefined for a new one. */
async function chooseDevice(
  config: PageConfig,
  tongues: readonly Tongue[],
  fragment: Fragment,
): Promise<Stored | undefined> {
  const stored = await storedDevices(config);
  if (fragment.device !== undefined || fragment.enrol !== undefined)
    return stored.find(({ id }) => id === fragment.device);
  if (stored.length <= 1) return stored[0];
  const tongue = tongueOf(tongues, readPrefs(() => localStorage).lang);
  document.documentElement.lang = tongue.tag;
  return new Promise((resolve) => {
    const onChoose = (id: string | undefined) => {
      render(null, root);
      resolve(stored.find((one) => one.id === id));
    };
    render(<Choose stored={stored} say={tongue.say} onChoose={onChoose} />, root);
  });
}

async function boot(): Promise<void> {
  const config = readConfig(document);
  const tongues = await loadTongues(config);
  const found = readFragment(location.hash);
  const { enrol: token, pass: given, ...rest } = found;
  const fragment: Fragment = config.demo ? found : rest;
  const stored = await chooseDevice(config, tongues, fragment);
  const desk = await newDesk(config, stored && { locked: stored });
  // Made here, and never sent: a demo signs in by itself, and its page says so.
  const pass = config.demo ? (given ?? (stored ? undefined : suggestPassphrase())) : undefined;

  let note: "sending" | "used" | "failed" | undefined = config.demo && token !== undefined ? "sending" : undefined;
  const draw = () => render(<Root config={config} desk={desk} tongues={tongues} note={note} pass={pass} />, root);
  draw();
  const kept = {
    ...(pass !== undefined && { pass }),
    ...(note !== undefined && token !== undefined && { enrol: token }),
  };
  keepDevice(desk, kept);
  if (stored && pass !== undefined) await unlockDemo(config, desk, stored.id, pass);
  if (note === undefined || token === undefined) return;

  if (desk.view.phase === "new" && pass !== undefined) {
    const key = await newPassphraseKey(pass);
    await desk.enrol(
      fragment.alias ?? "Demo",
      config.languages.map((one) => one.tag),
      (name) => makeSafe(name, key),
    );
    await desk.start();
  }
  // A reload between making the keys and handing them in finds both in the fragment, and goes on with the same keys.
  if (desk.view.phase === "enrolling") note = await handIn(token, desk.view.request ?? "");
  const id = desk.view.device?.id;
  if (id !== undefined && note !== "failed") keepFragment({ device: id, ...(pass !== undefined && { pass }) });
  draw();
}

async function unlockDemo(config: PageConfig, desk: Desk, device: string, pass: string): Promise<void> {
  const name = vaultName(config, device);
  const safe = await safeState(name);
  const lock = safe.state === "locked" ? safe.locks.find((one) => one.kind === "passphrase") : undefined;
  if (lock?.kind !== "passphrase") return;
  try {
    await desk.unlock(await openSafe(name, await passphraseKey(lock, pass)));
  } catch {
    // Another passphrase was set: the page asks for it.
  }
}

/** Writes into the fragment which device this tab is, as soon as it is known, with what a demo keeps there. */
function keepDevice(desk: Desk, rest: Fragment): void {
  let known: string | undefined;
  const keep = () => {
    const id = desk.view.device?.id;
    if (id === undefined || id === known) return;
    known = id;
    keepFragment({ device: id, ...rest });
  };
  keep();
  desk.subscribe(keep);
}

// Before the catalogs are there, no sentence of theirs can be shown: this one stands in both languages.
function giveUp(): void {
  const note = document.createElement("main");
  note.className = "page";
  for (const [lang, text] of [
    [
      "sv",
      "Sidan kunde inte laddas. Kontrollera nätet och ladda om sidan. Fortsätter det: ring den som sköter servern.",
    ],
    [
      "en",
      "The page could not load. Check the network and reload the page. If it goes on: call whoever runs the server.",
    ],
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
