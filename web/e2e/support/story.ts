/**
 * What every story begins with: people instead of pages. When a story is over, its end is examined too, whatever it was
 * about: no browser complained, no visitor's page asked another origin or kept anything, everything in Redis has an
 * end, and neither Redis nor the log holds a sentence that anybody wrote.
 */
import type { BrowserContext, BrowserContextOptions, Page } from "@playwright/test";
import { type Coordinator, newCoordinator } from "./coordinator.ts";
import { expectEveryKeyEnds, expectNothingKept } from "./kept.ts";
import { lockKeys } from "./lock.ts";
import { leave } from "./neutral.ts";
import type { Server } from "./server.ts";
import type { Team } from "./team.ts";
import { type Lang, test } from "./test.ts";
import { text } from "./texts.ts";
import { newVisitor, type Visitor } from "./visitor.ts";
import { watch } from "./watch.ts";

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

  coordinator: async ({ browser, contextOptions, viewport, redis, server, team, expected }, use) => {
    const all: Coordinator[] = [];
    const opened: BrowserContext[] = [];
    await use(async (alias, options = {}) => {
      const context = await browser.newContext({ ...contextOptions, viewport, ...options });
      opened.push(context);
      const coordinator = await enrol(context, { server, team }, alias);
      all.push(coordinator);
      return coordinator;
    });
    for (const { watch, written } of all) {
      expectNoComplaint(watch.complaints, expected);
      await expectNothingKept(redis, server, written);
    }
    await Promise.all(opened.map((context) => context.close()));
  },
});

/**
 * Makes a console of this browser, has a team lead add it, and waits until it is signed in. With `open` the page is
 * loaded once more before that, and unlocked.
 */
export async function enrol(
  context: BrowserContext,
  { server, team }: { readonly server: Server; readonly team: Team },
  alias: string,
  lock = lockKeys,
  open?: (page: Page) => Promise<void>,
): Promise<Coordinator> {
  const watching = watch(context);
  const page = await context.newPage();
  await page.goto(server.console);
  await page.getByLabel(text("sv", "desk.new.alias")).fill(alias);
  // A new device looks for itself in the roster at once, and then every few seconds: its first look waits until it is
  // there.
  let added = (): void => undefined;
  const there = new Promise<void>((resolve) => (added = resolve));
  await page.route(`${server.console}/directory`, async (route) => {
    await there;
    await route.continue();
  });
  await lock(page);
  const request = page.getByLabel(text("sv", "desk.enrolling.request"));
  await test.expect(request).not.toHaveValue("");
  team.add(server.roster, await request.inputValue());
  const device = deviceOf(page);
  await expectDirectory(server.visitor, device.toString("hex"));
  added();
  if (open) {
    await page.reload();
    await open(page);
  }
  const coordinator = newCoordinator({ context, page, watch: watching }, alias);
  await test.expect(coordinator.phase("online")).toBeVisible();
  await page.unrouteAll();
  await expectDirectory(server.visitor, device);
  return coordinator;
}

/** The id of the device that a console is. */
export function deviceOf(page: Page): Buffer {
  const device = Buffer.from(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("device") ?? "", "hex");
  test.expect(device).toHaveLength(8);
  return device;
}

/**
 * Waits until what visitors are shown holds this: a device's id in hex once it is in the roster, and as bytes once it
 * has keys.
 */
export async function expectDirectory(origin: string, holds: Buffer | string): Promise<void> {
  const shown = async (): Promise<boolean> =>
    Buffer.from(await (await fetch(`${origin}/directory`)).arrayBuffer()).includes(holds);
  await test.expect.poll(shown, { intervals: [100, 200, 300], timeout: 15_000 }).toBe(true);
}

function expectNoComplaint(complaints: readonly string[], expected: RegExp): void {
  test.expect(complaints.filter((complaint) => !expected.test(complaint))).toEqual([]);
}
