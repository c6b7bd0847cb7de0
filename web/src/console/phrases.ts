import type { PageConfig, Status } from "../config.ts";
import type { Case, DeskProposal, Line, ProposalReason } from "../conversation/api.ts";
import type { Texts } from "../i18n/index.ts";
import { fits, read, type Sent, type Slot, slotsOf } from "../i18n/phrasebook.ts";
import type { Say } from "./words.ts";

/** The replies by number, the first is 1, each with the moment at which it is of use. */
const numbered: readonly (readonly [key: string, moment: string])[] = [
  ["pb.hello", "open"],
  ["pb.noname", "open"],
  ["pb.spelling", "open"],
  ["pb.danger", "safety"],
  ["pb.seen", "safety"],
  ["pb.gosafe", "safety"],
  ["pb.nodetails", "limits"],
  ["pb.secrecy", "limits"],
  ["pb.notpolice", "limits"],
  ["pb.noinform", "trust"],
  ["pb.nomatter", "trust"],
  ["pb.brave", "trust"],
  ["pb.agebands", "ask"],
  ["pb.first", "ask"],
  ["pb.today", "ask"],
  ["pb.family", "ask"],
  ["pb.children", "ask"],
  ["pb.wait", "pace"],
  ["pb.dontknow", "pace"],
  ["pb.howitworks", "next"],
  ["pb.consent", "next"],
  ["pb.meet", "next"],
  ["pb.callus", "next"],
  ["pb.police", "refer"],
  ["pb.minor", "minor"],
  ["pb.bris", "refer"],
  ["pb.notyourfault", "relative"],
  ["pb.neither", "relative"],
  ["pb.suicide", "safety"],
  ["pb.bye", "close"],
  ["pb.closing", "close"],
  ["pb.handover", "handover"],
  ["pb.second", "second"],
  ["pb.nofiles", "limits"],
  ["pb.interpreter", "language"],
  ["pb.report", "professional"],
];

/** In the order in which a conversation comes to them. */
const moments = [
  "open",
  "safety",
  "limits",
  "trust",
  "ask",
  "pace",
  "language",
  "next",
  "refer",
  "minor",
  "relative",
  "professional",
  "second",
  "handover",
  "close",
];

/** The staff phrasebook as it is looked through, by moment. */
export const book: readonly { readonly moment: string; readonly keys: readonly string[] }[] = moments.map((moment) => ({
  moment,
  keys: numbered.flatMap(([key, of]) => (of === moment ? [key] : [])),
}));

/** Replies that speak of a code that the visitor must have. */
const ofCode: ReadonlySet<string> = new Set(["pb.gosafe", "pb.closing"]);

/**
 * Replies that say of a question what the visitor's page asks: without that question on their screen nobody could
 * answer it.
 */
const questions: Readonly<Record<string, ProposalReason>> = { "pb.second": "colleague", "pb.handover": "shift" };

/**
 * Replies that name a telephone number of somebody else's, which must have been verified within its time. Only 112 is
 * never held back.
 */
const lines: Readonly<Record<string, string>> = {
  "pb.bris": "children",
  "pb.police": "police",
  "pb.suicide": "suicide",
};

/** Why a reply cannot be sent, as the end of a catalog key. */
export type Held = "language" | "code" | "question" | "number" | "slot";

export interface Phrase extends Sent {
  readonly number: number;
  readonly moment: string;
  /** Just what the visitor will read; empty where it cannot be said in their language. */
  readonly theirs: string;
  /** What it says, in the language that the coordinator reads. */
  readonly ours: string;
  readonly held?: Held;
}

export interface Tongue extends Pick<Texts, "tag" | "dir" | "has"> {
  readonly say: Say;
}

/** The languages that the console itself speaks; of the others it has only the replies. */
export function spoken(languages: PageConfig["languages"], tongues: readonly Tongue[]): PageConfig["languages"] {
  return languages.filter(({ tag }) => tongues.some((one) => one.tag === tag && speaks(one)));
}

function speaks({ has }: Tongue): boolean {
  return has("desk.menu");
}

/** The language that the coordinator has chosen, or the first that the console speaks. */
export function tongueOf(tongues: readonly Tongue[], tag: string): Tongue {
  return tongues.find((one) => one.tag === tag && speaks(one)) ?? tongues.find(speaks) ?? tongues[0]!;
}

/**
 * The language that the visitor's page began in; undefined where it is none that this page has. A stranger may name
 * any.
 */
