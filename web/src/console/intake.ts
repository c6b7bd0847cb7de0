import type { Case, Intake } from "../conversation/api.ts";
import type { Rules } from "../flow/priority.ts";
import type { Say } from "./words.ts";

/** A language's texts, with a way to ask whether a key exists: answers come from a stranger's browser. */
export interface Lookup {
  readonly say: Say;
  readonly has: (key: string) => boolean;
  /** What the texts of the visitor's catalog may mention. */
  readonly slots: Readonly<Record<string, string | number>>;
  /** Whether the kommun has words of its own for a key: those are what the visitor read. */
  readonly own: (key: string) => boolean;
  /** What makes a case urgent. */
  readonly rules: Rules;
}

export interface Row {
  readonly label: string;
  readonly answer: string;
}

/** The answers in the order asked, several answers to one question joined, in the coordinator's language. */
export function summary(look: Lookup, intake: Intake): readonly Row[] {
  const rows = new Map<string, string[]>();
  for (const [question, answer] of intake.answers) {
    const known = rows.get(question) ?? [];
    rows.set(question, [...known, answerText(look, question, answer)]);
  }
  // Silence about danger is something to know; silence elsewhere is the visitor's own business.
  if (!rows.has("dng") && (rows.has("rel") || hasAnswer(intake, "who", "who.self", "who.rel")))
    rows.set("dng", [look.say("desk.unanswered")]);
  return [...rows].map(([question, answers]) => ({ label: questionText(look, question), answer: answers.join(", ") }));
}

/** The short triage of a row in the list. Every part may be empty. */
export interface Triage {
  readonly who: string;
  /** Whom a relative worries about, or where a professional works. */
  readonly more: string;
  readonly danger: string;
  readonly age: string;
  readonly needs: string;
  /** Why the case stands where it does, as keys of the catalog. */
  readonly reasons: readonly string[];
}

export function triage(look: Lookup, intake: Intake): Triage {
  // What was skipped is left out of the short view, but for danger, where silence counts.
  const of = (...questions: string[]) =>
    intake.answers
      .filter(([question, answer]) => questions.includes(question) && (answer !== "common.skip" || question === "dng"))
      .map(([question, answer]) => answerText(look, question, answer))
      .join(", ");
  return {
    who: of("who") || look.say("desk.unknown.who"),
    more: of("rel", "pro"),
    danger: of("dng"),
    age: of("age") || (hasAnswer(intake, "rel.age", "common.yes") ? look.say("desk.reason.minor") : ""),
    needs: of("need", "rel.want"),
    reasons: reasons(look, intake),
  };
}

/** What raises the priority of a case, as catalog keys. */
export function reasons({ rules }: Lookup, intake: Intake): readonly string[] {
  return rules.reasons(intake.answers).map((reason) => `desk.reason.${reason}`);
}

export const priorityKey: Readonly<Record<Case["priority"], string>> = {
  0: "desk.priority.0",
  1: "desk.priority.1",
  2: "desk.priority.2",
  3: "desk.priority.3",
};

function hasAnswer(intake: Intake, question: string, ...answers: readonly string[]): boolean {
  return intake.answers.some(([asked, given]) => asked === question && answers.includes(given));
}

function questionText(look: Lookup, question: string): string {
  const short = `desk.q.${question}`;
  const heading = `${question}.h1`;
  if (look.has(short) && !look.own(heading)) return look.say(short);
  return look.has(heading) ? look.say(heading, look.slots) : look.say("desk.unknown.question");
}

// Only an answer that belongs to its question is translated: a hostile page could name any text of ours as its
// «answer».
function answerText(look: Lookup, question: string, answer: string): string {
  // Professionals are asked how to go on in another order, with the same answers.
  const stem = question === "chan.pro" ? "chan" : question;
  const belongs = answer.startsWith(`${stem}.`) || answer.startsWith("common.");
  if (!belongs) return look.say("desk.unknown.answer");
  const ours = `desk.a.${answer}`;
  if (look.has(ours) && !look.own(answer)) return look.say(ours);
  return look.has(answer) ? look.say(answer, look.slots) : look.say("desk.unknown.answer");
}
