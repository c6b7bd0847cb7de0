import { ask } from "./support/handover.ts";
import { expect, story, type Visitor } from "./support/story.ts";

story.use({ serverOptions: { languages: ["sv", "en", "pl", "ar"] } });

/** The last bubble stands whole between the bar at the top and the end of the window. */
async function seesTheLast({ page, thread }: Visitor): Promise<void> {
  await expect(thread.last()).toBeInViewport({ ratio: 1 });
  const bar = (await page.locator("header.top").boundingBox())!;
  await expect
    .poll(async () => (await thread.last().boundingBox())!.y, "below the bar")
    .toBeGreaterThanOrEqual(bar.y + bar.height);
}

story(
  "an answer stands on the screen of a small phone, right above the field, whatever else is offered",
  async ({ coordinator, someone }) => {
    const sara = await coordinator("Sara");
    const he = await someone("sv", { viewport: { width: 360, height: 640 } });
    await he.ask("var ska jag sova i natt");
    await expect(he.sees("code.ask")).toBeVisible();
    await sara.open();
    await sara.claim();
    for (const words of [
      "Hej. Bra att du skriver.",
      "Det finns en plats som ingen där vet om.",
      "Är du någonstans där du är trygg nu?",
    ]) {
      await sara.write(words);
      await expect(he.thread.last()).toHaveText(words);
      await seesTheLast(he);
      await expect(he.page.getByRole("textbox")).toBeInViewport({ ratio: 1 });
    }
    // Also for whoever looks at what lies below the field.
    await he.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const long =
      "Jag är kvar. Vi kan träffas i morgon på en plats som du väljer. Du behöver inte ta med något, och du behöver inte säga vem du är.";
    await sara.write(long);
    await expect(he.thread.last()).toHaveText(long);
    await seesTheLast(he);
    // The offer has given way, and is one tap away.
    await expect(he.sees("code.p1")).toHaveCount(0);
    await he.press("code.ask");
    await expect(he.sees("code.p1")).toBeVisible();
    // Asked for, it stays.
    await sara.write("Ta den tid du behöver.");
    await expect(he.thread.last()).toHaveText("Ta den tid du behöver.");
    await expect(he.sees("code.p1")).toBeVisible();
  },
);

story(
  "a question of who may be let in stands on the screen of a small phone with both its answers, and whoever reads above is left there",
  async ({ coordinator, someone }, testInfo) => {
    const sara = await coordinator("Sara");
    await coordinator("Omar");
    const phone = { viewport: { width: 360, height: 640 } };
    for (const lang of ["sv", "pl", "ar"] as const) {
      const he = await someone(lang, phone);
      await he.ask("hej");
      await sara.open();
      await sara.claim();
      for (let i = 0; i < 3; i++)
        await sara.write(
          "Jag är kvar. Vi kan träffas i morgon på en plats som du väljer. Du behöver inte ta med något.",
        );
      await expect(he.thread).toHaveCount(4);
      await ask(sara, "shift", "Omar");
      const question = he.page.getByRole("region", { name: he.says("offer.shift", { alias: "Sara", alias2: "Omar" }) });
      for (const key of ["common.yes", "common.no"])
        await expect(question.getByRole("button", { name: he.says(key) })).toBeInViewport({ ratio: 1 });
      expect(
        await he.page.evaluate(() => document.documentElement.scrollWidth),
        "nothing is wider than the phone",
      ).toBeLessThanOrEqual(360);
      await he.page.screenshot({ path: testInfo.outputPath(`${lang}.png`) });
      await he.page.setViewportSize({ width: 1280, height: 800 });
      await he.page.screenshot({ path: testInfo.outputPath(`${lang}-wide.png`) });
      await he.page.setViewportSize(phone.viewport);
      await sara.press("desk.hand.withdraw");
      await expect(question).toHaveCount(0);
      await he.page.evaluate(() => scrollTo(0, 0));
      await ask(sara, "colleague", "Omar");
      await expect(he.sees("offer.colleague", { alias: "Sara", alias2: "Omar" })).toBeVisible();
      expect(await he.page.evaluate(() => scrollY)).toBe(0);
      await he.end();
      await sara.press("desk.clear");
    }
  },
);
