/** Notices that nobody has touched the page for a while. Nothing is ended and no text is lost by it. */

/** Minutes until somebody is asked whether they are there, and then until the page is covered. */
const unasked = 4;
export const asked = 1;

const minute = 60_000;
// Not scrolling: the page scrolls by itself where an answer comes.
const signs = ["keydown", "pointerdown", "pointermove", "touchmove", "wheel", "focusin", "visibilitychange"];

/** `ask` hears true when somebody is asked, and false when they have answered by doing anything at all. */
export function watchIdle(doc: Document, ask: (asking: boolean) => void, cover: () => void): void {
  let asking = false;
  let timer: ReturnType<typeof setTimeout>;
  function say(next: boolean): void {
    asking = next;
    ask(next);
  }
  function begin(): void {
    clearTimeout(timer);
    if (asking) say(false);
    timer = setTimeout(() => {
      say(true);
      timer = setTimeout(cover, asked * minute);
    }, unasked * minute);
  }
  for (const sign of signs) doc.addEventListener(sign, begin, { capture: true, passive: true });
  begin();
}
