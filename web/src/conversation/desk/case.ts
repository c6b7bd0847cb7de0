import type { Case } from "../api.ts";
import { isCompany, reasons } from "../mailbox/proposing.ts";
import { type MailboxState, endIn, troubleIn } from "../mailbox/state.ts";
import type { Rules } from "../../flow/priority.ts";

/** What the console shows of a mailbox, as the device `device` sees it. */
export function caseOf(s: MailboxState, device: string, rules: Rules): Case {
  const taken = s.stage.kind === "taken" ? s.stage : undefined;
  const takenBy = taken?.by ?? (s.claimer && s.claimer.device !== device ? s.claimer.alias : undefined);
  const end = endIn(s);
  const trouble = troubleIn(s);
  const lines = s.lines;
  return {
    id: s.id,
    since: s.since,
    state: end ? "ended" : stateOf(s, device),
    lines,
    priority: s.intake ? rules.priorityOf(s.intake.answers) : 2,
    unread: lines.filter((line) => line.from === "visitor" && (line.seq ?? 0) > s.seen).length,
    ...(s.intake && { intake: s.intake }),
    ...(takenBy !== undefined && { takenBy }),
    ...(s.stage.kind === "open" && s.second?.device === device && { second: true as const }),
    ...(s.stage.kind === "open" && isCompany(s, device) && { company: true as const }),
    ...(s.claimer?.device === device &&
      s.company?.length && { beside: s.company.map(({ device, alias }) => ({ device, alias })) }),
    ...(s.claimer?.device === device && proposalOf(s)),
    ...(taken?.letGo && { letGo: taken.letGo }),
    ...(s.stage.kind === "open" && s.presence !== undefined && { visitor: presences[s.presence] }),
    ...(s.stage.kind === "open" && s.alarm === 1 && !s.claimer && { onIt: true as const }),
    ...(s.stage.kind === "open" && s.alarm === 2 && { unheeded: true as const }),
    ...(end && { end }),
    ...(trouble && { trouble }),
  };
}

function proposalOf({ proposal: p }: MailboxState): Pick<Case, "proposal"> {
  const reason = p && reasons[p.reason];
  if (!reason || !p.state) return {};
  const late = p.state === "waiting" && p.until * 1000 <= Date.now();
  return { proposal: { reason, ...(p.alias !== undefined && { alias: p.alias }), state: late ? "late" : p.state } };
}

function stateOf(s: MailboxState, device: string): Case["state"] {
  switch (s.stage.kind) {
    case "taken":
    case "ended":
    case "broken":
      return s.stage.kind;
    case "opening":
    case "open":
      return openStateOf(s, device);
    default:
      return s.stage satisfies never;
  }
}

function openStateOf(s: MailboxState, device: string): Case["state"] {
  // One that a claim has kept reads on, and is not the one who answers.
  if (s.claimer) return s.claimer.device === device ? "mine" : "taken";
  if (s.pending?.what === "claim" || s.queue.some((item) => item.kind === "claim")) return "claiming";
  // A joiner has nothing to judge by until the thread has come.
  return s.seq === 0 || s.joiner ? "opening" : "waiting";
}

const presences = ["away", "here", "left"] as const;

/** Own cases in the order claimed, then what waits by urgency and age, then what is over. */
export function inOrder(cases: readonly { readonly shown: Case; readonly claimedAt: number | undefined }[]): Case[] {
  const rank = (state: Case["state"]) =>
    state === "mine" ? 0 : state === "opening" || state === "waiting" || state === "claiming" ? 1 : 2;
  return [...cases]
    .sort(
      (a, b) =>
        rank(a.shown.state) - rank(b.shown.state) ||
        (a.shown.state === "mine" ? (a.claimedAt ?? 0) - (b.claimedAt ?? 0) : 0) ||
        a.shown.priority - b.shown.priority ||
        a.shown.since - b.shown.since,
    )
    .map((c) => c.shown);
}
