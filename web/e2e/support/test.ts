/**
 * What every browser test begins with. Each test has a Redis and a `utvag serve` of its own; a team is made once for
 * all.
 *
 *   test("a story", async ({ server, redis, openVisitor, openConsole }) => {
 *     const sara = await openConsole("Sara");                 // enrolled, signed in
 *     const visitor = await openVisitor();                    // another browser context
 *     await visitor.page.getByRole("button", { name: text("sv", "start.go") }).click();
 *     …
 *     expect(visitor.watch.complaints).toEqual([]);           // no error, no breach of the content security policy
 *     for (const key of await redis.everything()) expect(key.ttl).toBeGreaterThan(0);
 *     expect(server.log()).not.toContain("127.0.0.1");
 *   });
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, expect, type Page, test as base } from "@playwright/test";
import "../../test/clock.ts";
import { erase } from "./erase.ts";
import { lockKeys } from "./lock.ts";
import { type PrivateRedis, startRedis } from "./redis.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";
import { makeTeam, type Team } from "./team.ts";
import { type Lang, text } from "./texts.ts";
import { type Watch, watch } from "./watch.ts";

export { expect, text };
export type { Lang };

/** One person's browser: a context of its own, which shares nothing with the others. */
export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: Watch;
}

interface Fixtures {
  /** Change with `test.use({ serverOptions: { extra: … } })`. */
  readonly serverOptions: ServerOptions;
  /** A folder with a short path that is removed afterwards. */
  readonly folder: string;
  readonly redis: PrivateRedis;
  readonly server: Server;
  /** Opens the visitor's page. */
  readonly openVisitor: (options?: BrowserContextOptions) => Promise<Browser>;
  /**
   * Opens the console, makes a device there, has a team lead add it, and waits until it is signed in. Takes some ten
   * seconds, since the server looks at its roster file every five; several at once take no longer:
   * `Promise.all([openConsole("Sara"), openConsole("Omar")])`.
   */
  readonly openConsole: (alias: string, options?: BrowserContextOptions) => Promise<Browser>;
}

interface WorkerFixtures {
  readonly team: Team;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  // Where the clock is ahead (test/clock.ts) it is in the browser too.
  browser: [
    async ({ browser }, use) => {
      if (process.env["UTVAG_CLOCK_AHEAD"] !== undefined) {
        const make = browser.newContext.bind(browser);
        browser.newContext = async (options) => {
          const context = await make(options);
          await context.clock.install({ time: Date.now() });
          return context;
        };
      }
      await use(browser);
    },
    { scope: "worker" },
  ],

  serverOptions: [{}, { option: true }],

  team: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it that nothing is asked for
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), "utvag-team-"));
      await use(makeTeam(folder));
      rmSync(folder, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
    },
    { scope: "worker" },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it that nothing is asked for
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "utvag-"));
    await use(folder);
    await erase(folder);
  },

  redis: async ({ folder }, use) => {
    const redis = await startRedis(folder);
    await use(redis);
    await redis.stop();
  },

  server: async ({ folder, redis, team, serverOptions }, use, testInfo) => {
    const roster = join(folder, "roster");
    team.begin(roster);
    const server = await startServer(folder, redis, team, roster, serverOptions);
    await use(server);
    await server.kill();
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach("log of the server", { body: server.log() });
  },

  openVisitor: async ({ browser, contextOptions, viewport, server }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...contextOptions, viewport, ...options });
      opened.push(context);
      const watching = watch(context);
      const page = await context.newPage();
      await page.goto(server.visitor);
      return { context, page, watch: watching };
    });
    await Promise.all(opened.map((context) => context.close()));
  },

  openConsole: async ({ browser, contextOptions, viewport, server, team }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (alias, options = {}) => {
      const context = await browser.newContext({ ...contextOptions, viewport, ...options });
      opened.push(context);
      const watching = watch(context);
      const page = await context.newPage();
      await page.goto(server.console);
      await page.getByLabel(text("sv", "desk.new.alias")).fill(alias);
      await lockKeys(page);
      team.add(server.roster, await page.getByLabel(text("sv", "desk.enrolling.request")).inputValue());
      await expect(page.getByText(text("sv", "desk.phase.online"))).toBeVisible({ timeout: 30_000 });
      return { context, page, watch: watching };
    });
    await Promise.all(opened.map((context) => context.close()));
  },
});
