/** The languages, each by its own name. */
import { useRef } from "preact/hooks";
import { usePage } from "./page.ts";

/**
 * With `names`, all of them stand in sight before it is opened: whoever cannot read the page finds the one that they
 * can.
 */
export function Languages({ names = false }: { readonly names?: boolean }) {
  const {
    texts: { t, tag },
    config,
    choose,
  } = usePage();
  const all = useRef<HTMLDetailsElement>(null);
  const summary = useRef<HTMLElement>(null);
  const own = config.languages.filter((one) => names || one.tag === tag);
  return (
    <details class="languages" ref={all}>
      <summary ref={summary}>
        <span class={names ? "unseen" : undefined}>{t("common.language")}: </span>
        {own.map(({ tag, dir, name }, i) => [
          i > 0 && " · ",
          <bdi key={tag} lang={tag} dir={dir}>
            {name}
          </bdi>,
        ])}
      </summary>
      <div role="group" aria-label={t("common.language")}>
        {config.languages.map((one) => (
          <button
            type="button"
            key={one.tag}
            lang={one.tag}
            dir={one.dir}
            aria-pressed={one.tag === tag}
            onClick={() => {
              choose(one.tag);
              if (all.current) all.current.open = false;
              summary.current?.focus();
            }}
          >
            {one.name}
            {config.demo && one.draft && (
              <small lang={tag} dir="auto">
                {t("start.draft")}
              </small>
            )}
          </button>
        ))}
      </div>
    </details>
  );
}
