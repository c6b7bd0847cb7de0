import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PageConfig } from "../config.ts";
import type { Case, Desk } from "../conversation/api.ts";
import { useConsole } from "./context.ts";
import { newProbes, onlyFirst, type Probes, type Probing } from "./probe.ts";

/** The ready phrase by which a probe is answered. */
const answer = "pb.bye";

export const nobody: Probing = { ids: new Set(), acknowledge: () => undefined };

/** They outlive a lock of the page: what was a probe before is one afterwards. */
const known = new WeakMap<Desk, Probes>();

function probesOf(desk: Desk, config: PageConfig, off: boolean): Probes {
  const probes =
    known.get(desk) ??
    newProbes({ kommun: config.kommun.id, key: off ? undefined : config.probe, storage: () => localStorage });
  known.set(desk, probes);
  return probes;
}

/** Which conversations are probes now. Whoever writes a second word was none. */
export function useProbes(config: PageConfig, desk: Desk, cases: readonly Case[], off: boolean): Probing {
  const probes = useMemo(() => probesOf(desk, config, off), []);
  const [marked, mark] = useState<ReadonlySet<string>>(nobody.ids);
  const pressed = useRef(new Set<string>());
  useEffect(() => {
    for (const one of cases) {
      if (!one.intake || marked.has(one.id)) continue;
      void probes
        .judge(one, Math.floor(Date.now() / 1000))
        .then((yes) => yes && mark((old) => (old.has(one.id) ? old : new Set([...old, one.id]))));
    }
  }, [cases]);
  const ids = useMemo(
    () => new Set(cases.filter((one) => marked.has(one.id) && onlyFirst(one)).map(({ id }) => id)),
    [cases, marked],
  );
  useEffect(() => {
    for (const one of cases) {
      if (!pressed.current.has(one.id) || one.state === "waiting" || one.state === "claiming") continue;
      pressed.current.delete(one.id);
      if (one.state === "mine" && ids.has(one.id)) desk.sendPhrase(one.id, answer, {});
    }
  }, [cases, ids]);
  return useMemo(
    () => ({
      ids,
      acknowledge(id) {
        pressed.current.add(id);
        void desk.claim(id).catch(() => pressed.current.delete(id));
      },
    }),
    [ids, desk],
  );
}

/** Beside what a person would be answered with: a mistake about who wrote must be easy to undo. */
export function AnswerProbe({ one }: { readonly one: Case }) {
  const {
    probing,
    tongue: { say },
  } = useConsole();
  if (!probing.ids.has(one.id)) return null;
  return (
    <>
      <p class="strong">{say("desk.probe.p")}</p>
      <button
        type="button"
        class="main wide"
        disabled={one.state === "claiming"}
        onClick={() => probing.acknowledge(one.id)}
        data-probe
      >
        {say(one.state === "claiming" ? "desk.claim.busy" : "desk.probe.go")}
      </button>
    </>
  );
}

/** The word that stands on a probe wherever it is shown. */
export function ProbeWord({ id }: { readonly id: string }) {
  const {
    probing,
    tongue: { say },
  } = useConsole();
  return probing.ids.has(id) ? <strong>{say("desk.probe")}</strong> : null;
}
