/**
 * Where the visitor is on the page, as a value; each function makes the next one. No step of it is ever in the
 * browser's history.
 */
import type { Answers, Exit, Flow } from "../flow/flow.ts";
import { back, forget, give, stepOf, walk } from "../flow/flow.ts";

export type Screen =
  | "start"
  | "info"
  | "flow"
  | "compose"
  | "chat"
  | "stopped"
  | "practised"
  | "come"
  | "parted"
  | "resuming";

export type Over = "limits" | "numbers" | "access";

export interface Model {
  readonly screen: Screen;
  /** Shown instead of the screen, which is as it was afterwards. */
  readonly over?: Over | undefined;
  /** Nothing is sent, whatever is chosen. */
  readonly practice: boolean;
  readonly answers: Answers;
  /** The answers before one is changed from the summary. */
  readonly before?: Answers | undefined;
  readonly kind: "live" | "message";
  /** Sending did not even begin; what was written is back in the field. */
  readonly failed?: boolean;
}

export const first: Model = { screen: "start", practice: false, answers: {}, kind: "live" };

export function open(model: Model, over: Over): Model {
  return { ...model, over };
}

export function close(model: Model): Model {
  return { ...model, over: undefined };
}

/** `live` says whether somebody can chat now: a wish to chat becomes a message where nobody can. */
export function choose(flow: Flow, model: Model, step: string, keys: readonly string[], live: boolean): Model {
  const exit = exitOf(flow, step, keys);
  if (exit === "call") return open(model, "numbers");
  if (exit === "stop") return { ...first, screen: "stopped" };
  const answers = give(model.answers, step, keys);
  const place = walk(flow, answers);
  if (place.exit === undefined) return { ...model, answers };
  if (model.practice) return { ...model, screen: "practised", answers: {}, before: undefined };
  return {
    ...model,
    screen: "compose",
    answers,
    before: undefined,
    kind: place.exit === "chat" && live ? "live" : "message",
  };
}

export function takeBack(model: Model): Model {
  return model.screen === "chat" ? { ...model, screen: "compose", failed: true } : model;
}

function exitOf(flow: Flow, step: string, keys: readonly string[]): Exit | undefined {
  return stepOf(flow, step).choices.find((choice) => keys.includes(choice.key))?.exit;
}

export function change(model: Model, step: string): Model {
  return { ...model, screen: "flow", before: model.answers, answers: forget(model.answers, step) };
}

export function goBack(flow: Flow, model: Model): Model {
  if (model.over) return close(model);
  if (model.screen === "info") return { ...model, screen: "start" };
  if (model.screen === "flow" && model.before)
    return { ...model, screen: "compose", answers: model.before, before: undefined };
  if (model.screen !== "flow" && model.screen !== "compose") return model;
  const answers = back(flow, model.answers);
  return answers ? { ...model, screen: "flow", answers } : { ...model, screen: "info" };
}
