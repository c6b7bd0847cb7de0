import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { catalogOf } from "./support.ts";

const read = (folder: URL, form: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => form.test(name))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
const source = read(new URL("../../src/console/", import.meta.url), /\.tsx?$/);
const bundle = read(new URL("../../dist/console/", import.meta.url), /\.js$/);

/** What would take a conversation out of the page, or let somebody write about a person beside it. */
const outlets =
  /createObjectURL|showSaveFilePicker|\bprint\(\)|\.download\b|setAttribute\("download"|execCommand|navigator\.share|contenteditable="|contentEditable|html2canvas|getDisplayMedia|toDataURL/;

describe("the console keeps no register", () => {
  test("neither its source nor the bundle that is served has a way out for a conversation", () => {
    expect(source).not.toMatch(outlets);
    expect(bundle.length).toBeGreaterThan(50_000);
    expect(bundle).not.toMatch(outlets);
    // The enrolment request, which is public.
    expect(bundle.match(/clipboard\.writeText/g)).toHaveLength(1);
    expect(bundle).not.toMatch(/clipboard\.write\(|clipboard\.read/);
  });

  test("words can be written in these fields alone: an answer, a search among replies, a name and a passphrase of one's own", () => {
    const fields = [...source.matchAll(/<(?:input|textarea|select)\b[\s\S]*?\/>/g)].map(([tag]) => tag);
    expect(fields.length).toBeGreaterThan(8);
    const worded = fields
      .filter((tag) => !/type="(checkbox|radio)"|readOnly/.test(tag))
      .map((tag) =>
        /\bid=(?:"([a-z-]+)"|\{(\w+)\})/
          .exec(tag)
          ?.slice(1)
          .find((id) => id !== undefined),
      );
    for (const id of worded)
      expect(["composer", "phrase-search", "alias", "passphrase", "new-passphrase", "id"]).toContain(id);
  });

  test("nothing is offered under a name that means keeping", () => {
    const sv = /\b(antecknin|anteckna|exporter|skriv ut|ladda ner|sök samtal|etikett|journal|utskrift)/i;
    const en = /\b(notes?\b|export|print|download|search conversations|\btags?\b|transcript|journal)/i;
    for (const [tag, form] of [
      ["sv", sv],
      ["en", en],
    ] as const)
      for (const [key, entry] of Object.entries(catalogOf(`desk.${tag}`)))
        expect(JSON.stringify(entry), key).not.toMatch(form);
  });
});
