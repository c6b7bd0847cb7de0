import { expectNothingKept } from "./support/kept.ts";
import { expect, story } from "./support/story.ts";

story(
  "a reload goes on where it was, for whoever asked for it, and for nobody else @phone",
  async ({ coordinator, someone, redis, server }) => {
    const sara = await coordinator("Sara");
    const he = await someone();
    const kept = (): Promise<number> => he.page.evaluate(() => sessionStorage.length);

    // Without asking nothing is kept.
    await he.ask("första gången");
    await expect(he.sees("page.nocode")).toBeVisible();
    expect(await kept()).toBe(0);
    await he.page.reload();
    await expect(he.sees("start.h1")).toBeVisible();
    await expect(he.page.getByText("första gången")).toHaveCount(0);

    await he.ask("andra gången");
    await he.page.getByRole("checkbox", { name: he.says("page.stay"), exact: true }).check();
    await expect(he.sees("page.stays")).toBeVisible();
    await expect(he.page.getByRole("checkbox")).toBeChecked();
    // What lies in the tab opens nothing by itself, and says nothing.
    const value = await he.page.evaluate(() => sessionStorage.getItem(sessionStorage.key(0) ?? "") ?? "");
    expect(Buffer.from(value, "base64").includes("andra")).toBe(false);
    await he.page.reload();
    await expect(he.thread).toHaveText(["andra gången"]);
    await expect(he.sees("page.stays")).toBeVisible();
    await he.write("jag är kvar");
    await sara.rows
      .filter({ hasText: sara.says("desk.wait.now") })
      .first()
      .waitFor();
    await expect(he.delivery("jag är kvar")).toHaveText(he.says("chat.sent"));
    await expectNothingKept(redis, server, he.written);

    // Thought better of: the tab is empty at once.
    await he.page.getByRole("checkbox").uncheck();
    await expect(he.sees("page.nocode")).toBeVisible();
    await expect.poll(kept).toBe(0);
    await he.page.getByRole("checkbox").check();
    await expect(he.sees("page.stays")).toBeVisible();

    // Without the half at the relay the tab opens nothing, and keeps nothing either.
    for (const { name } of await redis.everything())
      if (/^u:\{\d\d\}:b:/.test(name.toString("latin1"))) await redis.command("DEL", name);
    await he.page.reload();
    await expect(he.sees("start.h1")).toBeVisible();
    await expect.poll(kept).toBe(0);
  },
);
