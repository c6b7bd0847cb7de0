/** The whole page on a document without a browser, moved by taps, and read as a person would. */
import { readFileSync } from "node:fs";
import { render } from "preact";
import { expect } from "vitest";
import type { Status } from "../../src/config.ts";
import type { TabStore } from "../../src/conversation/api.ts";
import { newTexts } from "../../src/i18n/index.ts";
import type { Catalog, Texts } from "../../src/i18n/index.ts";
import { App } from "../../src/visitor/app.tsx";
import { newEngine } from "../../src/visitor/engine.ts";
import * as later from "../../src/visitor/later.ts";
import type { Pressed } from "../../src/visitor/exit.ts";
import type { Known } from "../../src/visitor/status.ts";
import { Seen, settled } from "./dom.ts";
import { coded } from "../returncode/lists.ts";
import { config, newHand, open } from "./hand.ts";
import type { Hand } from "./hand.ts";

const catalog = (file: string): Catalog =>
  JSON.parse(readFileSync(new URL(`../../../i18n/catalog/${file}.json`, import.meta.url), "utf8")) as Catalog;
const firstNames = JSON.parse(
  readFileSync(new URL("../../../i18n/first.json", import.meta.url), "utf8"),
) as readonly string[];
export function texts(tag: string, first = false): Texts {
  const all = Object.entries({ ...catalog(tag), ...catalog(`phrases.${tag}`), words: coded(tag) });
  const named = (key: string): boolean =>
    firstNames.some((name) => (name.endsWith(".") ? key.startsWith(name) : key === name));
  return newTexts(Object.fromEntries(first ? all.filter(([key]) => named(key)) : all), tag, (what) => {
    throw new Error(what);
  });
}

export class Page {
  readonly root = new Seen(document.body.appendChild(document.createElement("div")));
  readonly hand: Hand;
  readonly loads: string[] = [];
  press: (pressed: Pressed) => void = () => undefined;
  ask: (asking: boolean) => void = () => undefined;
  texts: Texts;

  constructor(hand: Hand, tag: string, first = false) {
    this.hand = hand;
    this.texts = texts(tag, first);
  }
  get read(): string {
    // On every screen, in every state: the way out and 112 come first.
    const links = this.root.named("a");
    expect(links[0]?.element.textContent).toBe(this.texts.t("exit.button"));
    expect(links[0]?.get("href")).toBe("/lamna");
    expect(links[0]?.get("rel")).toBe("nofollow noreferrer");
    expect(links[1]?.element.textContent).toBe(this.texts.t("danger.bar"));
    expect(this.root.named("h1")).toHaveLength(1);
    expect(this.root.named("form")).toHaveLength(0);
    expect(this.root.named("[style]")).toHaveLength(0);
    return this.root.read;
  }
  says(key: string, slots = {}): void {
    expect(this.read).toContain(this.texts.t(key, slots));
  }
  silent(key: string, slots = {}): void {
    expect(this.read).not.toContain(this.texts.t(key, slots));
  }
  find(key: string, slots = {}): Seen {
    const label = this.texts.t(key, slots);
    const found = this.root
      .named("button")
      .find((button) => button.read === label || button.read.startsWith(`${label}:`));
    if (!found) throw new Error(`no button «${label}» in: ${this.root.read}`);
    return found;
  }
  async tap(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.find(key, key === "place.here" ? { kommun: config.kommun.name } : {}).click();
      await settled();
    }
  }
  async write(text: string): Promise<void> {
    this.root.named("textarea")[0]!.fill(text);
    await settled();
  }
}

/** A tab's storage that is not the browser's. */
export function memoryStore(value?: string): TabStore {
  return { get: () => value, set: (next) => void (value = next), erase: () => void (value = undefined) };
}

export async function page({
  status = open,
  tag = "sv",
  hand = newHand(),
  ...rest
}: {
  status?: Status | null;
  tag?: string;
  hand?: Hand;
  claims?: string[];
  slots?: Record<string, string>;
  supported?: boolean;
  numbers?: typeof config.numbers;
  first?: boolean;
  demo?: boolean;
  whole?: () => Promise<Texts>;
  store?: TabStore;
} = {}): Promise<Page> {
  const at = new Page(hand, tag, rest.first);
  const engine = newEngine(() => Promise.resolve(hand));
  const facts = {
    claims: rest.claims ?? [],
    slots: rest.slots ?? {},
    numbers: rest.numbers ?? config.numbers,
    demo: rest.demo ?? false,
  };
  render(
    <App
      config={{ ...config, ...facts }}
      texts={at.texts}
      engine={engine}
      later={() => later}
      store={rest.store ?? memoryStore()}
      supported={rest.supported ?? true}
      watchStatus={(hear: (status: Known) => void) => hear(status)}
      {...(rest.whole && { whole: rest.whole })}
      load={(to) => {
        at.loads.push(to);
        return Promise.resolve((at.texts = texts(to)));
      }}
      watchShift={(hear) => (at.press = hear)}
      watchIdle={(ask) => (at.ask = ask)}
      spoken={() => undefined}
    />,
    at.root.element,
  );
  engine.prepare();
  await settled();
  return at;
}
