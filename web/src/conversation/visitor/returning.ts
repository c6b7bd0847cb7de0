import { groupForm } from "../../mls/group.ts";
import type { Answer, Link } from "../../relay/link.ts";
import { Newer } from "../../stored/form.ts";
import { Refusal } from "../../wire/codes.gen.ts";
import type { ReturnKeys, Return } from "../api.ts";
import { type Content, type Copy, copyForm, decodeContent, newCopy } from "../mailbox/copy.ts";
import { openState } from "../mailbox/sealed.ts";
import type { MailboxState } from "../mailbox/state.ts";
import { pause } from "../mailbox/steps.ts";
import { mailboxForm } from "../mailbox/stored.ts";

/** Coming back with a return code: what lies under it becomes the records of a mailbox (spec §8, «Returning»). */

export interface Found {
  readonly copy: Copy;
  readonly content: Content;
  /** The serials of the rosters that the conversation has seen. */
  readonly seen: Pick<MailboxState, "serial" | "serials">;
}

/** Asks for the blob and opens it. Needs a link that is up. */
export async function lookUp(link: Link, keys: ReturnKeys): Promise<Found | Return> {
  let answer: Answer;
  try {
    answer = await link.request({ kind: "get", locator: keys.locator });
  } catch {
    return { trouble: "unreachable" };
  }
  if (answer.kind === "refused") {
    if (answer.code === Refusal.no_blob) return { found: false, emptied: Number(answer.detail) };
    if (answer.code === Refusal.busy) return { busy: Math.max(1, Number(answer.detail)) };
    return { trouble: answer.code === Refusal.unavailable ? "unreachable" : "bug" };
  }
  if (answer.kind !== "blob") return { trouble: "bug" };
  let opened: Uint8Array | undefined;
  try {
    opened = await openState(keys, answer.version, answer.blob);
    // What these keys did not seal, the relay has made up.
    if (!opened) return { trouble: "lost" };
    const content = decodeContent(opened);
    for (const group of [content.records.group, content.records.next]) if (group) groupForm.decode(group);
    return { copy: newCopy(keys, content.before, answer.version), content, seen: stateIn(content) };
  } catch (error) {
    // A later release has sealed it: nothing is lost, and this page cannot read it.
    return { trouble: error instanceof Newer ? "bug" : "lost" };
  } finally {
    opened?.fill(0);
  }
}

/** Asks until the relay has an answer; undefined where it is over before that. */
export async function lookUpAgain(
  link: Link,
  keys: ReturnKeys,
  o: {
    /** Brings the link up; false when it does not come. */
    readonly reach: () => Promise<boolean>;
    readonly over: () => boolean;
    /** Milliseconds before it is asked again. */
    readonly again: number;
  },
): Promise<Found | Return | undefined> {
  while (!o.over()) {
    const found = (await o.reach()) ? await lookUp(link, keys) : undefined;
    if (found && !("busy" in found) && !("trouble" in found && found.trouble === "unreachable")) return found;
    await pause(found && "busy" in found ? 1000 * found.busy : o.again);
  }
  return undefined;
}

/**
 * The records to take the mailbox up from: it reads on, then renews the keys, and until that is sealed it has won
 * nothing.
 */
export function recordsOf({ copy, content }: Found, prefix: string): Record<string, Uint8Array | undefined> {
  const s = stateIn(content);
  if (s.stage.kind === "open") {
    s.returning = true;
    if (!s.queue.some((item) => item.kind === "renew")) s.queue = [{ kind: "renew" }, ...s.queue];
  }
  s.presence = undefined;
  s.alarm = undefined;
  const { group, next } = content.records;
  return {
    [`${prefix}state`]: mailboxForm.encode(s),
    [`${prefix}group`]: group,
    [`${prefix}next`]: next,
    [`${prefix}copy`]: copyForm.encode(copy),
  };
}

function stateIn(content: Content): MailboxState {
  const { state } = content.records;
  if (!state) throw new Error("a copy without a state");
  return mailboxForm.decode(state);
}
