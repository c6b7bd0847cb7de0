/**
 * Notices, before anything is sent, that a text may tell who somebody is. It runs in the visitor's browser and nowhere
 * else. It is meant to ask once too often rather than once too seldom, and never decides: the visitor does.
 */
/** digits: the same figures can be a personal identity number or a telephone number. */
export type Hint = "pnr" | "phone" | "digits" | "mail" | "address" | "name";

// No look-behind: browsers of the build target lack it. `edge` stands for a word boundary, since \b does not know å, ä
// and ö.
const edge = String.raw`(?:^|[^\p{L}\p{N}])`;
const street =
  "gatan|gata|vägen|väg|gränden|gränd|stigen|stig|torget|torg|allén|allé|backen|backe|plan|platsen|plats|ringen|kroken|stråket|slingan|leden|esplanaden";

// Also coordination numbers, whose day is raised by 60.
const pnr = /(?:^|\D)(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[ ]?[-+]?[ ]?\d{4}(?!\d)/u;
const phone = /(?:^|[^\d+])(?:\+|00?)[1-9](?:[ \-/().]{0,2}\d){6,}/u;

const patterns: readonly (readonly [Hint, RegExp])[] = [
  ["mail", /[^\s@]+@[^\s@]+\.\p{L}{2,}/u],
  ["address", new RegExp(String.raw`\p{L}(?:${street})(?:en)?[ ]+\d+`, "iu")],
  ["address", /(?:på|vid|i)[ ]+\p{Lu}\p{L}+(?:gatan|vägen|gränd|gränden|stigen|torget|torg|backen|allén)(?!\p{L})/u],
  ["address", new RegExp(String.raw`${edge}\d+[ ]+\p{L}+[ ]+(?:street|road|avenue)(?!\p{L})`, "iu")],
  ["address", /(?:^|\D)\d{3}[ ]\d{2}[ ]+\p{Lu}\p{L}+/u],
  [
    "name",
    new RegExp(
      String.raw`(?:${edge}(?:heter|namn är|namnet är|name is|name's|(?:is|am|are) called)|['’](?:m|s|re) called)[ ]+(?!(?:inte|ingenting|ju|du|ni|det|den|jag|han|hon|vi|de|dom|att|vad|not|none|that|it)(?!\p{L}))\p{L}{2,}`,
      "iu",
    ),
  ],
  ["name", /(?:^|[\s(,])@[\p{L}\p{N}_.]{3,}/u],
];

/** What a text may hold, each at most once, most telling first. */
export function hints(text: string): readonly Hint[] {
  const plain = text
    .normalize("NFKC")
    .replace(/[\u00ad\u200b-\u200f\u2060]/g, "")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/\s+/g, " ");
  return [...figures(plain), ...new Set(patterns.filter(([, pattern]) => pattern.test(plain)).map(([hint]) => hint))];
}

/** Figures that can be either are named once, as either. */
function figures(plain: string): readonly Hint[] {
  const found = new Set<Hint>();
  const rest = plain.replace(new RegExp(pnr, "gu"), (figure) => {
    found.add(phone.test(figure) ? "digits" : "pnr");
    return " ";
  });
  if (phone.test(rest)) found.add("phone");
  return (["pnr", "phone", "digits"] as const).filter((hint) => found.has(hint));
}
