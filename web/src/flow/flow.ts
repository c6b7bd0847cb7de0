/**
 * Walks the intake flow (intake/flow/flow.yaml, docs/flow.md). Nothing here knows a question: what is asked, in which
 * order and what follows is all in the flow. The place a visitor has reached is computed from the answers alone, so
 * that going back and changing an answer are the same thing as not having given it. The Go twin is `flow.Walk`;
 * intake/flow/testdata/walks.json holds both to one walk.
 */
import shippedFile from "./shipped.gen.json";

export type Exit = "chat" | "message" | "call" | "stop";

export interface Choice {
  /** Text key of the label, and the answer that is sent. */
  readonly key: string;
  /** Replaces what is left to ask. */
  readonly path?: string;
  /** Steps of kind page that are shown before the next question. */
  readonly pages?: readonly string[];
  readonly exit?: Exit;
  readonly priority?: number;
  /** Why, as the end of a key `desk.reason.…`. */
  readonly reason?: string;
}

export interface Step {
  /** one, many: a question. page: something to read. channel: how to go on; its choices leave the flow. */
  readonly kind: "one" | "many" | "page" | "channel";
  readonly ask?: string;
  readonly help?: string;
  readonly texts?: readonly string[];
  /** Ids of telephone numbers. */
  readonly call?: readonly string[];
  /** Purposes of the kommun's links. */
  readonly links?: readonly string[];
  readonly skip?: boolean;
  readonly choices: readonly Choice[];
}

export interface Flow {
  readonly first: string;
  /** Where no chosen answer says otherwise. */
  readonly priority: number;
  readonly paths: Readonly<Record<string, readonly string[]>>;
  readonly steps: Readonly<Record<string, Step>>;
}

/** Chosen keys by step id; an empty list means skipped. */
export type Answers = Readonly<Record<string, readonly string[]>>;

export interface Place {
  /** The steps that are done, in order. */
  readonly trail: readonly string[];
  /** The step to show; absent once an exit was chosen. */
  readonly step?: string;
  readonly exit?: Exit;
}

/** What a skipped question is sent as. */
export const skipped = "common.skip";

/** The flow of this release; a kommun's own stands in the page's configuration. */
export const shipped = shippedFile as Flow;

export function stepOf(of: Flow, id: string): Step {
  const step = of.steps[id];
  if (!step) throw new Error(`the flow has no step ${id}`);
  return step;
}

export function walk(of: Flow, answers: Answers): Place {
  let ahead: readonly string[] = [of.first];
  const trail: string[] = [];
  for (;;) {
    const [id, ...rest] = ahead;
    if (id === undefined) throw new Error("the flow ends without an exit");
    const step = stepOf(of, id);
    const keys = answers[id];
    const chosen = keys?.map((key) => step.choices.find((choice) => choice.key === key));
    if (!chosen || chosen.includes(undefined)) return { trail, step: id };
    trail.push(id);
    ahead = rest;
    const pages: string[] = [];
    for (const choice of chosen) {
      if (choice?.exit) return { trail, exit: choice.exit };
      if (choice?.path) ahead = of.paths[choice.path] ?? [];
      pages.push(...(choice?.pages ?? []));
    }
    ahead = [...pages, ...ahead];
  }
}

export function give(answers: Answers, step: string, keys: readonly string[]): Answers {
  return { ...answers, [step]: keys };
}

export function forget(answers: Answers, step: string): Answers {
  const { [step]: _, ...rest } = answers;
  return rest;
}

/** The answers without the latest one; undefined at the first question. */
export function back(of: Flow, answers: Answers): Answers | undefined {
  const last = walk(of, answers).trail.slice(-1)[0];
  return last === undefined ? undefined : forget(answers, last);
}

/** Questions with what was answered, in the order asked. What was answered on a path since left is not among them. */
export function summary(
  of: Flow,
  answers: Answers,
): readonly { readonly step: string; readonly ask: string; readonly keys: readonly string[] }[] {
  return walk(of, answers).trail.flatMap((id) => {
    const { kind, ask } = stepOf(of, id);
    return (kind === "one" || kind === "many") && ask ? [{ step: id, ask, keys: answers[id] ?? [] }] : [];
  });
}

/** What a question is sent as: `who` of `who.h1`. */
export function nameOf(ask: string): string {
  return ask.replace(/\.h1$/, "");
}

/** What is sent: question key (`who` of `who.h1`) and answer key, once for each answer. */
export function pairs(of: Flow, answers: Answers): readonly (readonly [string, string])[] {
  return summary(of, answers).flatMap(({ ask, keys }) => {
    const question = nameOf(ask);
    return keys.length === 0 ? [[question, skipped] as const] : keys.map((key) => [question, key] as const);
  });
}
