/** «Hide the text»: what was said goes off the screen, what is being written stays. */
import type { Line } from "../conversation/api.ts";
import { useEffect, useState } from "preact/hooks";
import { usePage } from "./page.ts";

export function Hide({ lines }: { readonly lines: readonly Line[] }) {
  const {
    texts: { t },
    hidden,
    hide,
  } = usePage();
  const answers = lines.filter(({ from }) => from === "staff").length;
  const [read, setRead] = useState(answers);
  useEffect(() => {
    if (!hidden) setRead(answers);
  }, [hidden, answers]);
  return (
    <div class="aside">
      <p class="hiding" role="status">
        {hidden && answers > read && t("chat.hidden.new")}
      </p>
      <button type="button" class="quiet" onClick={() => hide(!hidden)}>
        {t(hidden ? "chat.show" : "chat.hide")}
      </button>
    </div>
  );
}
