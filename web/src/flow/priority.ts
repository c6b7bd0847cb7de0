/**
 * How urgent a case is: 0 danger now; 1 danger soon, under 18, safety or home; 2 others; 3 professionals. Staff see the
 * rule.
 */
import type { Choice, Flow } from "./flow.ts";
import { nameOf, shipped } from "./flow.ts";

export type Priority = 0 | 1 | 2 | 3;

/** Answers as they are sent: pairs of question and answer key. */
export type Given = readonly (readonly [string, string])[];

export interface Rules {
  /**
   * Danger now comes first whoever writes: a professional who says so has somebody in front of them. That of
   * professionals holds against the rest; then the most urgent answer counts. What is unknown or skipped raises nothing
   * and hides nothing.
   */
  priorityOf(answers: Given): Priority;
  /** Why a case stands where it does, the most urgent first, each reason once. */
  reasons(answers: Given): readonly string[];
}

/**
 * The rules of a kommun's own flow, if it has one, with those of the release for answers that it does not ask for: a
 * page that was opened before a new flow was published goes on with the old one.
 */
export function newRules(own: Flow | undefined): Rules {
  const choices = new Map<string, Choice[]>();
  for (const flow of own ? [own, shipped] : [shipped])
    for (const { kind, ask, choices: all } of Object.values(flow.steps)) {
      if ((kind !== "one" && kind !== "many") || ask === undefined) continue;
      for (const choice of all) {
        const pair = `${nameOf(ask)} ${choice.key}`;
        choices.set(pair, [...(choices.get(pair) ?? []), choice]);
      }
    }
  const marked = (answers: Given): readonly Choice[] =>
    answers.flatMap((pair) => choices.get(pair.join(" ")) ?? []).filter(({ priority }) => priority !== undefined);
  return {
    priorityOf(answers) {
      const marks = marked(answers).map(({ priority = 2 }) => priority);
      const least = marks.length > 0 ? Math.min(...marks) : (own ?? shipped).priority;
      return (least > 0 && marks.includes(3) ? 3 : least) as Priority;
    },
    reasons(answers) {
      const found = [...marked(answers)].sort((a, b) => (a.priority ?? 2) - (b.priority ?? 2));
      return [...new Set(found.flatMap(({ reason }) => reason ?? []))];
    },
  };
}
