/**
 * A blank cover over the page while nobody looks at it, for the picture that a phone keeps of every page among the
 * recent ones, and for whoever picks the phone up. It is plain DOM beside the page, so that it is up before the browser
 * takes its picture, whatever the page is doing. Nothing under it is lost.
 */
import type { Texts } from "../i18n/index.ts";
import { door } from "./exit.ts";

export interface Cover {
  /** Covers at once. */
  up(): void;
  /** In the language that the page speaks now. */
  speak(texts: Texts): void;
}

/** The first word on it comes when somebody looks: the picture shows none. */
export function newCover(doc: Document): Cover {
  const page = doc.documentElement;
  const show = doc.createElement("button");
  show.type = "button";
  const out = doc.createElement("a");
  out.className = "leave";
  out.href = door;
  out.rel = "nofollow noreferrer";
  const cover = doc.createElement("div");
  cover.className = "cover";
  cover.setAttribute("role", "dialog");
  cover.setAttribute("aria-modal", "true");
  cover.append(out, show);
  doc.body.append(cover);

  let focused: Element | null = null;

  function up(): void {
    if (page.classList.contains("covered")) return;
    focused = doc.activeElement;
    page.classList.add("covered");
  }
  /** Somebody looks again. */
  function ask(): void {
    if (!page.classList.contains("covered")) return;
    page.classList.add("asks");
    show.focus({ preventScroll: true });
  }
  function away(): void {
    page.classList.remove("asks");
    up();
  }
  function down(): void {
    page.classList.remove("covered", "asks");
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }

  // Not the button alone: on a window that had no focus the first tap comes before the words.
  cover.addEventListener("click", down);
  doc.addEventListener("visibilitychange", () => (doc.visibilityState === "hidden" ? away() : ask()));
  doc.addEventListener("freeze", away);
  doc.addEventListener("resume", ask);
  doc.defaultView?.addEventListener("blur", away);
  doc.defaultView?.addEventListener("focus", ask);
  return {
    up() {
      up();
      if (doc.visibilityState === "visible") ask();
    },
    speak(texts) {
      show.textContent = texts.t("chat.show");
      cover.setAttribute("aria-label", texts.t("chat.show"));
      out.textContent = texts.t("exit.button");
    },
  };
}
