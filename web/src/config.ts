import type { Flow } from "./flow/flow.ts";

/**
 * What the server writes into each page as `<script type="application/json" id="config">`.
 * It holds nothing about the person who loads it. The Go twin is `web.PageConfig`.
 */
export interface PageConfig {
  readonly kommun: { readonly id: string; readonly name: string };
  /** Pinned team keys, as note verifier keys (spec/protocol.md §6.1). */
  readonly pins: readonly string[];
  /** The origin a device signs into its login, such as `https://svar.example.se`. */
  readonly origin: string;
  readonly retention: { readonly liveHours: number; readonly messageDays: number };
  readonly numbers: readonly PhoneNumber[];
  /** Safety claims that hold now: a sentence that needs one that is absent is replaced by its alternative. */
  readonly claims: readonly string[];
  /** Values for placeholders in alternatives, such as the days that the kommun's network keeps addresses. */
  readonly slots: Readonly<Record<string, string>>;
  /**
   * Other kommuner whose coordinators may be proposed to a visitor, with their pinned team keys. Absent where there is
   * none.
   */
  readonly partners?: readonly PartnerKommun[];
  /** Where «Leave this page now» goes. */
  readonly leave: string;
  /** Languages offered, the default first. */
  readonly languages: readonly PageLanguage[];
  /** Pages that belong to the kommun, by purpose: `report` is where a report of concern is made. */
  readonly links: Readonly<Record<string, string>>;
  /** The public half of the probe key (spec §8.6); on the console alone, and absent where there is none. */
  readonly probe?: string;
  /** What the kommun asks of whoever is on duty; on the console alone. */
  readonly duty?: DutyRules;
  /** True in `utvag demo` only. */
  readonly demo: boolean;
  /** The kommun's own questions, which stand in for those of the release. */
  readonly flow?: Flow;
  /** The kommun's own sentences by language and key, which stand in for those of the catalogs. */
  readonly words?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface DutyRules {
  /** How many conversations one person should have at once. */
  readonly atOnce: number;
  /** The lengths of a break that are offered, in minutes. */
  readonly breaks: readonly number[];
}

/** A kommun that another one works with. Its directory is `/directory/<id>`. */
export interface PartnerKommun {
  readonly id: string;
  readonly name: string;
  readonly pins: readonly string[];
}

/** A language with the asset paths of its catalog. */
export interface PageLanguage {
  readonly tag: string;
  /** The language's own name for itself. */
  readonly name: string;
  readonly dir: "ltr" | "rtl";
  /** The language whose plural rule it takes. */
  readonly plural: string;
  /** Nobody has answered for the translation; a demo says so. */
  readonly draft: boolean;
  /** What the first screen says; on the console, all of it. */
  readonly catalog: string;
  /** The rest; empty where there is none. */
  readonly rest: string;
}

/** A telephone number that was verified within its time; the server drops the others. */
export interface PhoneNumber {
  /** `emergency`, `police`, `children`, `suicide`, `kommun`, … */
  readonly id: string;
  /** Name by language tag. */
  readonly label: Readonly<Record<string, string>>;
  /** As shown: `114 14`. */
  readonly number: string;
  /** When it answers, by language tag; may be empty. */
  readonly hours: Readonly<Record<string, string>>;
  /** ISO date on which somebody verified it. */
  readonly verified: string;
}

/** `GET /status`: the same answer for everyone at that moment; refreshed at most every five minutes. */
export interface Status {
  /** At least one coordinator is signed in now. */
  readonly reachable: boolean;
  /** It is within the kommun's hours. */
  readonly within: boolean;
  /** When the present hours end, `21:00`; empty outside hours. */
  readonly closes: string;
  /** When the next hours begin; absent when none are configured. `inDays` 0 is today. */
  readonly opens?: { readonly inDays: number; readonly weekday: number; readonly time: string };
  /** At least one device has a key package for today, so that a message can be left. */
  readonly ready: boolean;
  /** The relay's clock, Unix seconds. */
  readonly time: number;
}

export function readConfig(doc: Document): PageConfig {
  const element = doc.getElementById("config");
  if (!element?.textContent) throw new Error("the page has no configuration");
  return JSON.parse(element.textContent) as PageConfig;
}
