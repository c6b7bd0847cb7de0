/** Which sentences tell what is going on in a conversation. */
import type { Delivery, VisitorView } from "../conversation/api.ts";

const soon = 2 * 60;
const late = 10 * 60;

/** `seconds` since the conversation began to wait. `call`: the telephone is offered too. */
export function stateKeys(view: VisitorView, kind: "live" | "message", seconds: number): { readonly keys: readonly string[]; readonly call: boolean } {
  if (view.phase === "ended" || view.phase === "broken" || view.phase === "idle") return { keys: [], call: false };
  const keys: string[] = [];
  let call = false;
  // The page goes on trying by itself, and says so instead of asking somebody to press what is not there.
  const trying = view.phase === "opening" && view.trouble === "unreachable";
  // Before the opening is on its way there is no connection to have lost.
  if (trying) keys.push("chat.lost");
  else if (view.phase === "opening") keys.push("wait.opening");
  else if (!view.connected) keys.push("chat.lost");
  if (view.phase === "waiting" && kind === "message") keys.push("wait.msg", "send.msg");
  if (view.phase === "waiting" && kind === "live") {
    call = seconds >= late;
    if (call) keys.push("wait.late.stay");
    else if (seconds >= soon) keys.push("wait.soon");
    else keys.push("wait.sent", "wait.write", "wait.unknown");
  }
  if (view.trouble) {
    if (!trying) keys.push(`trouble.${view.trouble}`);
    call = true;
  }
  return { keys, call: call || kind === "message" && view.phase === "waiting" };
}

const deliveries: Readonly<Record<Delivery, string>> = {
  waiting: "chat.waiting", sent: "chat.sent", received: "chat.received", failed: "chat.notsent",
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
