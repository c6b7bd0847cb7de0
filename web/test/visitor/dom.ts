/**
 * The page on happy-dom, so that every screen can be drawn without a browser. What it draws is compared as text and
 * structure; how it looks and speaks is tested in real browsers. Its names stand beside Node's: in an environment of
 * its own, Vite would take the address of every file for a page's.
 */
import { Window } from "happy-dom";
import { options } from "preact";

const window = new Window({ url: "https://kontakt.example.se/" });

/** An element, found and read as a person would. */
export class Seen {
  readonly element: HTMLElement;
  constructor(element: HTMLElement) {
    this.element = element;
  }
  named(name: string): readonly Seen[] {
    return [...this.element.querySelectorAll<HTMLElement>(name)].map((element) => new Seen(element));
  }
  get all(): readonly Seen[] {
    return this.named("*");
  }
  get parent(): Seen {
    return new Seen(this.element.parentElement!);
  }
  get read(): string {
    return this.element.textContent.replace(/\s+/g, " ").trim();
  }
  get(attribute: string): string | null {
    return this.element.getAttribute(attribute);
  }
  get value(): string {
    return (this.element as HTMLTextAreaElement).value;
  }
  click(): void {
    this.element.click();
  }
  /** Puts this in the place of what stands in a field. */
  fill(text: string): void {
    (this.element as HTMLTextAreaElement).value = text;
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Makes the names global that Preact and the page look for. Preact draws at once: a turn of the event loop and not a frame is what a test waits for. */
export function install(): void {
  // Properties of every browser that happy-dom does not know.
  Object.assign(window.HTMLElement.prototype, { spellcheck: true, translate: true });
  Object.assign(globalThis, { document: window.document, Event: window.Event, scrollTo: () => undefined });
  Object.assign(options, { requestAnimationFrame: (run: () => void) => setTimeout(run, 0) });
}

/** Lets Preact draw what changed and run its effects: it does both after a turn of the event loop. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}
