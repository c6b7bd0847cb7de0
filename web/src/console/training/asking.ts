import type { Candidate, Case, Desk } from "../../conversation/api.ts";

/** Invented colleagues, and invented visitors who think for a moment and say yes. */
const colleagues: readonly Candidate[] = [
  { device: "a", alias: "Kim", role: "coordinator", languages: ["sv", "en"], claims: true },
  { device: "b", alias: "Robin", role: "interpreter", languages: ["sv", "so"], claims: false },
];

/** Seconds until an invented visitor answers; longer where they are away. */
const thinking = 5;

/** What a trainee can ask an invented visitor: the same questions, with the same outcome on the screen. */
export function newAsking(o: {
  readonly own: (id: string) => Case | undefined;
  readonly change: (id: string, change: Partial<Case>) => void;
  readonly later: (seconds: number, then: () => void) => void;
}): Pick<Desk, "candidates" | "propose" | "withdraw" | "dismiss"> {
  const asked = new Map<string, object>();

  function decide(id: string, question: object): void {
    const one = o.own(id);
    if (!one?.proposal || asked.get(id) !== question) return;
    if (one.visitor !== "here") return o.later(thinking, () => decide(id, question));
    const { reason, alias = "" } = one.proposal;
    const proposal = { ...one.proposal, state: "done" as const };
    if (reason !== "colleague") return o.change(id, { state: "taken", letGo: "handed", lines: [], proposal });
    const beside = [...(one.beside ?? []), ...colleagues.filter((c) => c.alias === alias)];
    o.change(id, { proposal, beside });
  }

  return {
    candidates: async (id) => colleagues.filter((c) => !o.own(id)?.beside?.some((b) => b.device === c.device)),
    propose(id, reason, one) {
      if (!o.own(id)) return;
      const question = {};
      asked.set(id, question);
      o.change(id, { proposal: { reason, state: "waiting", ...(one && { alias: one.alias }) } });
      o.later(thinking, () => decide(id, question));
    },
    withdraw(id) {
      if (!o.own(id)) return;
      asked.delete(id);
      o.change(id, { proposal: undefined });
    },
    dismiss: (id, device) => o.change(id, { beside: (o.own(id)?.beside ?? []).filter((b) => b.device !== device) }),
  };
}
