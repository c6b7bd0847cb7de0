import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "@playwright/test";
import { type Directory, decodeDirectory, encodeDirectory } from "../src/wire/directory.ts";
import { lockKeys } from "./support/lock.ts";
import { expect, newVisitor, story, type Visitor } from "./support/story.ts";
import { makeTeam } from "./support/team.ts";
import { text } from "./support/texts.ts";
import { watch } from "./support/watch.ts";

/** From now on the relay of this browser lies about who may answer. */
async function lie(context: BrowserContext, change: (truth: Directory) => Directory): Promise<void> {
  await context.unroute("**/directory");
  await context.route("**/directory", async (route) => {
    const truth = await route.fetch();
    const told = change(decodeDirectory(new Uint8Array(await truth.body())));
    await route.fulfill({ response: truth, body: Buffer.from(encodeDirectory(told)) });
  });
}

/** The visitor gets as far as anybody can, is told in words what is wrong, and can telephone; nothing has been sent. */
async function expectRefused(he: Visitor, trouble: string): Promise<void> {
  const alert = he.page.getByRole("alert");
  await expect(alert).toContainText(he.says("send.trouble"));
  await expect(alert).toContainText(he.says(`trouble.${trouble}`));
  for (const number of ["112", "116 111"]) await expect(alert.getByRole("link", { name: number })).toBeVisible();
  await expect(he.page.getByRole("textbox")).toHaveCount(0);
  expect(
    he.watch.requests.filter((request) => request.includes("ws:")),
    "nothing was sent",
  ).toEqual([]);
}

async function goToTheLastStep(he: Visitor): Promise<void> {
  await he.begin();
  await he.answer("who.h1", "who.ask");
  await he.answer("chan.h1", "chan.chat");
}

story(
  "a roster under a key that nobody pinned is refused, and so is its coordinator",
  async ({ browser, coordinator, server }) => {
    await coordinator("Sara");
    // Somebody who holds the relay, and a team key of their own, lets themselves in.
    const folder = mkdtempSync(join(tmpdir(), "utvag-false-"));
    const context = await browser.newContext();
    const page = await context.newPage();
    const watching = watch(context);
    try {
      const impostors = makeTeam(folder);
      const forged = join(folder, "roster");
      impostors.begin(forged);
      const enrolling = await browser.newContext();
      const console = await enrolling.newPage();
      await console.goto(server.console);
      await console.getByLabel(text("sv", "desk.new.alias")).fill("Sara");
      await lockKeys(console);
      impostors.add(forged, await console.getByLabel(text("sv", "desk.enrolling.request")).inputValue());
      await lie(context, (truth) => ({ ...truth, roster: readFileSync(forged, "utf8") }));
      await page.goto(server.visitor);
      const he = newVisitor({ context, page, watch: watching });
      await goToTheLastStep(he);
      await expectRefused(he, "roster_signature");
      // The forger cannot do better by saying it again.
      await he.press("send.retry");
      await expectRefused(he, "roster_signature");
      // Nor can somebody who changes a letter of the true one, or cuts it short.
      await lie(context, (truth) => ({ ...truth, roster: truth.roster.replace("Sara", "Sarà") }));
      await he.press("send.retry");
      await expectRefused(he, "roster_signature");
      await lie(context, (truth) => ({ ...truth, roster: "utvag roster 1\n" }));
      await he.press("send.retry");
      await expectRefused(he, "roster_malformed");
      // Honest again: the same page goes on.
      await context.unroute("**/directory");
      await he.press("send.retry");
      await he.open("hej");
      await expect(he.delivery("hej")).toHaveText(he.says("chat.sent"));
      expect(watching.complaints).toEqual([]);
      await enrolling.close();
    } finally {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

story(
  "a roster that has run out, or is older than one that this page has seen, is refused",
  async ({ coordinator, someone, server }) => {
    await coordinator("Sara");
    const before = readFileSync(server.roster, "utf8");
    await coordinator("Omar");
    const he = await someone();
    // The relay shows the newest at first, but no keys, so that the page asks again.
    await lie(he.page.context(), (truth) => ({ ...truth, keyPackages: [] }));
    await he.page.reload();
    await goToTheLastStep(he);
    await expectRefused(he, "nobody");
    await lie(he.page.context(), (truth) => ({ ...truth, roster: before }));
    await he.press("send.retry");
    await expectRefused(he, "roster_old");

    // Eight days later nobody has signed a new one, and the relay's clock says so too.
    const later = 8 * 24 * 60 * 60;
    const she = await someone();
    await lie(she.page.context(), (truth) => ({ ...truth, time: truth.time + later }));
    await she.page.clock.install({ time: Date.now() + later * 1000 });
    await she.page.reload();
    await goToTheLastStep(she);
    await expectRefused(she, "roster_expired");
  },
);

story(
  "a device that no team lead added waits for ever, and nobody writes to it",
  async ({ browser, folder, server, someone }) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.console);
    await page.getByLabel(text("sv", "desk.new.alias")).fill("Sara");
    await lockKeys(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("sv", "desk.enrolling.h1"));
    const request = await page.getByLabel(text("sv", "desk.enrolling.request")).inputValue();

    // A lead of somewhere else signs: the server takes no notice, and says so to its operator.
    const other = join(folder, "other");
    mkdirSync(other);
    const impostors = makeTeam(other);
    const forged = join(other, "roster");
    impostors.begin(forged);
    impostors.add(forged, request);
    copyFileSync(forged, `${server.roster}.new`);
    renameSync(`${server.roster}.new`, server.roster);
    await expect.poll(() => server.log()).toContain("THE NEW ROSTER IS REFUSED");
    // Twice as long as the page waits between looks.
    await page.waitForResponse((response) => response.url().endsWith("/directory"));
    await page.waitForResponse((response) => response.url().endsWith("/directory"));
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("sv", "desk.enrolling.h1"));

    const he = await someone();
    await expect(he.sees("start.closed.all")).toBeVisible();
    await context.close();
  },
);
