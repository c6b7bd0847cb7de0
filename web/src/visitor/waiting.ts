/** Which sentences tell what is going on in a conversation. */
import type { Delivery, VisitorView } from "../conversation/api.ts";

const soon = 2 * 60;
const late = 10 * 60;

interface Going {
  readonly keys: readonly string[];
  /** The telephone is offered too. */
  readonly call: boolean;
  /** And a message to come back to. */
  readonly leave: boolean;
}

const nothing: Going = { keys: [], call: false, leave: false };

/** `seconds` since the conversation began to wait. How many others wait is not said: nobody is to learn who writes. */
export function stateKeys(view: VisitorView, kind: "live" | "message", seconds: number): Going {
  if (view.phase === "ended" || view.phase === "broken" || view.phase === "idle") return nothing;
  // The page goes on trying by itself, and says so instead of asking somebody to press what is not there.
  const trying = view.phase === "opening" && view.trouble === "unreachable";
  const all = [connection(view, trying), answer(view, kind, seconds), fault(view, trying)];
  return {
    keys: all.flatMap(({ keys }) => keys),
    call: all.some(({ call }) => call) || (kind === "message" && view.phase === "waiting"),
    leave: all.some(({ leave }) => leave),
  };
}

function connection(view: VisitorView, trying: boolean): Going {
  // Before the opening is on its way there is no connection to have lost.
  if (trying) return { ...nothing, keys: ["chat.lost"] };
  if (view.phase === "opening") return { ...nothing, keys: ["wait.opening"] };
  return view.connected ? nothing : { ...nothing, keys: ["chat.lost"] };
}

function answer(view: VisitorView, kind: "live" | "message", seconds: number): Going {
  if (view.shut) return { ...nothing, call: true };
  if (view.phase !== "waiting") return nothing;
  const reach = view.staff === "here" ? ["wait.here"] : view.staff === "away" ? ["wait.away"] : [];
  const call = seconds >= late;
  // Whoever answered was let go for colleagues: that nobody has answered would be untrue. What was opened anew waits
  // from there.
  const lines = view.lines.slice(view.lines.map((line) => line.event).lastIndexOf("anew") + 1);
  if (lines.some((line) => line.from === "staff")) return { ...nothing, keys: ["chat.invited", ...reach], call };
  const kept = view.kept === "kept";
  if (kind === "message") return { ...nothing, keys: ["wait.msg", kept ? "wait.leave" : "send.msg"] };
  const stay = kept ? ["wait.leave"] : [];
  const leave = view.kept === undefined;
  if (call) return { keys: [leave ? "wait.late" : "wait.late.stay", ...reach, ...stay], call, leave };
  if (seconds >= soon) return { ...nothing, keys: ["wait.soon", ...reach, ...stay] };
  return { ...nothing, keys: ["wait.sent", ...reach, "wait.write", "wait.unknown"] };
}

function fault(view: VisitorView, trying: boolean): Going {
  const keys = view.unheeded ? ["wait.unheeded"] : [];
  if (view.trouble && !trying) keys.push(`trouble.${view.trouble}`);
  return { ...nothing, keys, call: view.unheeded === true || view.trouble !== undefined };
}

/** What becomes of the conversation when the page is reloaded or closed. */
export function standingKey({ kept, stays }: VisitorView): string {
  if (kept === "kept") return "code.stands";
  return stays ? "page.stays" : "page.nocode";
}

const deliveries: Readonly<Record<Delivery, string>> = {
  waiting: "chat.waiting",
  sent: "chat.sent",
  received: "chat.received",
  failed: "chat.notsent",
};

export function deliveryKey(delivery: Delivery): string {
  return deliveries[delivery];
}

/** «Over» and «deleted on our side» only once the relay has said so; who ended it only where that person signed it. */
export function endKeys({ end }: VisitorView): readonly string[] {
  return [...outcome(end), "chat.done2", "chat.kept"];
}

function outcome(end: VisitorView["end"]): readonly string[] {
  if (end?.reported) return ["chat.reported"];
  if (end?.by === "staff") return ["chat.left", end.confirmed ? "chat.done" : "chat.unsure"];
  return [end?.confirmed ? "chat.done" : "chat.asked"];
}
