export type Action =
  | "next"
  | "previous"
  | "claim"
  | "write"
  | "phrases"
  | "end"
  | "card"
  | "cover"
  | "keys"
  | "back"
  | "lock";

/**
 * Keys that are one character. They are dead while somebody types, and the coordinator may turn them off (WCAG 2.1.4).
 */
const single: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["j", "next"],
  ["k", "previous"],
  ["c", "claim"],
  ["w", "write"],
  ["/", "phrases"],
  ["e", "end"],
  ["h", "card"],
  ["p", "cover"],
  ["l", "lock"],
  ["?", "keys"],
]);

/** Keys that write nothing, and so work in a text box too. */
const always: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["F2", "cover"],
  ["F4", "phrases"],
  ["F8", "card"],
  ["Escape", "back"],
]);

/** What the help shows, in this order: each action with the keys that do it. */
export const listed: readonly { readonly action: Action; readonly keys: readonly string[] }[] = [
  { action: "next", keys: ["j", "↓"] },
  { action: "previous", keys: ["k", "↑"] },
  { action: "claim", keys: ["c"] },
  { action: "write", keys: ["w"] },
  { action: "phrases", keys: ["/", "F4"] },
  { action: "card", keys: ["h", "F8"] },
  { action: "end", keys: ["e"] },
  { action: "cover", keys: ["p", "F2"] },
  { action: "lock", keys: ["l"] },
  { action: "back", keys: ["Esc"] },
  { action: "keys", keys: ["?"] },
];

export interface Press {
  readonly key: string;
  /** Ctrl, Alt or Meta is held: the browser's or the system's own shortcut. */
  readonly modified: boolean;
  /** The focus is in a text box or a list of choices. */
  readonly typing: boolean;
  /** The focus is in the list of conversations, where the arrow keys walk. */
  readonly inList: boolean;
}

/** The action of a key press; undefined when the page must leave the key alone. */
export function actionFor(press: Press, singles: boolean): Action | undefined {
  if (press.modified) return undefined;
  const anywhere = always.get(press.key);
  if (anywhere !== undefined) return anywhere;
  if (press.inList && press.key === "ArrowDown") return "next";
  if (press.inList && press.key === "ArrowUp") return "previous";
  if (press.typing || !singles) return undefined;
  return single.get(press.key.toLowerCase());
}

/** Whether Enter in the composer sends. On a touch screen it makes a new line: the send button is under the thumb. */
export function sends(
  press: { readonly key: string; readonly shift: boolean; readonly ctrl: boolean; readonly composing: boolean },
  touch: boolean,
): boolean {
  if (press.key !== "Enter" || press.composing) return false;
  if (press.ctrl) return true;
  return !touch && !press.shift;
}
