import type { PageConfig } from "../config.ts";
import type { Say } from "./words.ts";

/** A place that the coordinator must fill in before the text may go. */
export const blank = "____";

/** Minutes before closing at which the visitor is usually told; the coordinator may change the number in the text. */
const closing = 10;

/** The staff phrasebook in its own order, by the moment at which each reply is of use. */
export const book: readonly { readonly moment: string; readonly keys: readonly string[] }[] = [
  { moment: "open", keys: ["pb.hello", "pb.noname", "pb.spelling"] },
  { moment: "safety", keys: ["pb.danger", "pb.seen", "pb.gosafe", "pb.suicide"] },
  { moment: "limits", keys: ["pb.nodetails", "pb.secrecy", "pb.notpolice", "pb.nofiles"] },
  { moment: "trust", keys: ["pb.noinform", "pb.nomatter", "pb.brave"] },
  { moment: "ask", keys: ["pb.agebands", "pb.first", "pb.today", "pb.family", "pb.children"] },
  { moment: "pace", keys: ["pb.wait", "pb.dontknow", "pb.interpreter"] },
  { moment: "next", keys: ["pb.howitworks", "pb.consent", "pb.meet", "pb.callus"] },
  { moment: "refer", keys: ["pb.police", "pb.bris", "pb.report"] },
  { moment: "others", keys: ["pb.minor", "pb.notyourfault", "pb.neither"] },
  { moment: "close", keys: ["pb.second", "pb.handover", "pb.closing", "pb.bye"] },
];

/** Replies that promise something the service must have: without the claim they would not be true, so they are not offered. */
const promises: Readonly<Record<string, string>> = {
  "pb.gosafe": "return_code",
  "pb.closing": "return_code",
  "pb.second": "second_reader",
  "pb.handover": "handover",
};

/** Replies that name a telephone number of somebody else's, which must have been verified within its time. 112 and 90101 are never held back. */
const lines: Readonly<Record<string, string>> = { "pb.bris": "children", "pb.police": "police" };

export interface Phrase {
  readonly key: string;
  readonly moment: string;
  /** In the visitor's language, slots filled: what goes into the composer. */
  readonly text: string;
  /** The same in a language the coordinator reads; empty when that is the visitor's. */
  readonly beside: string;
}

export interface Tongue {
  readonly tag: string;
  readonly say: Say;
  readonly has: (key: string) => boolean;
}

/** The languages that the console itself speaks; of the others it has only the replies. */
export function spoken(languages: PageConfig["languages"], tongues: readonly Tongue[]): PageConfig["languages"] {
  return languages.filter(({ tag }) => tongues.some((one) => one.tag === tag && speaks(one)));
}

function speaks({ has }: Tongue): boolean {
  return has("desk.menu");
}

/** The language that the coordinator has chosen, or the first. */
export function tongueOf(tongues: readonly Tongue[], tag: string): Tongue {
  return tongues.find((one) => one.tag === tag && speaks(one)) ?? tongues[0]!;
}

/** Every reply that can be said truly, in the visitor's language where the catalog has it, else in Swedish. */
export function phrases(config: PageConfig, visitor: Tongue, own: Tongue, swedish: Tongue, alias: string): readonly Phrase[] {
  const beside = own.tag === visitor.tag ? swedish : own;
  const found: Phrase[] = [];
  for (const { moment, keys } of book) {
    for (const key of keys) {
      const promise = promises[key];
      if (promise !== undefined && !config.claims.includes(promise)) continue;
      const line = lines[key];
      if (line !== undefined && !config.numbers.some((one) => one.id === line)) continue;
      const tongue = visitor.has(key) ? visitor : swedish;
      if (!tongue.has(key)) continue;
      const text = tongue.say(key, slots(config, tongue.tag, alias));
      const other = beside.tag === tongue.tag || !beside.has(key) ? "" : beside.say(key, slots(config, beside.tag, alias));
      found.push({ key, moment, text, beside: other === text ? "" : other });
    }
  }
  return found;
}

/** The phrases in which every word of the search occurs, in either language. */
export function search(all: readonly Phrase[], query: string): readonly Phrase[] {
  const words = fold(query).split(/\s+/u).filter((word) => word !== "");
  return all.filter((phrase) => {
    const where = fold(`${phrase.text} ${phrase.beside}`);
    return words.every((word) => where.includes(word));
  });
}

/** A text with a phrase added; two texts are a line apart. */
export function append(draft: string, phrase: string): string {
  const before = draft.trimEnd();
  return before === "" ? phrase : `${before}\n${phrase}`;
}

function slots(config: PageConfig, tag: string, alias: string): Record<string, string | number> {
  const number = (...ids: readonly string[]) => ids.map((id) => config.numbers.find((one) => one.id === id)).find((one) => one !== undefined);
  const kommun = number("kommun");
  return {
    alias,
    kommun: config.kommun.name,
    phone: kommun?.number ?? blank,
    phone_hours: kommun?.hours[tag] || blank,
    phone_report: number("report", "kommun")?.number ?? blank,
    alias2: blank,
    opens: blank,
    min: closing,
  };
}

function fold(text: string): string {
  return text.toLocaleLowerCase("sv").normalize("NFC");
}
