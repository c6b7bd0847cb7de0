import type { Trouble, VisitorView } from "../api.ts";
import type { PartnerKommun } from "../../config.ts";
import type { Copy } from "../mailbox/copy.ts";
import { accepting, openProposal, reasons } from "../mailbox/proposing.ts";
import { type MailboxState, endIn, troubleIn } from "../mailbox/state.ts";
import { type VisitorLife, isKept, stateIn } from "./life.ts";

/** What the visitor's page is shown. */
export function viewOf(o: {
  readonly life: VisitorLife;
  readonly connected: boolean;
  /** How many could read if one were opened. */
  readonly readers: number;
  readonly notice: Trouble | undefined;
  readonly copy: Copy | undefined;
  readonly stays: boolean;
  readonly partners: readonly PartnerKommun[];
}): VisitorView {
  const { life, connected } = o;
  const s = stateIn(life);
  // What is wrong with it is being looked at.
  const looking = life.kind === "rereading" || life.kind === "recovering";
  const trouble = (looking ? undefined : s && troubleIn(s)) ?? o.notice;
  const readers = life.kind === "wiped" ? 0 : o.readers;
  if (!s) return { phase: "idle", connected, readers, lines: [], ...(trouble && { trouble }) };
  const proposal = proposalIn(s, o.partners);
  const end = endIn(s);
  return {
    phase: end ? "ended" : looking ? "opening" : phaseOf(s),
    connected,
    readers: s.readers,
    lines: s.lines,
    ...(s.claimer && { coordinator: { alias: s.claimer.alias, role: s.claimer.role } }),
    // What a return code still opens is not deleted yet.
    ...(end && { end: o.copy && end.confirmed ? { ...end, confirmed: false } : end }),
    ...(o.copy && !end && { kept: isKept(s, o.copy) ? ("kept" as const) : ("saving" as const) }),
    ...(o.stays && { stays: true }),
    ...(connected && s.presence !== undefined && { staff: s.presence === 0 ? ("away" as const) : ("here" as const) }),
    ...(s.company?.length && { company: s.company.map(({ alias }) => ({ alias })) }),
    ...(proposal && { proposal }),
    ...(connected && s.alarm === 2 && { unheeded: true as const }),
    ...(!end && s.stage.kind === "open" && s.shut && { shut: s.shut }),
    ...(s.second && { second: { alias: s.second.alias, role: s.second.role } }),
    ...(trouble && { trouble }),
  };
}

function proposalIn(s: MailboxState, partners: readonly PartnerKommun[]): VisitorView["proposal"] {
  const p = openProposal(s);
  if (!p || !s.claimer) return undefined;
  return {
    nonce: p.nonce,
    reason: reasons[p.reason]!,
    by: s.claimer.alias,
    ...(p.alias !== undefined && { alias: p.alias, role: p.role ?? "" }),
    ...(p.kommun !== "" && { kommun: partners.find(({ id }) => id === p.kommun)?.name ?? p.kommun }),
    ...(accepting(s) && { accepted: true as const }),
  };
}

function phaseOf(s: MailboxState): VisitorView["phase"] {
  switch (s.stage.kind) {
    case "opening":
    case "broken":
    case "ended":
      return s.stage.kind;
    case "open":
    case "taken":
      return s.claimer ? "claimed" : "waiting";
    default:
      return s.stage satisfies never;
  }
}
