/** «Leave this page now»: what was on the page is gone before the next page is asked for. */

/**
 * The site's own address that clears what the browser keeps of it and sends on (web/site.go); every link of the way out
 * leads there.
 */
export const door = "/lamna";

/** How long, in milliseconds, the door may take before its goal is asked for without it. */
const patience = 700;

export interface Exit {
  /** Where the door leads. */
  readonly to: string;
  /** Said to those who cannot see that the page went blank. */
  readonly overlay: string;
  /** Forgets the conversation, at once. */
  readonly forget: () => void;
}

/**
 * One task without a pause, so that whoever takes the phone finds it done. What fails keeps nothing else from being
 * done.
 */
export function leave(doc: Document, { to, overlay, forget }: Exit): void {
  const view = doc.defaultView;
  const said = doc.createElement("p");
  said.className = "overlay";
  said.setAttribute("role", "alert");
  const fields = [...doc.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")];
  doc.body.replaceChildren(said);
  said.textContent = overlay;
  try {
    for (const field of fields) field.value = "";
    forget();
  } finally {
    // Without a network the door could only show a page of the browser's own that names this host.
    const online = view?.navigator.onLine !== false;
    // `replace` leaves no entry to go back to.
    view?.location.replace(online ? door : to);
    if (online) view?.setTimeout(() => view.location.replace(to), patience);
    // Last, since a browser that forbids storage throws here.
    view?.sessionStorage.clear();
  }
}

/** Takes over every link of the way out, those that the server rendered too. */
export function watchLinks(doc: Document, go: () => void): void {
  doc.addEventListener(
    "click",
    (event) => {
      if (!(event.target instanceof Element) || !event.target.closest(`a[href="${door}"]`)) return;
      event.preventDefault();
      go();
    },
    true,
  );
}

/** Three presses of Shift alone, each within five seconds of the last. Any other key starts anew. */
export interface ShiftCounter {
  /**
   * Takes the key of a keyup and whether Shift was part of a combination; returns how many presses are left, or
   * undefined for another key.
   */
  press(key: string, combined: boolean): number | undefined;
  expire(): void;
}

/** How many presses leave the page. */
export const presses = 3;

export function newShiftCounter(): ShiftCounter {
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

/** How far somebody has come with Shift: what to show, and the text key of what to announce, or an empty string. */
export interface Pressed {
  readonly count: number;
  readonly say: string;
}

export const unpressed: Pressed = { count: 0, say: "" };

/** Listens for Shift. */
export function watchShift(doc: Document, hear: (pressed: Pressed) => void, go: () => void): void {
  const counter = newShiftCounter();
  let held = false; // the last keyup happened while Shift was down: the Shift that follows belongs to it
  let timer: ReturnType<typeof setTimeout> | undefined;
  doc.addEventListener(
    "keyup",
    (event) => {
      const left = counter.press(event.key, held);
      held = event.key !== "Shift" && event.shiftKey;
      clearTimeout(timer);
      if (left === undefined) return hear(unpressed);
      if (left === 0) return go();
      hear({ count: presses - left, say: left === 2 ? "exit.press2" : "exit.press1" });
      timer = setTimeout(() => {
        counter.expire();
        hear({ count: 0, say: "exit.expired" });
        timer = setTimeout(() => hear(unpressed), 5000);
      }, 5000);
    },
    true,
  );
}
