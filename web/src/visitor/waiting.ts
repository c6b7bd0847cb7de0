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

/** `seconds` since the conversation began to wait. How many others wait is not said: nobody is to learn who writes. */
export function stateKeys(view: VisitorView, kind: "live" | "message", seconds: number): Going {
  if (view.phase === "ended" || view.phase === "broken" || view.phase === "idle")
    return { keys: [], call: false, leave: false };
  const keys: string[] = [];
  let call = false;
  let leave = false;
  const kept = view.kept === "kept";
  const reach = view.staff === "here" ? ["wait.here"] : view.staff === "away" ? ["wait.away"] : [];
  // The page goes on trying by itself, and says so instead of asking somebody to press what is not there.
  const trying = view.phase === "opening" && view.trouble === "unreachable";
  // Before the opening is on its way there is no connection to have lost.
  if (trying) keys.push("chat.lost");
  else if (view.phase === "opening") keys.push("wait.opening");
  else if (!view.connected) keys.push("chat.lost");
  // Whoever answered was let go for colleagues: that nobody has answered would be untrue. What was opened anew waits
  // from there.
  const lines = view.lines.slice(view.lines.map((line) => line.event).lastIndexOf("anew") + 1);
  const answered = view.phase === "waiting" && lines.some((line) => line.from === "staff");
  if (view.shut) call = true;
  else if (answered) {
    call = seconds >= late;
    keys.push("chat.invited", ...reach);
  } else if (view.phase === "waiting" && kind === "message") keys.push("wait.msg", kept ? "wait.leave" : "send.msg");
  else if (view.phase === "waiting") {
    call = seconds >= late;
    leave = call && view.kept === undefined;
    if (call) keys.push(leave ? "wait.late" : "wait.late.stay", ...reach, ...(kept ? ["wait.leave"] : []));
    else if (seconds >= soon) keys.push("wait.soon", ...reach, ...(kept ? ["wait.leave"] : []));
    else keys.push("wait.sent", ...reach, "wait.write", "wait.unknown");
  }
  if (view.unheeded) {
    keys.push("wait.unheeded");
    call = true;
  }
  if (view.trouble) {
    if (!trying) keys.push(`trouble.${view.trouble}`);
    call = true;
  }
  return { keys, call: call || (kind === "message" && view.phase === "waiting"), leave };
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
