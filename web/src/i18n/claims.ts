/**
 * Which sentences may stand. A sentence in i18n/claims.json is a promise: it needs a safety claim that holds, a value
 * that the kommun has given, or a telephone number that is still verified. Without it the sentence's alternative stands
 * there, or nothing.
 */
import table from "../../../i18n/claims.json";

interface Condition {
  readonly claim?: string;
  readonly slot?: string;
  readonly number?: string;
  readonly alt?: string;
}

/** What holds now, from the page's configuration. */
export interface Facts {
  readonly claims: readonly string[];
  readonly slots: Readonly<Record<string, string>>;
  /** Ids of the telephone numbers that may be shown. */
  readonly numbers: readonly string[];
}

export const conditions: Readonly<Record<string, Condition>> = table;

/** The key to show for `key`, which may be that of its alternative; undefined where nothing may be said. */
export function allowed(key: string, facts: Facts): string | undefined {
  const condition = Object.prototype.hasOwnProperty.call(conditions, key) ? conditions[key] : undefined;
  if (!condition || holds(condition, facts)) return key;
  return condition.alt === undefined ? undefined : allowed(condition.alt, facts);
}

function holds({ claim, slot, number }: Condition, facts: Facts): boolean {
  if (claim !== undefined && !facts.claims.includes(claim)) return false;
  if (slot !== undefined && !facts.slots[slot]) return false;
  return number === undefined || facts.numbers.includes(number);
}
