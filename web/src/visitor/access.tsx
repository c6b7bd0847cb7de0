/**
 * The accessibility statement, as `/tillganglighet` has it (web/statement.go), without leaving the page's one address.
 */
import { useArrival, usePage } from "./page.ts";
import { close } from "./model.ts";
import { NumbersById } from "./numbers.tsx";
import { Sentences, Shell } from "./shell.tsx";

/** The day on which somebody last went through both pages. */
const assessed = "2026-11-25";

export function AccessScreen() {
  const {
    texts: { t },
    go,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <h1 ref={heading} tabIndex={-1}>
        {t("acc.h1")}
      </h1>
      <Sentences keys={["acc.p1", "acc.status", "acc.how"]} />
      <p>{t("acc.date", { date: assessed })}</p>
      <h2>{t("acc.lack")}</h2>
      <ul class="facts">
        {["acc.lack.script", "acc.lack.reader", "acc.lack.sign", "acc.lack.cover"].map((key) => (
          <li key={key}>{t(key)}</li>
        ))}
      </ul>
      <h2>{t("acc.tell")}</h2>
      <Sentences keys={["acc.tell.p", "info.name", "acc.tell.call"]} />
      <NumbersById ids={["kommun"]} />
      <h2>{t("acc.digg")}</h2>
      <p>{t("acc.digg.p")}</p>
      {/* No link: it would take the conversation away. */}
      <p>
        <bdi dir="ltr">www.digg.se/tdosanmalan</bdi>
      </p>
      <button type="button" onClick={() => go(close)}>
        {t("common.back")}
      </button>
    </Shell>
  );
}
