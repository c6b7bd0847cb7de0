/**
 * Hands that shake tap twice: a second tap, meant for what the first one took away, must not press what came in its
 * place.
 */

/** How soon, in milliseconds, and how near, in CSS pixels, a tap must follow to count as the same. */
const soon = 500;
const near = 24;

export interface Tap {
  readonly time: number;
  readonly x: number;
  readonly y: number;
  /** By a finger or a pen; a mouse counts its clicks by itself. */
  readonly touch: boolean;
  /** How many clicks on end, as the browser counts; 0 from a keyboard. */
  readonly count: number;
  /** What was tapped. */
  readonly target: { readonly isConnected: boolean } | null;
}

/** Says of each tap whether it is the second half of a double one whose first half changed the screen. */
export function newTapFilter(): (tap: Tap) => boolean {
  let before: Tap | undefined;
  return (tap) => {
    const gone = before?.target?.isConnected === false;
    const doubled =
      before !== undefined &&
      gone &&
      tap.count > 0 &&
      (tap.touch || tap.count > 1) &&
      tap.time - before.time < soon &&
      Math.hypot(tap.x - before.x, tap.y - before.y) < near;
    // A third tap follows the second: what the first one took away is still what was meant.
    before = doubled ? { ...tap, target: before?.target ?? null } : tap;
    return doubled;
  };
}

export function ignoreDoubled(doc: Document): void {
  const doubled = newTapFilter();
  let touch = false;
  doc.addEventListener("pointerdown", (event) => (touch = event.pointerType !== "mouse"), true);
  doc.addEventListener(
    "click",
    (event) => {
      const target = event.target instanceof Element ? event.target : null;
      const again = doubled({
        time: event.timeStamp,
        x: event.clientX,
        y: event.clientY,
        touch,
        count: event.detail,
        target,
      });
      // The way out and the telephone always answer.
      if (!again || target?.closest("a")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
}
