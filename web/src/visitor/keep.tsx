/** Offers a code, shows it once, has it written down, and keeps the conversation under it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReturnKeys, Visitor } from "../conversation/api.ts";
import { quietField } from "../field.ts";
import { type Made, keysOf, listOf, makeDigits, makeWords } from "../returncode/index.ts";
import { useArrival, usePage } from "./page.ts";
import { Sentences } from "./shell.tsx";

/** How far somebody has come with a code. A look at another screen must not lose it: it is shown only once. */
export type Plan =
  /** `called`: somebody asked for it, so that it may take the focus. */
  | { readonly step: "ask"; readonly called?: true }
  | { readonly step: "shown"; readonly made: Made }
  /** `asked`: the parts to be written again, by place. */
  | { readonly step: "check"; readonly made: Made; readonly asked: readonly number[] }
  | { readonly step: "keep"; readonly keys: ReturnKeys | undefined; readonly failed: boolean }
  /** Nothing of the code is left on the page. */
  | { readonly step: "none" };

interface Props {
  readonly visitor: Visitor;
  readonly plan: Plan;
  readonly become: (plan: Plan) => void;
  /** A code opens the conversation already, and is to be another one. */
  readonly again: boolean;
}

export function Keep({ visitor, plan, become, again }: Props) {
  const { config } = usePage();

  function save(keys: ReturnKeys): void {
    become({ step: "keep", keys, failed: false });
    visitor.keep(keys).then(
      (trouble) => become(trouble ? { step: "keep", keys, failed: true } : { step: "none" }),
      () => become({ step: "keep", keys, failed: true }),
    );
  }
  function derive(made: Made): void {
    become({ step: "keep", keys: undefined, failed: false });
    keysOf(made.code, config.kommun.id).then(save, () => become({ step: "shown", made }));
  }
  switch (plan.step) {
    case "ask":
      return <Ask called={plan.called === true} become={become} again={again} />;
    case "shown":
      return <Shown made={plan.made} become={become} again={again} />;
    case "check":
      return <Check made={plan.made} asked={plan.asked} become={become} done={() => derive(plan.made)} />;
    case "keep":
      return (
        <Saving failed={plan.failed} retry={() => plan.keys && save(plan.keys)} drop={() => become({ step: "none" })} />
      );
    case "none":
      return null;
  }
}

function Ask({ called, become, again }: { readonly called: boolean } & Pick<Props, "become" | "again">) {
  const {
    texts,
    texts: { t },
    spoken,
  } = usePage();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!called) return;
    heading.current?.scrollIntoView({ block: "nearest" });
    heading.current?.focus({ preventScroll: true });
  }, [called]);
  const list = listOf(texts);
  return (
    <section class="panel" aria-labelledby="keep">
      <h2 id="keep" ref={heading} tabIndex={-1}>
        {t(again ? "code.change" : "code.ask")}
      </h2>
      <Sentences keys={again ? ["code.change.p"] : ["code.p1"]} />
      <div class="choices">
        {list && (
          <button
            type="button"
            class="first"
            onClick={() =>
              become({
                step: "shown",
                made: makeWords(
                  list,
                  spoken.flatMap((one) => listOf(one) ?? []),
                ),
              })
            }
          >
            {t("code.words")}
          </button>
        )}
        <button
          type="button"
          class={list ? undefined : "first"}
          onClick={() => become({ step: "shown", made: makeDigits() })}
        >
          {t("code.digits")}
        </button>
        <button type="button" onClick={() => become({ step: "none" })}>
          {t("common.no")}
        </button>
      </div>
    </section>
  );
}

