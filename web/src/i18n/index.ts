/** Reads the catalogs of i18n/catalog; i18n/testdata/render.json holds this and the Go reader to the same results. */

/** Sentences by key; where a number decides the form, one for each CLDR plural category. */
export type Catalog = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/**
 * Values for placeholders. A sentence with plural forms takes the form of its first placeholder, which must be a
 * number.
 */
export type Slots = Readonly<Record<string, string | number>>;

/** What a language needs to be written in; i18n/languages.json has it for each. */
export interface Language {
  /** BCP 47 tag, for `lang`. */
  readonly tag: string;
  readonly dir: "ltr" | "rtl";
  /**
   * The language whose plural rule it takes. Every browser knows it; for one that it does not know it would take that
   * of the phone.
   */
  readonly plural: string;
}

export interface Texts extends Language {
  /** The sentence. What cannot be shown is replaced by `err.generic`, never by a key or a bare placeholder. */
  t(key: string, slots?: Slots): string;
  has(key: string): boolean;
}

const placeholder = /\{([a-z][a-z0-9_]*)\}/g;
const grouped = /[0-9]+(?:[ -][0-9]+)+/g;

/**
 * `fault` hears of each sentence that is missing or lacks a slot; tests throw there. A tag alone is a left-to-right
 * language with its own plural rule.
 */
export function newTexts(
  catalog: Catalog,
  language: Language | string,
  fault: (what: string) => void = () => undefined,
): Texts {
  const { tag, dir, plural } =
    typeof language === "string" ? { tag: language, dir: "ltr" as const, plural: language } : language;
  const rules = new Intl.PluralRules(plural);
  const rtl = dir === "rtl";

  function render(key: string, slots: Slots): string | undefined {
    const entry = own(catalog, key);
    if (entry === undefined) return undefined;
    const sentence = typeof entry === "string" ? entry : form(entry, slots, rules);
    if (sentence === undefined) return undefined;
    let whole = true;
    // In a right-to-left sentence, numbers in groups and what is not ours are ordered by themselves; i18n/isolate.go
    // says why.
    const text = (rtl ? sentence.replace(grouped, "\u2066$&\u2069") : sentence).replace(
      placeholder,
      (_, name: string) => {
        const value = own(slots, name);
        whole &&= value !== undefined;
        return rtl && typeof value === "string" ? `\u2068${value}\u2069` : String(value);
      },
    );
    return whole ? text : undefined;
  }

  return {
    tag,
    dir,
    plural,
    has: (key) => own(catalog, key) !== undefined,
    t(key, slots = {}) {
      const text = render(key, slots);
      if (text !== undefined) return text;
      fault(`${tag}: ${key} cannot be shown`);
      return render("err.generic", {}) ?? "";
    },
  };
}

function form(forms: Readonly<Record<string, string>>, slots: Slots, rules: Intl.PluralRules): string | undefined {
  const other = forms["other"];
  const name = other && placeholders(other)[0];
  const count = name ? own(slots, name) : undefined;
  return typeof count === "number" ? (forms[rules.select(count)] ?? other) : undefined;
}

/** The placeholders of a sentence, in the order of their first use. */
export function placeholders(sentence: string): readonly string[] {
  return [...new Set([...sentence.matchAll(placeholder)].map((match) => match[1] as string))];
}

/** A key such as `constructor` must not find what every object inherits. */
function own<T>(of: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(of, key) ? of[key] : undefined;
}
