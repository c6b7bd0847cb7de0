/** Open or closed, told truthfully: what /status says, and the sentence for it. */
import type { Status } from "../config.ts";
import type { Slots, Texts } from "../i18n/index.ts";

/** undefined: not known yet. null: the server did not answer. */
export type Known = Status | null | undefined;

const every = 5 * 60 * 1000;

export async function askStatus(): Promise<Status | null> {
  try {
    const answer = await fetch("/status", { cache: "no-store" });
    return answer.ok ? ((await answer.json()) as Status) : null;
  } catch {
    return null;
  }
}

/** Asks now and every five minutes, whatever is on the screen: when we ask must tell nothing of what was answered. */
export function watchStatus(hear: (status: Known) => void): void {
  const ask = (): void => void askStatus().then(hear);
  ask();
  setInterval(ask, every);
}

/**
 * Whether a person can chat now; a message can be left. What is not known is offered: the conversation itself says what
 * stands in the way.
 */
export function canChat(status: Known): boolean {
  return !status || (status.reachable && status.ready);
}

export function canWrite(status: Known): boolean {
  return !status || status.ready;
}

export interface Sentence {
  readonly key: string;
  readonly slots: Slots;
}

/** The key and slots of the sentence that says whether somebody is there. */
export function openness(status: Known, texts: Texts): Sentence {
  if (status === undefined) return { key: "start.checking", slots: {} };
  if (status === null) return { key: "start.unknown", slots: {} };
  const { reachable, within, closes, ready } = status;
  if (reachable && ready)
    return within && closes ? { key: "start.open", slots: { closes } } : { key: "start.now", slots: {} };
  if (within || reachable) return { key: ready ? "start.nobody" : "start.nobody.call", slots: {} };
  const opens = opening(status, texts);
  if (opens === undefined) return { key: ready ? "start.closed.msg" : "start.closed.all", slots: {} };
  return { key: ready ? "start.closed" : "start.closed.call", slots: { opens } };
}

function opening(status: Status, texts: Texts): string | undefined {
  if (!status.opens) return undefined;
  const { inDays, weekday, time } = status.opens;
  if (inDays === 0) return texts.t("opens.today", { time });
  if (inDays === 1) return texts.t("opens.tomorrow", { time });
  return inDays < 7 ? texts.t(`opens.day.${weekday}`, { time }) : texts.t("opens.later", { days: inDays, time });
}
