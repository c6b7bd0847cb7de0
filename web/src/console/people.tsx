import type { Colleague } from "../conversation/api.ts";
import { useConsole } from "./context.ts";
import type { PlaceProps } from "./place.ts";
import { languageWord } from "./queue.tsx";
import { daysLeft, warning } from "./words.ts";

/** Those who may be counted on first: who answers, then who helps; by name among themselves. */
const order = ["lead", "coordinator", "caseworker", "peer", "interpreter"];

export function sorted(devices: readonly Colleague[], tag: string): readonly Colleague[] {
  const { compare } = new Intl.Collator(tag);
  return [...devices].sort(
    (a, b) => order.indexOf(a.role) - order.indexOf(b.role) || compare(a.alias, b.alias) || compare(a.id, b.id),
  );
}

/** Who may read and answer, by the list that a team lead signed and this browser has checked. */
export function People({ view }: PlaceProps) {
  const { tongue, now } = useConsole();
  const { say } = tongue;
  const { roster } = view;
  if (!roster) return <p class="empty">{say("desk.people.none")}</p>;
  const date = (seconds: number) =>
    new Intl.DateTimeFormat(tongue.tag, { dateStyle: "long" }).format(new Date(seconds * 1000));
  return (
    <>
      <p>{say("desk.people.p")}</p>
      <ul class="people">
        {sorted(roster.devices, tongue.tag).map((one) => (
          <li key={one.id}>
            <Person
              one={one}
              twice={roster.devices.some(({ alias, id }) => alias === one.alias && id !== one.id)}
              you={one.id === view.device?.id}
              until={date(one.expires)}
              now={now}
            />
          </li>
        ))}
      </ul>
      <p class="hint">{say("desk.people.list", { serial: String(roster.serial), date: date(roster.expires) })}</p>
    </>
  );
}

interface PersonProps {
  readonly one: Colleague;
  /** Somebody else goes by the same name, or the same person has two browsers. */
  readonly twice: boolean;
  readonly you: boolean;
  readonly until: string;
  readonly now: number;
}

function Person({ one, twice, you, until, now }: PersonProps) {
  const { config, tongue } = useConsole();
  const { say, has } = tongue;
  const over = one.expires <= now;
  const soon = over || warning(daysLeft(one.expires, now)) !== undefined;
  return (
    <>
      <p class="strong">
        <bdi>{one.alias}</bdi>
        {has(`desk.role.${one.role}`) && `, ${say(`desk.role.${one.role}`)}`}
        {twice && <span class="hint"> {one.id.slice(0, 4)}</span>}
        {you && <span class="mark-you">{say("desk.people.you")}</span>}
      </p>
      <p class="hint">{one.languages.map((tag) => languageWord(config.languages, tag, tongue.tag)).join(", ")}</p>
      <p class={soon ? "soon" : "hint"}>{over ? say("desk.people.over") : say("desk.people.until", { date: until })}</p>
      {one.role === "interpreter" && <p class="hint">{say("desk.people.reads")}</p>}
    </>
  );
}
