import type { Case } from "../conversation/api.ts";
import { useConsole } from "./context.ts";

/** For whoever will answer, but not this second: the alarm waits, and the others see that somebody is on it. */
export function Acknowledge({ one }: { readonly one: Case }) {
  const {
    desk,
    tongue: { say },
  } = useConsole();
  return (
    <>
      <p class="hint" role="status">
        {one.onIt ? say("desk.ack.on") : one.unheeded ? say("desk.unheeded") : say("desk.ack.p")}
      </p>
      {one.state === "waiting" && !one.onIt && (
        <button type="button" class="wide" onClick={() => desk.acknowledge(one.id)} data-acknowledge>
          {say("desk.ack.go")}
        </button>
      )}
    </>
  );
}
