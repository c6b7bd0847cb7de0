import { equal } from "../../wire/bytes.ts";
import type { ReturnKeys, Trouble } from "../api.ts";
import { newCopy } from "../mailbox/copy.ts";
import type { VisitorContext } from "./context.ts";
import { isKept, keepOutcome, keepable, mailboxIn } from "./life.ts";

/** Keeps the conversation under a return code, and tells those who wait for it. */
export interface Keeper {
  keep(keys: ReturnKeys): Promise<Trouble | undefined>;
  /** A mailbox has stored something. */
  stored(): void;
  /** The relay takes no copy under the newest keys. */
  refused(why: Trouble): void;
  /** It will not be kept any more. */
  giveUp(why: Trouble): void;
}

export function newKeeper(ctx: VisitorContext): Keeper {
  const { env } = ctx;
  let waiting: ((trouble: Trouble | undefined) => void)[] = [];

  function tell(trouble: Trouble | undefined): void {
    const told = waiting;
    waiting = [];
    for (const one of told) one(trouble);
  }

  return {
    async keep(keys) {
      const s = keepable(ctx.life);
      if (!s) return "lost";
      const { copy } = env;
      if (!copy || !equal(copy.keys.locator, keys.locator)) {
        env.copy = newCopy(keys, copy && [copy, ...copy.before]);
        // Whoever has a copy from under the code before could read on with the keys in it, those of a renewal that
        // waits there too.
        if (copy && !s.queue.some((item) => item.kind === "renew")) s.queue = [{ kind: "renew" }, ...s.queue];
      } else if (isKept(s, copy)) return undefined;
      const done = new Promise<Trouble | undefined>((resolve) => waiting.push(resolve));
      mailboxIn(ctx.life)?.copyChanged();
      ctx.shown.changed();
      return done;
    },
    stored() {
      const s = mailboxIn(ctx.life)?.s;
      const outcome = s && keepOutcome(s, env.copy);
      if (outcome) tell(outcome === "kept" ? undefined : outcome);
    },
    refused(why) {
      const [before, ...rest] = env.copy?.before ?? [];
      env.copy = before && { ...before, before: rest };
      tell(why);
    },
    giveUp: tell,
  };
}
