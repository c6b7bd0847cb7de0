/** How urgent a case is: 0 danger now; 1 danger soon, under 18, safety or home; 2 others; 3 professionals. Staff see the rule. */
export type Priority = 0 | 1 | 2 | 3;

const soon: ReadonlySet<string> = new Set([
  "dng dng.soon", "age age.u15", "age age.1517", "rel.age common.yes",
  "need need.safe", "need need.home", "rel.want rel.want.safe",
]);

/**
 * The priority of an intake's answers, as pairs of question and answer key. Danger now comes first whoever writes: a professional
 * who says so has somebody in front of them. What is unknown or skipped raises nothing and hides nothing.
 */
export function priorityOf(answers: readonly (readonly [string, string])[]): Priority {
  const given = new Set(answers.map(([question, answer]) => `${question} ${answer}`));
  if (given.has("dng dng.now")) return 0;
  if (given.has("who who.pro")) return 3;
  for (const answer of given) if (soon.has(answer)) return 1;
  return 2;
}