export function visitorsTongue(tongues: readonly Tongue[], { intake }: Pick<Case, "intake">): Tongue | undefined {
  return tongues.find(({ tag }) => tag === intake?.lang);
}

/** What decides which replies can be sent, and what stands in them. */
export interface Occasion {
  readonly config: PageConfig;
  /** The visitor's language; undefined where it is none that is offered. */
  readonly visitor: Tongue | undefined;
  readonly own: Tongue;
  readonly alias: string;
  /** The visitor's page has said that they have a code. */
  readonly code: boolean;
  readonly hours: Status | undefined;
  /** What the visitor has been asked and can still answer. */
  readonly asked: Pick<DeskProposal, "reason" | "alias"> | undefined;
}

/** The question that stands on the visitor's page, as far as this device knows. */
export function askedIn(one: Pick<Case, "proposal"> | undefined): DeskProposal | undefined {
  return one?.proposal?.state === "waiting" ? one.proposal : undefined;
}

/** Every reply, those too that cannot be sent now: whoever looks for one is told why. */
export function phrases(occasion: Occasion): readonly Phrase[] {
  const { visitor, own } = occasion;
  return numbered.map(([key, moment], at) => {
    const theirs = valuesOf(key, occasion, visitor ?? own);
    const held = hindrance(key, occasion, theirs);
    return {
      key,
      moment,
      number: at + 1,
      slots: theirs.slots,
      theirs: held === undefined && visitor ? (readWith(visitor, { key, slots: theirs.slots }, "staff") ?? "") : "",
      ours: own.say(key, blanked(key, valuesOf(key, occasion, own).slots)),
      ...(held && { held }),
    };
  });
}

function hindrance(
  key: string,
  { config, visitor, code, asked }: Occasion,
  { whole }: { readonly whole: boolean },
): Held | undefined {
  const question = questions[key];
  const line = lines[key];
  if (!visitor?.has(key)) return "language";
  if (ofCode.has(key) && !code) return "code";
  if (question !== undefined && asked?.reason !== question) return "question";
  if (line !== undefined && !config.numbers.some((one) => one.id === line)) return "number";
  return whole ? undefined : "slot";
}

/** A place in a sentence for which there is no value now. */
export const blank = "…";

function blanked(key: string, slots: Readonly<Record<string, string>>): Record<string, string | number> {
  return Object.fromEntries(
    slotsOf(key).map((slot) => [slot, slot === "min" ? Number(slots[slot] ?? 10) : (slots[slot] ?? blank)]),
  );
}

/** The values of a reply in one language, as far as they are known. */
function valuesOf(
  key: string,
  occasion: Occasion,
  { tag, say, has }: Tongue,
): { readonly slots: Record<string, string>; readonly whole: boolean } {
  const { config, alias, hours, asked } = occasion;
  const number = (...ids: readonly string[]) =>
    ids.map((id) => config.numbers.find((one) => one.id === id)).find((one) => one !== undefined);
  const kommun = number("kommun");
  const values: Readonly<Record<Slot, string | undefined>> = {
    alias,
    kommun: config.kommun.name,
    phone: kommun?.number,
    phone_hours: kommun?.hours[tag],
    phone_report: number("report", "kommun")?.number,
    alias2: asked?.reason === "shift" ? asked.alias : undefined,
    opens: hours && has("opens.today") ? opening(hours, say) : undefined,
    min: hours && minutesLeft(hours),
  };
  const slots: Record<string, string> = {};
  for (const slot of slotsOf(key)) {
    const value = values[slot];
    if (value !== undefined && fits(slot, value)) slots[slot] = value;
  }
  return { slots, whole: slotsOf(key).every((slot) => Object.hasOwn(slots, slot)) };
}

/** «on Monday at 09:00». What isolates in it is left out: it is isolated as a whole. */
function opening({ opens }: Status, say: Say): string | undefined {
  if (!opens) return undefined;
  const { inDays, weekday, time } = opens;
  const key =
    inDays < 2
      ? inDays === 0
        ? "opens.today"
        : "opens.tomorrow"
      : inDays < 7
        ? `opens.day.${weekday}`
        : "opens.later";
  return plain(say(key, { days: inDays, time }));
}

function plain(text: string): string {
  return text.replace(/[\u2066-\u2069]/g, "");
}

