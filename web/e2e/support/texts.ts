import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Catalog, type Language, newTexts, type Slots } from "../../src/i18n/index.ts";
import { root } from "./binary.ts";

export type Lang = "sv" | "en" | "so" | "ar" | "pl";

const languages = JSON.parse(readFileSync(join(root, "i18n", "languages.json"), "utf8")) as readonly Language[];

const known = new Map<Lang, ReturnType<typeof newTexts>>();

/**
 * A sentence of the catalogs, so that a test looks for what stands there and not for what stood there once. Throws
 * where there is none.
 */
export function text(lang: Lang, key: string, slots?: Slots): string {
  let texts = known.get(lang);
  if (!texts) {
    // The console is not in every language.
    const files = ["", "phrases.", "desk."]
      .map((kind) => join(root, "i18n", "catalog", `${kind}${lang}.json`))
      .filter((file) => existsSync(file));
    const catalog: Catalog = Object.assign(
      {},
      ...files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Catalog),
    );
    texts = newTexts(catalog, languages.find(({ tag }) => tag === lang)!, (what) => {
      throw new Error(what);
    });
    known.set(lang, texts);
  }
  return texts.t(key, slots);
}
