import { expect, type Locator, type Page } from "@playwright/test";
import { neutralTitle } from "./neutral.ts";
import { standIns } from "./rules.ts";
import { kommun } from "./team.ts";
import type { Browser } from "./test.ts";
import { type Lang, text } from "./texts.ts";
import type { Watch } from "./watch.ts";

/** A page of the flow, or an answer to one of its questions, as a text key. */
type Key = string;

/** Somebody who writes, as they meet the page: what they see, tap and read. */
export interface Visitor {
  readonly page: Page;
  readonly watch: Watch;
  /** Everything that was written on this page, sent or not, to be looked for where it must not be. */
  readonly written: readonly string[];
  /** What of it was sent, in that order. */
  readonly sent: readonly string[];
  /** A sentence in the language that the visitor reads now. */
  says(key: Key, slots?: Readonly<Record<string, string | number>>): string;
  /** The element that holds a sentence. */
  sees(key: Key, slots?: Readonly<Record<string, string | number>>): Locator;
  /** Chooses another language. */
  reads(lang: Lang): Promise<void>;
  press(key: Key): Promise<void>;
  /** From the first screen to the first question. */
  begin(): Promise<void>;
  /** Waits for the question, and gives the answers to it. Without one: skips it. */
  answer(question: Key, ...answers: readonly Key[]): Promise<void>;
  /** Waits for a page to read, by its heading, and goes on. */
  read(heading: Key): Promise<void>;
  /**
   * Waits for a screen, by its heading: this sentence, or the one that stands in its place where nobody vouches for it.
   */
  arrives(heading: Key): Promise<void>;
  /** The shortest way from the first screen to a conversation: answers nothing, and writes. */
  ask(words: string): Promise<void>;
  /** Writes the first words, on the page that says what is sent, and sends them. */
  open(words: string): Promise<void>;
  /** Writes in the chat without sending. */
  draft(words: string): Promise<void>;
  /** Writes in the chat, and sends. */
  write(words: string): Promise<void>;
  readonly composer: Locator;
  /** Everything that the two have written, top to bottom. */
  readonly thread: Locator;
  /** The words under an own line that say how far it has come. */
  delivery(words: string): Locator;
  end(): Promise<void>;
  /** Leaves in a hurry, and arrives at a page that tells nothing. */
  leave(): Promise<void>;
}

/** Slots that the page fills by itself. */
const always = { kommun: kommun.name, hours: 24, days: 7 };

export function newVisitor({ page, watch }: Browser, first: Lang = "sv"): Visitor {
  let lang = first;
  const written: string[] = [];
  const sent: string[] = [];
  const says: Visitor["says"] = (key, slots) => text(lang, key, { ...always, ...slots });
  const button = (key: Key): Locator => page.getByRole("button", { name: says(key), exact: true });
  const log = page.getByRole("log");
  const field = page.getByRole("textbox");
  const fill = async (words: string): Promise<void> => {
    written.push(words);
    await field.fill(words);
  };
  const send = async (words: string): Promise<void> => {
    await fill(words);
    sent.push(words);
    await button("chat.send").click();
  };

  const visitor: Visitor = {
    page,
    watch,
    written,
    sent,
    says,
    sees: (key, slots) => page.getByText(says(key, slots), { exact: true }),
    async reads(next) {
      await page.locator(".languages summary").click();
      await page.locator(`.languages button[lang=${next}]`).click();
      lang = next;
      await expect(page.locator("html")).toHaveAttribute("lang", next);
    },
    press: (key) => button(key).click(),
    async begin() {
      await button("start.go").click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(says("info.h1"));
      await button("info.ok").click();
    },
    async answer(question, ...answers) {
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(says(question));
      const ticks = page.getByRole("checkbox");
      if (answers.length === 0) return button("common.skip").click();
      if ((await ticks.count()) === 0) return button(answers[0] ?? "").click();
      for (const answer of answers) await page.getByRole("checkbox", { name: says(answer), exact: true }).check();
      await button("common.next").click();
    },
    async read(heading) {
      await visitor.arrives(heading);
      await button("common.next").click();
    },
    async arrives(key) {
      const sentences = standIns(key).map((one) => says(one));
      await expect
        .poll(
          async () => sentences.includes(await page.getByRole("heading", { level: 1 }).innerText()),
          `the page «${sentences[0]}»`,
        )
        .toBe(true);
    },
    async ask(words) {
      await visitor.begin();
      await visitor.answer("who.h1", "who.ask");
      await visitor.answer("chan.h1", "chan.chat");
      await visitor.open(words);
    },
    async open(words) {
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(says("send.h1"));
      await expect(page.getByLabel(says("send.text"))).toBeVisible();
      await send(words);
      await expect(log).toBeAttached();
    },
    draft: fill,
    write: send,
    composer: field,
    thread: log.locator(".text"),
    delivery: (words) => log.locator(".own", { has: page.getByText(words, { exact: true }) }).locator(".small"),
    async end() {
      await button("chat.end").click();
      await button("chat.end.now").click();
    },
    async leave() {
      await page.getByRole("link", { name: says("exit.button"), exact: true }).click();
      await expect(page).toHaveTitle(neutralTitle);
    },
  };
  return visitor;
}
