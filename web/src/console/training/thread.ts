import type { Case, Delivery, Line } from "../../conversation/api.ts";

/** An invented conversation, as the console is shown it. */
export interface Thread {
  readonly one: Case;
  change(more: Partial<Case>): void;
  /** Adds a line, with what else changes by it. Returns its id. */
  add(line: Omit<Line, "id">, more?: Partial<Case>): string;
  deliver(line: string, delivery: Delivery): void;
}

/** `lineId`: an id that no other line has. */
export function newThread(first: Case, changed: () => void, lineId: () => string): Thread {
  let one = first;

  function change(more: Partial<Case>): void {
    one = { ...one, ...more };
    changed();
  }

  return {
    get one() {
      return one;
    },
    change,
    add(line, more) {
      const id = lineId();
      const unread = one.unread + (line.from === "visitor" ? 1 : 0);
      change({ ...more, lines: [...one.lines, { ...line, id }], unread });
      return id;
    },
    deliver: (id, delivery) =>
      change({ lines: one.lines.map((line) => (line.id === id ? { ...line, delivery } : line)) }),
  };
}
