/** Reads the catalogs of i18n/catalog; i18n/testdata/render.json holds this and the Go reader to the same results. */

/** Sentences by key; where a number decides the form, one for each CLDR plural category. */
export type Catalog = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** Values for placeholders. A sentence with plural forms takes the form of its first placeholder, which must be a number. */
export type Slots = Readonly<Record<string, string | number>>;

export interface Texts {
  /** BCP 47 tag, for `lang`. */
  readonly tag: string;
  readonly dir: "ltr" | "rtl";
  /** The sentence. What cannot be shown is replaced by `err.generic`, never by a key or a bare placeholder. */
  t(key: string, slots?: Slots): string;
  has(key: string): boolean;
}

const rightToLeft = ["ar", "ckb", "dv", "fa", "he", "prs", "ps", "sd", "syr", "ug", "ur", "yi"];
const placeholder = /\{([a-z][a-z0-9_]*)\}/g;

/** `fault` hears of each sentence that is missing or lacks a slot; tests throw there. */
export function newTexts(catalog: Catalog, tag: string, fault: (what: string) => void = () => undefined): Texts {
  const rules = new Intl.PluralRules(tag);

  function render(key: string, slots: Slots): string | undefined {
    const entry = own(catalog, key);
    if (entry === undefined) return undefined;
    const sentence = typeof entry === "string" ? entry : form(entry, slots, rules);
    if (sentence === undefined) return undefined;
    let whole = true;
    const text = sentence.replace(placeholder, (_, name: string) => {
      const value = own(slots, name);
      whole &&= value !== undefined;
      return String(value);
    });
    return whole ? text : undefined;
  }

  return {
    tag,
    dir: rightToLeft.includes(tag.split("-")[0] ?? "") ? "rtl" : "ltr",
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