/** A plain list: on paper, and over a shoulder, it is what somebody is to buy. Nothing offers to copy it. */
function Shown({ made, become, again }: { readonly made: Made } & Pick<Props, "become" | "again">) {
  const {
    texts: { t },
  } = usePage();
  const section = useRef<HTMLElement>(null);
  const heading = useArrival<HTMLHeadingElement>(section);
  return (
    <section class="panel" ref={section} aria-labelledby="keep">
      <h2 id="keep" ref={heading} tabIndex={-1}>
        {t("code.h1")}
      </h2>
      <Sentences keys={["code.p2"]} />
      <ol class="note" translate={false} dir="ltr">
        {made.parts.map((part, i) => (
          <li key={i}>{part}</li>
        ))}
      </ol>
      <Sentences keys={["code.p3", "code.p4", "code.soon"]} />
      <div class="choices row">
        <button
          type="button"
          class="first"
          onClick={() => become({ step: "check", made, asked: twoOf(made.parts.length) })}
        >
          {t("code.written")}
        </button>
        <button type="button" onClick={() => become(again ? { step: "none" } : { step: "ask" })}>
          {t("common.back")}
        </button>
      </div>
    </section>
  );
}

function Check({
  made,
  asked,
  become,
  done,
}: {
  readonly made: Made;
  readonly asked: readonly number[];
  readonly become: Props["become"];
  readonly done: () => void;
}) {
  const {
    texts: { t },
  } = usePage();
  const section = useRef<HTMLElement>(null);
  const heading = useArrival<HTMLHeadingElement>(section);
  const [written, write] = useState<readonly string[]>(asked.map(() => ""));
  const [wrong, setWrong] = useState(false);
  const words = "words" in made.code;
  const right = (): boolean => asked.every((place, i) => made.isPart(place, written[i] ?? ""));
  return (
    <section class="panel" ref={section} aria-labelledby="keep">
      <h2 id="keep" ref={heading} tabIndex={-1}>
        {t("code.check")}
      </h2>
      {asked.map((place, i) => (
        <p class="field" key={place}>
          <label for={`part${i}`}>{t(words ? "code.check.word" : "code.check.digits", { n: place + 1 })}</label>
          <Field
            id={`part${i}`}
            value={written[i] ?? ""}
            invalid={wrong}
            digits={!words}
            write={(text) => write(written.map((old, at) => (at === i ? text : old)))}
          />
        </p>
      ))}
      <p role="alert">{wrong && t("code.check.bad")}</p>
      <div class="choices">
        <button type="button" class="first" onClick={() => (right() ? done() : setWrong(true))}>
          {t("common.next")}
        </button>
        <button type="button" onClick={() => become({ step: "shown", made })}>
          {t("code.look")}
        </button>
        <button type="button" class="quiet" onClick={done}>
          {t("code.check.skip")}
        </button>
      </div>
    </section>
  );
}

function Field({
  id,
  value,
  invalid,
  digits,
  write,
}: {
  readonly id: string;
  readonly value: string;
  readonly invalid: boolean;
  readonly digits: boolean;
  readonly write: (text: string) => void;
}) {
  return (
    <input
      type="text"
      id={id}
      value={value}
      aria-invalid={invalid}
      dir="auto"
      {...quietField}
      inputMode={digits ? "numeric" : undefined}
      onInput={(event) => write(event.currentTarget.value)}
    />
  );
}

function Saving({
  failed,
  retry,
  drop,
}: {
  readonly failed: boolean;
  readonly retry: () => void;
  readonly drop: () => void;
}) {
  const {
    texts: { t },
  } = usePage();
  const section = useRef<HTMLElement>(null);
  // The button that had the focus is gone.
  const words = useArrival<HTMLDivElement>(section);
  return (
    <section class="panel" ref={section}>
      <div ref={words} role="status" tabIndex={-1}>
        <p>{t(failed ? "code.failed" : "code.saving")}</p>
      </div>
      {failed && (
        <div class="choices row">
          <button type="button" class="first" onClick={retry}>
            {t("send.retry")}
          </button>
          <button type="button" onClick={drop}>
            {t("code.without")}
          </button>
        </div>
      )}
    </section>
  );
}

/** Two places, in order. */
function twoOf(count: number): readonly number[] {
  const [one = 0, other = 0] = crypto.getRandomValues(new Uint16Array(2));
  const first = one % count;
  const second = (first + 1 + (other % (count - 1))) % count;
  return [first, second].sort((a, b) => a - b);
}
