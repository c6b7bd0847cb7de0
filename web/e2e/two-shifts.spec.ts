import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newExaminer } from "./support/axe.ts";
import { expect, story } from "./support/story.ts";

const rota = join(mkdtempSync(join(tmpdir(), "utvag-rota-")), "vidby.ics");
const hour = 3_600_000;
const clock = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");

function turns(...all: readonly (readonly [place: string, alias: string, from: number, to: number])[]): void {
  const now = Date.now();
  const events = all.map(
    ([place, alias, from, to], at) =>
      `BEGIN:VEVENT\r\nUID:${at}\r\nDTSTART:${clock(now + from * hour)}\r\nDTEND:${clock(now + to * hour)}\r\nSUMMARY:${place}: ${alias}\r\nEND:VEVENT\r\n`,
  );
  writeFileSync(rota, `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n${events.join("")}END:VCALENDAR\r\n`);
}
turns(["first", "Sara", -1, 2], ["first", "Omar", 2, 5]);

story.use({ serverOptions: { extra: `    rota:\n      calendars: [${rota}]\n    duty: {breaks: [5m, 20m]}\n` } });

story(
  "two shifts: who is on duty, a break while somebody else is there, and the next",
  async ({ coordinator, someone }) => {
    const [sara, omar] = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
    for (const one of [sara, omar]) {
      await one.press("desk.menu");
      await one.press("desk.place.duty");
    }
    const people = (of: typeof sara, at: number) => of.page.locator("ul.duty").nth(at).getByRole("listitem");
    await expect(people(sara, 0)).toHaveText(/Sara, först.*Kan nås/);
    await expect(people(omar, 0)).toHaveText(/Sara, först.*Kan nås/);
    await expect(people(sara, 1)).toHaveText(/Omar, först/);
    await newExaminer().look(sara.page, "duty");

    // The breaks are those that the kommun has set. Alone she gets none, and is told what to do.
    await expect(sara.page.locator(".breaks").getByRole("button")).toHaveText(
      [5, 20].map((n) => sara.says("desk.duty.minutes", { n })),
    );
    await sara.page.getByRole("button", { name: sara.says("desk.duty.minutes", { n: 20 }) }).click();
    await expect(sara.sees("desk.duty.alone")).toBeVisible();
    await omar.press("desk.duty.begin");
    await expect(people(sara, 0)).toHaveCount(2);
    await sara.page.getByRole("button", { name: sara.says("desk.duty.minutes", { n: 20 }) }).click();
    await expect(people(omar, 0).first()).toHaveText(/Sara.*Har paus/);
    await sara.press("desk.duty.back");
    await expect(people(omar, 0).first()).toHaveText(/Sara.*Kan nås/);

    // The shift changes in the calendar; nobody reloads anything.
    turns(["first", "Sara", -3, -0.001], ["first", "Omar", -0.001, 3]);
    await expect(people(sara, 0).first()).toHaveText(/Omar, först.*Kan nås/, { timeout: 20_000 });
    if (process.env["SHOTS"]) {
      for (const [name, width, height] of [
        ["phone", 360, 640],
        ["desk", 1280, 800],
      ] as const) {
        await sara.page.setViewportSize({ width, height });
        await sara.page.screenshot({ path: join(process.env["SHOTS"], `duty-${name}.png`) });
      }
    }
    // A visitor is told none of it.
    const visitor = await someone();
    const status = await visitor.page.evaluate(async () => await (await fetch("/status")).text());
    expect(status).not.toMatch(/Sara|Omar/);
  },
);
