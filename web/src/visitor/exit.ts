/** «Leave this page now»: what was on the page is gone before the next page is asked for. */

/** `overlay` is said to those who cannot see that the page went blank. */
export function leave(doc: Document, to: string, overlay: string, wipe: () => void): void {
  const said = doc.createElement("p");
  said.className = "overlay";
  said.setAttribute("role", "alert");
  doc.body.replaceChildren(said);
  said.textContent = overlay;
  try {
    wipe();
  } finally {
    // `replace` leaves no entry to go back to.
    doc.defaultView?.location.replace(to);
  }
}

/** Three presses of Shift alone, each within five seconds of the last. Any other key starts anew. */
export interface ShiftCounter {
  /** Takes the key of a keyup and whether Shift was part of a combination; returns how many presses are left, or undefined for another key. */
  press(key: string, combined: boolean): number | undefined;
  expire(): void;
}

export function newShiftCounter(presses = 3): ShiftCounter {
  let left = presses;
  return {
    press(key, combined) {
      if (key !== "Shift" || combined) {
        left = presses;
        return undefined;
      }
      left -= 1;
      if (left > 0) return left;
      left = presses;
      return 0;
    },
    expire() {
      left = presses;
    },
  };
}

/** Listens for Shift. `say` gets the text key to announce, or an empty string; `go` leaves. */
export function watchShift(doc: Document, say: (key: string) => void, go: () => void): void {
  const counter = newShiftCounter();
  let held = false; // the last keyup happened while Shift was down: the Shift that follows belongs to it
  let timer: ReturnType<typeof setTimeout> | undefined;
  doc.addEventListener("keyup", (event) => {
    const left = counter.press(event.key, held);
    held = event.key !== "Shift" && event.shiftKey;
    clearTimeout(timer);
    if (left === undefined) return say("");
    if (left === 0) return go();
    say(left === 2 ? "exit.press2" : "exit.press1");
    timer = setTimeout(() => {
      counter.expire();
      say("exit.expired");
      timer = setTimeout(() => say(""), 5000);
    }, 5000);
  }, true);
}
