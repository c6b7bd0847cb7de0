import type { PhoneNumber } from "../config.ts";
import { useArrival, usePage } from "./page.ts";
import { close } from "./model.ts";
import { dial, emergency, inLanguage, numbersOf } from "./say.ts";
import { Shell } from "./shell.tsx";

export function NumbersScreen() {
  const {
    texts: { t },
    config,
    go,
  } = usePage();
  const heading = useArrival<HTMLHeadingElement>();
  return (
    <Shell>
      <h1 ref={heading} tabIndex={-1}>
        {t("start.call")}
      </h1>
      {config.numbers.length === 0 && <p>{t("call.none")}</p>}
      <Numbers of={config.numbers} />
      <button type="button" onClick={() => go(close)}>
        {t("common.back")}
      </button>
    </Shell>
  );
}

export function Numbers({ of }: { readonly of: readonly PhoneNumber[] }) {
  return of.length === 0 ? null : (
    <ul class="numbers">
      {of.map((number) => (
        <Card key={number.id} number={number} />
      ))}
    </ul>
  );
}

/** The numbers with these ids; 112 even where the kommun has not named it. */
export function NumbersById({ ids }: { readonly ids: readonly string[] }) {
  const {
    texts: { t },
    config,
  } = usePage();
  const known = numbersOf(config, ids);
  const bare = ids.includes("emergency") && !known.some(({ id }) => id === "emergency");
  return (
    <>
      {bare && (
        <>
          <p>
            <a class="call urgent" href={dial(emergency)}>
              <bdi dir="ltr">{emergency}</bdi>
            </a>
          </p>
          <p class="small">{t("call.trace")}</p>
        </>
      )}
      <Numbers of={known} />
    </>
  );
}

function Card({ number }: { readonly number: PhoneNumber }) {
  const {
    texts: { t, tag },
    config,
  } = usePage();
  const hours = inLanguage(number.hours, config, tag);
  return (
    <li>
      <a class={number.id === "emergency" ? "call urgent" : "call"} href={dial(number.number)}>
        <span>{inLanguage(number.label, config, tag)}</span> <bdi dir="ltr">{number.number}</bdi>
      </a>
      {hours && <p>{hours}</p>}
      <p class="small">
        {t("call.trace")} {t("call.verified", { date: number.verified })}.
      </p>
    </li>
  );
}
