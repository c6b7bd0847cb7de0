/**
 * As much of a document as Preact needs to draw a page, so that every screen can be drawn without a browser. It has no
 * layout, no styles and no parser; what it draws is compared as text and structure. How it looks and speaks is tested
 * in real browsers.
 */
import { options } from "preact";

type Listener = (event: object) => void;

export class FakeNode {
  parentNode: FakeElement | null = null;
  childNodes: FakeNode[] = [];
  readonly nodeType: number;
  constructor(nodeType: number) {
    this.nodeType = nodeType;
  }
  get nextSibling(): FakeNode | null {
    const all = this.parentNode?.childNodes ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }
  get firstChild(): FakeNode | null {
    return this.childNodes[0] ?? null;
  }
  get textContent(): string {
    return this.childNodes.map((child) => child.textContent).join("");
  }
  remove(): void {
    const all = this.parentNode?.childNodes;
    if (all) all.splice(all.indexOf(this), 1);
    this.parentNode = null;
  }
}

export class FakeText extends FakeNode {
  data: string;
  constructor(data: string) {
    super(3);
    this.data = data;
  }
  override get textContent(): string {
    return this.data;
  }
}

export class FakeElement extends FakeNode {
  readonly attributes = new Map<string, string>();
  readonly listeners = new Map<string, Listener>();
  readonly namespaceURI = "http://www.w3.org/1999/xhtml";
  readonly localName: string;
  readonly ownerDocument = fakeDocument;
  // Preact sets what is a property as a property.
  value = "";
  checked = false;
  className = "";
  spellcheck = true;
  translate = true;
  focused = 0;
  constructor(name: string) {
    super(1);
    this.localName = name;
  }
  override get textContent(): string {
    return super.textContent;
  }
  override set textContent(text: string) {
    this.replaceChildren(new FakeText(text));
  }
  insertBefore(child: FakeNode, before: FakeNode | null): FakeNode {
    child.remove();
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    if (at < 0) throw new Error("not a child");
    this.childNodes.splice(at, 0, child);
    child.parentNode = this;
    return child;
  }
  appendChild(child: FakeNode): FakeNode {
    return this.insertBefore(child, null);
  }
  removeChild(child: FakeNode): void {
    child.remove();
  }
  contains(node: FakeNode | null): boolean {
    for (let at = node; at; at = at.parentNode) if (at === this) return true;
    return false;
  }
  replaceChildren(...children: FakeNode[]): void {
    for (const child of [...this.childNodes]) child.remove();
    for (const child of children) this.appendChild(child);
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, String(value));
  }
  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }
  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type.toLowerCase(), listener);
  }
  removeEventListener(type: string): void {
    this.listeners.delete(type.toLowerCase());
  }
  scrollIntoView(): void {}
  getBoundingClientRect(): { readonly bottom: number } {
    return { bottom: 0 };
  }
  focus(): void {
    this.focused += 1;
  }
  get all(): readonly FakeElement[] {
    return this.childNodes.flatMap((child) => (child instanceof FakeElement ? [child, ...child.all] : []));
  }
  named(name: string): readonly FakeElement[] {
    return this.all.filter((element) => element.localName === name);
  }
  /** What a person would read, in order. */
  get read(): string {
    return this.textContent.replace(/\s+/g, " ").trim();
  }
  dispatch(type: string, event: object = {}): void {
    // Preact keeps its own listeners on the element, and asks the event when it was made.
    this.listeners.get(type)?.call(this, { type, preventDefault() {}, currentTarget: this, target: this, ...event });
  }
}

export const fakeDocument = {
  documentElement: { scrollHeight: 0, scrollTop: 0, clientHeight: 0 },
  createElement: (name: string): FakeElement => new FakeElement(name),
  createElementNS: (_: string, name: string): FakeElement => new FakeElement(name),
  createTextNode: (text: string): FakeText => new FakeText(text),
};

/** Makes the names global that Preact and the page look for. */
export function install(): void {
  Object.assign(globalThis, { document: fakeDocument, scrollTo: () => undefined });
  Object.assign(options, { requestAnimationFrame: (run: () => void) => setTimeout(run, 0) });
}

/** Lets Preact draw what changed and run its effects: it does both after a turn of the event loop. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}
