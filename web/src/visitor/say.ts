/** Sentences with the kommun's values in them, and none that promises what does not hold. */
import type { PageConfig, PhoneNumber } from "../config.ts";
import { allowed } from "../i18n/claims.ts";
import type { Facts } from "../i18n/claims.ts";
import type { Slots, Texts } from "../i18n/index.ts";

/** The sentence that may stand for a key; undefined where none may. */
export type Say = (key: string, slots?: Slots) => string | undefined;

export function newSay(config: PageConfig, texts: Texts): Say {
  const facts = factsOf(config);
  const common: Slots = {
    kommun: config.kommun.name,
    hours: config.retention.liveHours,
    days: config.retention.messageDays,
  };
  return (key, slots) => {
    const standing = allowed(key, facts);
    if (standing === undefined) return undefined;
    return texts.t(standing, { ...common, ...own(standing, facts), ...slots });
  };
}

/** The kommun's own values are strings; the one that is counted must be a number. */
function own(key: string, facts: Facts): Slots {
  return key === "info.ip.alt" ? { days: Number(facts.slots["days"]) } : {};
}

function factsOf(config: PageConfig): Facts {
  const { days, ...slots } = config.slots;
  return {
    claims: config.claims,
    slots: days && /^\d{1,5}$/.test(days) ? { ...slots, days } : slots,
    numbers: config.numbers.map(({ id }) => id),
  };
}

/** 112 is the law's, not the kommun's: it stands on every screen even where no number is verified. */
export const emergency = "112";

/** Address of a call; only digits and a leading plus can be in it. */
export function dial(number: string): string {
  return `tel:${number.replace(/(?!^\+)\D/g, "")}`;
}

/** A text by language tag; the offered language that comes first stands in for one that nobody translated. */
export function inLanguage(of: Readonly<Record<string, string>>, config: PageConfig, tag: string): string {
  return of[tag] || of[config.languages[0]?.tag ?? ""] || "";
}

export function numbersOf(config: PageConfig, ids: readonly string[]): readonly PhoneNumber[] {
  return ids.flatMap((id) => config.numbers.filter((number) => number.id === id));
}
