/** Loads what the page says, in two files for each language: what the first screen needs, and the rest. */
import type { PageConfig } from "../config.ts";
import { newTexts } from "../i18n/index.ts";
import type { Catalog, Texts } from "../i18n/index.ts";

export interface Catalogs {
  /** The language that the page begins in, as far as the first screen needs it. Tries for as long as it takes. */
  first(): Promise<Texts>;
  /**
   * The same language whole. Asked for as soon as the first screen stands, whatever happens there: a load that came for
   * some only would tell who they are.
   */
  whole(): Promise<Texts>;
  /** A language that was chosen; one that nobody chooses is never loaded. */
  load(tag: string): Promise<Texts>;
}

type Part = "catalog" | "rest";

export function newCatalogs({ languages, words }: Pick<PageConfig, "languages" | "words">, ask = read): Catalogs {
  const loaded = new Map<string, Catalog>();
  async function file(path: string): Promise<Catalog> {
    const found = loaded.get(path) ?? (await ask(path));
    loaded.set(path, found);
    return found;
  }
  async function parts(tag: string | undefined, ...names: readonly Part[]): Promise<Texts> {
    const language = languages.find((one) => one.tag === tag);
    if (!language) throw new Error("nobody offers this language");
    const files = await Promise.all(names.map((name) => file(language[name])));
    return newTexts(Object.assign({}, ...files, words?.[language.tag]) as Catalog, language);
  }
  const begun = languages[0]?.tag;
  return {
    first: () => patiently(() => parts(begun, "catalog")),
    whole: () => patiently(() => parts(begun, "catalog", "rest")),
    load: (tag) => parts(tag, "catalog", "rest"),
  };
}

async function read(path: string): Promise<Catalog> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error("the catalog did not come");
  return (await answer.json()) as Catalog;
}

/** A phone's network comes and goes; meanwhile what is there already stands, with the telephone numbers. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let wait = 1000; ; wait = Math.min(30_000, 2 * wait)) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
