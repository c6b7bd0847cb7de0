import { readFileSync } from "node:fs";
import type { Case, Intake, Line } from "../../src/conversation/api.ts";
import type { PageConfig } from "../../src/config.ts";
import { type Catalog, newTexts } from "../../src/i18n/index.ts";
import type { Tongue } from "../../src/console/phrases.ts";

export function catalogOf(name: string): Catalog {
  return JSON.parse(readFileSync(new URL(`../../../i18n/catalog/${name}.json`, import.meta.url), "utf8")) as Catalog;
}

/** The texts that the console loads for a language; a sentence that cannot be shown fails the test. */
export function tongueOf(tag: "sv" | "en"): Tongue {
  const texts = newTexts(
    { ...catalogOf(tag), ...catalogOf(`phrases.${tag}`), ...catalogOf(`desk.${tag}`) },
    tag,
    (what) => {
      throw new Error(what);
    },
  );
  return { tag, dir: texts.dir, say: texts.t, has: texts.has };
}

export function caseOf(id: string, more: Partial<Case> = {}): Case {
  return { id, since: 0, state: "waiting", priority: 2, lines: [], unread: 0, ...more };
}

export function intakeOf(answers: readonly (readonly [string, string])[], text = ""): Intake {
  return { lang: "sv", answers, text };
}

export function line(from: Line["from"], text: string): Line {
  return { id: text, from, text };
}

export const config: PageConfig = {
  kommun: { id: "botkyrka", name: "Botkyrka" },
  pins: [],
  origin: "https://svar.example.se",
  retention: { liveHours: 24, messageDays: 7 },
  numbers: [
    {
      id: "kommun",
      label: {},
      number: "08-000 00 00",
      hours: { sv: "vardagar 8–16", en: "weekdays 8–16" },
      verified: "2026-11-01",
    },
    { id: "children", label: {}, number: "116 111", hours: {}, verified: "2026-11-01" },
    { id: "police", label: {}, number: "114 14", hours: {}, verified: "2026-11-01" },
  ],
  claims: [],
  slots: {},
  leave: "https://example.se/",
  languages: [
    { tag: "sv", name: "Svenska", dir: "ltr", plural: "sv", draft: true, catalog: "/sv.json", rest: "" },
    { tag: "en", name: "English", dir: "ltr", plural: "en", draft: true, catalog: "/en.json", rest: "" },
  ],
  links: {},
  duty: { atOnce: 2, breaks: [10, 20, 30, 60] },
  demo: false,
};
