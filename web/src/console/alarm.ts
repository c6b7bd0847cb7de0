import type { Desk } from "../conversation/api.ts";
import { Refusal } from "../wire/codes.gen.ts";
import { type Reach, type Reachable, Wish, decodeReachable } from "../wire/reach.ts";

/** A month: what the server counts as tested (intake/alarm). */
export const testedFor = 30 * 24 * 3600;

const none = new Uint8Array();

/** `busy`: the same was asked for a moment ago. */
export type Outcome = "done" | "busy" | "refused" | "failed";

function about(wish: number, more: Partial<Reach> = {}): Reach {
  return { wish, channel: "", endpoint: "", key: none, secret: none, ...more };
}

/** Which channels reach whoever sits here; undefined where the server does not say. */
export async function channelsOf(desk: Desk): Promise<Reachable | undefined> {
  const answer = await desk.reach(about(Wish.ask));
  if (answer?.kind !== "blob") return undefined;
  try {
    return decodeReachable(answer.blob);
  } catch {
    return undefined;
  }
}

async function wish(desk: Desk, what: Reach): Promise<Outcome> {
  const answer = await desk.reach(what);
  if (answer?.kind === "ready") return "done";
  if (answer?.kind !== "refused") return "failed";
  return answer.code === Refusal.busy ? "busy" : answer.code === Refusal.policy ? "refused" : "failed";
}

export const wakeHere = (desk: Desk, subscription: Pick<Reach, "endpoint" | "key" | "secret">) =>
  wish(desk, about(Wish.on, subscription));
export const stopHere = (desk: Desk) => wish(desk, about(Wish.off));
export const test = (desk: Desk, channel: string) => wish(desk, about(Wish.test, { channel }));
export const heard = (desk: Desk, channel: string) => wish(desk, about(Wish.confirm, { channel }));

export function bytes(buffer: ArrayBuffer | null): Uint8Array | undefined {
  return buffer === null ? undefined : new Uint8Array(buffer);
}
