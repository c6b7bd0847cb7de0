import type { Request } from "../../relay/link.ts";
import { dropOf } from "./coverage.ts";
import type { Situation } from "./next.ts";
import { bytesOf, cursorOf } from "./state.ts";

/** What is to be said on the line when the visitor must go at once; nothing where the relay would not take it. */
export function lastRequests({ s, session, copy }: Omit<Situation, "coverage" | "rhythm" | "group">): Request[] {
  if (!session.connected) return [];
  const copies = copy ? [copy, ...copy.before] : [];
  const drops = copies.map(({ keys }) => dropOf({ keys, version: 0n, before: [] }));
  if (s.stage.kind === "ended") return drops;
  const mailbox = bytesOf(s.id);
  // While a return code is being changed, the one before still opens it. Whoever has asked for the end wants nothing
  // kept.
  const kept = !s.ending && copies.some(({ version }) => version > 0n);
  const requests: Request[] = [];
  // What the relay has been asked before on this line it does before this.
  if (!session.attached && !session.asked.has("attach") && !session.asked.has("open")) {
    requests.push({ kind: "attach", mailbox, capability: bytesOf(s.capability), cursor: cursorOf(s) });
  }
  if (kept && !s.retained) requests.push({ kind: "keep", mailbox });
  requests.push({ kind: "leave", mailbox, erase: kept ? 0 : 1 });
  // A copy may be on its way.
  return kept ? requests : [...requests, ...drops];
}
