import { newExaminer } from "./support/axe.ts";
import { expect, story } from "./support/story.ts";
import { text } from "./support/texts.ts";
import { watch } from "./support/watch.ts";

story(
  "a new colleague trains on their first day, and a real person ends a training at once",
  async ({ browser, coordinator, server, someone }) => {
    const eye = newExaminer(44);
    const says = (key: string) => text("sv", key);

    // Without keys: nothing is asked of the server, nothing is kept.
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const watching = watch(context);
    const page = await context.newPage();
    const press = (key: string) => page.getByRole("button", { name: says(key), exact: true }).click();
    await page.goto(server.console);
    const stored = () =>
      page.evaluate(async () => [
        JSON.stringify(localStorage),
        JSON.stringify(sessionStorage),
        (await indexedDB.databases()).map(({ name }) => name),
      ]);
    await expect(page.getByRole("button", { name: says("desk.train.go"), exact: true })).toBeVisible();
    const before = await stored();
    await press("desk.train.go");
    const band = page.getByRole("region", { name: says("desk.train") });
    await expect(band).toContainText(says("desk.train.band"));
    await expect(page).toHaveTitle(`${says("desk.train")} Kontakt`);
    const requests = watching.requests.length;
    await page.locator("[data-case]").first().click();
    await press("desk.claim.go");
    await expect(page.locator("#composer")).toBeVisible();
    await eye.look(page, "training");
    await page.keyboard.press("F4");
    await expect(page.getByRole("dialog", { name: `${says("desk.train")} ${says("desk.phrases")}` })).toBeVisible();
    await page.keyboard.type("inte polis");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("log")).toContainText("ok. berättar du för soc då");
    await press("desk.end");
    await press("desk.end.now");
    await expect(page.locator(".review li").first()).toContainText(says("desk.train.done"));
    await eye.look(page, "review");
    await press("desk.menu");
    await expect(page.getByRole("button", { name: says("desk.menu.signout"), exact: true })).toHaveCount(0);
    await press("desk.close");
    expect(watching.requests.slice(requests), "a training asks nobody anything").toEqual([]);
    expect(await stored(), "a training keeps nothing").toEqual(before);
    await press("desk.train.leave");
    await expect(page.getByRole("heading", { level: 1, name: says("desk.new.h1") })).toBeVisible();
    await expect(page).toHaveTitle("Kontakt");
    await context.close();

    // Enrolled: whoever is real comes first.
    const sara = await coordinator("Sara");
    await sara.press("desk.menu");
    await sara.press("desk.train.go");
    await expect(sara.page.locator(".training-band")).toBeVisible();
    await expect(sara.rows).toHaveCount(1);
    const he = await someone("sv");
    await he.ask("på riktigt");
    await expect(sara.sees("desk.train.cut")).toBeVisible();
    await expect(sara.page.locator(".training-band")).toHaveCount(0);
    await eye.look(sara.page, "training broken off");
    await sara.press("desk.menu");
    await expect(sara.page.getByRole("button", { name: says("desk.train.go"), exact: true })).toBeDisabled();
    await sara.press("desk.close");
    await sara.open();
    await sara.claim();
    await sara.write("Hej. Jag är här.");
    await expect(he.thread.last()).toHaveText("Hej. Jag är här.");
  },
);
