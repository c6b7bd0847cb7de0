import { useEffect, useRef, useState } from "preact/hooks";
import type { Desk, DeskView } from "../conversation/api.ts";
import { priorityKey } from "./intake.ts";
import type { Prefs } from "./prefs.ts";
import { newChime } from "./sound.ts";
import { groups, news, type Say } from "./words.ts";

/** How often the waiting times are told anew, in milliseconds. */
const tick = 15_000;
/** The sound comes back this often while somebody waits, in milliseconds. */
const remind = 60_000;

export function useDesk(desk: Desk): DeskView {
  const [view, setView] = useState(desk.view);
  useEffect(() => {
    setView(desk.view);
    return desk.subscribe(setView);
  }, [desk]);
  return view;
}

/** The time in Unix seconds, as often as anything on the screen needs it. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), tick);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** True once `flag` has been true for that many milliseconds on end: a blink is not worth a sentence. */
export function useLasting(flag: boolean, milliseconds: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!flag) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => setLasting(true), milliseconds);
    return () => clearTimeout(timer);
  }, [flag, milliseconds]);
  return lasting;
}

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const look = () => setMatches(media.matches);
    look();
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, [query]);
  return matches;
}

/** Tells of what is new: in the live region, and by sound and title where the coordinator wants them. */
export function useNews(
  view: DeskView,
  say: Say,
  prefs: Prefs,
  announce: (text: string) => void,
  training: boolean,
): void {
  const before = useRef(view.cases);
  const chime = useRef<ReturnType<typeof newChime>>(undefined);
  const count = groups(view.cases).waiting.length;
  const { waiting = false, rung = 0 } = view.locked ?? {};

  useEffect(() => {
    if (prefs.sound) chime.current ??= newChime();
  }, [prefs.sound]);

  useEffect(() => {
    const found = news(before.current, view.cases);
    before.current = view.cases;
    const first = found.waiting[0];
    const said: string[] = [];
    if (found.failed > 0) said.push(say("desk.news.failed"));
    for (const one of found.lost)
      said.push(
        one.takenBy === undefined ? say("desk.state.taken.someone") : say("desk.state.taken", { alias: one.takenBy }),
      );
    if (found.ended.length > 0) said.push(say("desk.news.ended"));
    if (first)
      said.push(
        found.waiting.length === 1
          ? say("desk.news.one", { priority: say(priorityKey[first.priority]) })
          : say("desk.news.many", { n: found.waiting.length }),
      );
    if (found.written.length > 0) said.push(say("desk.news.written"));
    if (said.length > 0) announce(said.join(" "));
    if (prefs.sound && (first !== undefined || found.written.length > 0)) chime.current?.play();
  }, [view.cases]);

  useEffect(() => {
    if (prefs.sound && rung > 0) chime.current?.play();
  }, [rung]);

  useEffect(() => {
    if (!prefs.sound || (count === 0 && !waiting)) return;
    const timer = setInterval(() => chime.current?.play(), remind);
    return () => clearInterval(timer);
  }, [prefs.sound, count > 0 || waiting]);

  useEffect(() => {
    const mark = count > 0 ? String(count) : waiting ? "!" : "";
    const title = prefs.count && mark !== "" ? `(${mark}) Kontakt` : "Kontakt";
    document.title = training ? `${say("desk.train")} Kontakt` : title;
  }, [prefs.count, count, waiting, training, say]);
}
