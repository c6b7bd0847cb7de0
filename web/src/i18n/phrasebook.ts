/**
 * Both halves of the phrasebook, and how either page reads what the other sent. Only a key and slots cross the network;
 * nothing in them is shown before it has been found to be one of these sentences with the values that belong in it.
 */
import type { Texts } from "./index.ts";

/** A sentence as it crosses the network. */
export interface Sent {
  readonly key: string;
  readonly slots: Readonly<Record<string, string>>;
}

/** Values that a reply may need, each with what it may look like. */
const shapes = {
  alias: /^.{1,40}$/u,
  alias2: /^.{1,40}$/u,
  kommun: /^.{1,60}$/u,
  phone: /^\+?\d[\d -]{1,23}$/,
  phone_report: /^\+?\d[\d -]{1,23}$/,
  phone_hours: /^.{1,60}$/u,
  opens: /^.{1,60}$/u,
  min: /^[1-9]\d?$/,
} as const;

export type Slot = keyof typeof shapes;

/**
 * Sent by the visitor's page, as a key without slots, once a code opens the conversation: no sentence, but what some
 * replies need to be true.
 */
export const codeNote = "note.code";

/** The slots of the replies that have any. */
const needs: Readonly<Record<string, readonly Slot[]>> = {
  "pb.hello": ["alias", "kommun"],
  "pb.callus": ["phone", "phone_hours"],
  "pb.report": ["phone_report"],
  "pb.closing": ["min", "opens"],
  "pb.handover": ["alias2"],
};

/** The visitor's quick phrases, those that cannot wait first. None has slots. */
export const quick: readonly string[] = [
  "q.seen",
  "q.dontwrite",
  "q.gone",
  "q.threat",
  "q.fam",
  "q.home",
  "q.afraid",
  "q.yes",
  "q.no",
  "q.dk",
  "q.skip",
  "q.explain",
  "q.interp",
  "q.alone",
  "q.out",
  "q.how",
  "q.who",
  "q.police",
  "q.parents",
  "q.call",
  "q.meet",
  "q.end",
];

export function slotsOf(key: string): readonly Slot[] {
  return own(needs, key) ?? [];
}

/**
 * Whether a value may stand in that place of a sentence: bounded, on one line, and with nothing in it that cannot be
 * seen.
 */
export function fits(slot: Slot, value: string): boolean {
  // Persian writes its words with joiners, which cannot be seen either.
  return (
    shapes[slot].test(value) &&
    !/[\p{C}\p{Zl}\p{Zp}]/u.test(value.replace(/[\u200c\u200d]/g, "")) &&
    value.trim() !== ""
  );
}

/**
 * The sentence that one side sent, in the reader's language; undefined where it is none of that side's, does not have
 * just the slots that belong to it, or the catalog lacks it.
 */
export function read(
  sent: Sent,
  from: "visitor" | "staff",
  texts: Pick<Texts, "t" | "has" | "dir">,
): string | undefined {
  if (!sent.key.startsWith(from === "staff" ? "pb." : "q.") || !texts.has(sent.key)) return undefined;
  const wanted = slotsOf(sent.key);
  if (Object.keys(sent.slots).length !== wanted.length) return undefined;
  const slots: Record<string, string | number> = {};
  for (const slot of wanted) {
    const value = own(sent.slots, slot);
    if (value === undefined || !fits(slot, value)) return undefined;
    // The number that decides the form of a sentence must be one.
    slots[slot] = slot === "min" ? Number(value) : isolated(value, texts.dir);
  }
  return texts.t(sent.key, slots);
}

/**
 * From right to left everything is isolated where the sentence is made; in the other direction only what would turn its
 * order.
 */
function isolated(value: string, dir: "ltr" | "rtl"): string {
  return dir === "ltr" &&
    /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(value)
    ? `\u2068${value}\u2069`
    : value;
}

function own<T>(of: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(of, name) ? of[name] : undefined;
}
