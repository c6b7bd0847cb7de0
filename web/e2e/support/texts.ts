import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Catalog, newTexts, type Slots } from "../../src/i18n/index.ts";
import { root } from "./binary.ts";

export type Lang = "sv" | "en";

const known = new Map<Lang, ReturnType<typeof newTexts>>();

/** A sentence of the catalogs, so that a test looks for what stands there and not for what stood there once. Throws where there is none. */
export function text(lang: Lang, key: string, slots?: Slots): string {
  let texts = known.get(lang);
  if (!texts) {
    const catalog: Catalog = Object.assign({}, ...["", "phrases.", "desk."].map((kind) =>
      JSON.parse(readFileSync(join(root, "i18n", "catalog", `${kind}${lang}.json`), "utf8")) as Catalog));
    texts = newTexts(catalog, lang, (what) => {
      throw new Error(what);
    });
    known.set(lang, texts);
  }
  return texts.t(key, slots);
}
