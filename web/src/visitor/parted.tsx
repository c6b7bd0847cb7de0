/** The visitor has gone from a conversation that a return code opens. */
import { useArrival, usePage } from "./page.ts";
import { first } from "./model.ts";
import { Sentences, Shell } from "./shell.tsx";

export function PartedScreen() {
  const {
    texts: { t },
    go,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <h1 ref={heading} tabIndex={-1}>
        {t("code.away.h1")}
      </h1>
      <Sentences keys={["code.away.p", "code.p4", "chat.done2"]} />
      <div class="choices">
        <button type="button" onClick={() => go(() => first)}>
          {t("stop.again")}
        </button>
      </div>
    </Shell>
  );
}