/** Whole minutes until the present hours end, within the last hour and a half; they are told in the kommun's time. */
function minutesLeft({ closes, time }: Status): string | undefined {
  const now = new Intl.DateTimeFormat("sv", {
    timeZone: "Europe/Stockholm",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  }).format(time * 1000);
  const left = minutes(closes) - minutes(now);
  return left >= 1 && left <= 90 ? String(left) : undefined;
}

function minutes(clock: string): number {
  const [hour, minute] = clock.split(":").map(Number);
  return (hour ?? Number.NaN) * 60 + (minute ?? Number.NaN);
}

function readWith(tongue: Tongue, sent: Sent, from: "visitor" | "staff"): string | undefined {
  return read(sent, from, { t: tongue.say, has: tongue.has, dir: tongue.dir });
}

/** A sentence of the thread: what it says to the coordinator, and what the visitor sees where that is another. */
export interface Shown {
  readonly ours: string;
  readonly theirs?: string;
}

/** Undefined for what is no sentence of the phrasebook. */
export function shown(
  { from, phrase }: Pick<Line, "from" | "phrase">,
  config: PageConfig,
  own: Tongue,
  visitor: Tongue | undefined,
): Shown | undefined {
  if (!phrase || from === "system") return undefined;
  const ours = readWith(own, { key: phrase.key, slots: understood(phrase.slots, config, own, visitor) }, from);
  if (ours === undefined || readWith(own, phrase, from) === undefined) return undefined;
  const theirs = visitor && visitor.tag !== own.tag ? readWith(visitor, phrase, from) : undefined;
  return theirs === undefined ? { ours } : { ours, theirs };
}

/**
 * Hours were sent in the visitor's language: where they are such as this page sends, the coordinator reads them in
 * their own.
 */
function understood(
  slots: Sent["slots"],
  { numbers }: PageConfig,
  own: Tongue,
  visitor: Tongue | undefined,
): Sent["slots"] {
  if (!visitor || visitor.tag === own.tag) return slots;
  const found: Record<string, string> = { ...slots };
  const hours = numbers.find(({ id }) => id === "kommun")?.hours ?? {};
  const { phone_hours: when, opens } = slots;
  if (when !== undefined && when === hours[visitor.tag]) found["phone_hours"] = hours[own.tag] ?? when;
  const time = /\d\d:\d\d/.exec(opens ?? "")?.[0];
  const same = openings.find(
    (key) => time !== undefined && visitor.has(key) && plain(visitor.say(key, { time })) === opens,
  );
  if (same !== undefined && time !== undefined) found["opens"] = plain(own.say(same, { time }));
  return found;
}

const openings: readonly string[] = [
  "opens.today",
  "opens.tomorrow",
  ...Array.from({ length: 7 }, (_, day) => `opens.day.${day}`),
];

/**
 * The replies that match: by number or by key, else those in whose text, in either language, every word of the search
 * occurs.
 */
export function search(all: readonly Phrase[], query: string): readonly Phrase[] {
  const words = fold(query)
    .split(/\s+/u)
    .filter((word) => word !== "");
  const [only] = words;
  const named =
    words.length === 1
      ? all.filter(({ number, key }) => String(number) === only || key === only || key === `pb.${only}`)
      : [];
  const rest = all.filter((phrase) => {
    if (named.includes(phrase)) return false;
    const where = fold(`${phrase.key} ${phrase.ours} ${phrase.theirs}`);
    return words.every((word) => where.includes(word));
  });
  return [...named, ...rest];
}

/** Whoever writes in a hurry leaves out case and marks. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("sv");
}

/** What the visitor has said of the screen that they write on. */
export interface Care {
  /** Somebody can see it, and nobody has said that they no longer can. */
  readonly seen: boolean;
  /** Nothing more is to be written, until they write again. */
  readonly stop: boolean;
}

/** Words that do not mean that somebody may write again. */
const staying: ReadonlySet<string> = new Set(["q.seen", "q.gone", "q.end"]);

export function care(lines: readonly Pick<Line, "from" | "phrase">[]): Care {
  let [seen, stop, asked] = [false, false, false];
  for (const { from, phrase } of lines) {
    const key = phrase?.key ?? "";
    if (from === "staff") asked = key === "pb.seen";
    if (from !== "visitor") continue;
    stop = key === "q.dontwrite" || (stop && staying.has(key));
    seen = key === "q.seen" || (seen && key !== "q.alone" && !(asked && key === "q.yes"));
    asked = false;
  }
  return { seen, stop };
}
