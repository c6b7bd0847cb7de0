/**
 * What every story begins with: people instead of pages. When a story is over, its end is examined too, whatever it was about: no
 * browser complained, no visitor's page asked another origin or kept anything, everything in Redis has an end, and neither Redis nor
 * the log holds a sentence that anybody wrote.
 */
import type { BrowserContextOptions, Page } from "@playwright/test";
import { type Coordinator, newCoordinator } from "./coordinator.ts";
import { expectEveryKeyEnds, expectNothingKept } from "./kept.ts";
import { type Lang, test } from "./test.ts";
import { leave, newVisitor, type Visitor } from "./visitor.ts";

export { expect } from "@playwright/test";
export { newVisitor };
export type { Coordinator, Lang, Visitor };

interface People {
  /** Complaints of a browser that the story is about, such as a network that is gone. */
  readonly expected: RegExp;
  /** Somebody who opens the visitor's page. */
  readonly someone: (lang?: Lang, options?: BrowserContextOptions) => Promise<Visitor>;
  /** A coordinator who is enrolled and signed in. */
  readonly coordinator: (alias: string, options?: BrowserContextOptions) => Promise<Coordinator>;
}

export const story = test.extend<People>({
  expected: [/(?!)/, { option: true }],

  someone: async ({ openVisitor, redis, server, expected }, use) => {
    const all: Visitor[] = [];
    await use(async (lang = "sv", options = {}) => {
      const visitor = newVisitor(await openVisitor(options));
      if (lang !== "sv") await visitor.reads(lang);
      all.push(visitor);
      return visitor;
    });
    for (const { page, watch, written } of all) {
      expectNoComplaint(watch.complaints, expected);
      const own = new RegExp(`^GET ${server.visitor.replace("http", "(http|ws)")}/`);
      test.expect(watch.requests.filter((request) => !own.test(request) && request !== `GET ${leave}`)).toEqual([]);
      // A page that was left for another has no storage of its own to look at.
      if (!page.isClosed() && page.url().startsWith(server.visitor)) test.expect(await watch.traces(page)).toEqual([]);
      await expectNothingKept(redis, server, written);
    }
    await expectEveryKeyEnds(redis);
  },

  coordinator: async ({ openConsole, redis, server, expected }, use) => {
    const all: Coordinator[] = [];
    await use(async (alias, options = {}) => {
      const coordinator = newCoordinator(await openConsole(alias, options), alias);
      await expectReadable(server.visitor, coordinator.page);
      all.push(coordinator);
      return coordinator;
    });
    for (const { watch, written } of all) {
      expectNoComplaint(watch.complaints, expected);
      await expectNothingKept(redis, server, written);
    }
  },
});

/** Waits until what is written can be encrypted to the device of this console: visitors are shown its keys. */
async function expectReadable(origin: string, page: Page): Promise<void> {
  const device = Buffer.from(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("device") ?? "", "hex");
  test.expect(device).toHaveLength(8);
  await test.expect.poll(async () => Buffer.from(await (await fetch(`${origin}/directory`)).arrayBuffer()).includes(device)).toBe(true);
}

function expectNoComplaint(complaints: readonly string[], expected: RegExp): void {
  test.expect(complaints.filter((complaint) => !expected.test(complaint))).toEqual([]);
}
