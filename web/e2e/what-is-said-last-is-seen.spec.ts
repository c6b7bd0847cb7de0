import { expect, story, type Visitor } from "./support/story.ts";

/** The last bubble stands whole between the bar at the top and the end of the window. */
async function seesTheLast({ page, thread }: Visitor): Promise<void> {
  await expect(thread.last()).toBeInViewport({ ratio: 1 });
  const bar = (await page.locator("header.top").boundingBox())!;
  await expect.poll(async () => (await thread.last().boundingBox())!.y, "below the bar").toBeGreaterThanOrEqual(bar.y + bar.height);
}

story("an answer stands on the screen of a small phone, right above the field, whatever else is offered", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const he = await someone("sv", { viewport: { width: 360, height: 640 } });
  await he.ask("var ska jag sova i natt");
  await expect(he.sees("code.ask")).toBeVisible();
  await sara.open();
  await sara.claim();
  for (const words of ["Hej. Bra att du skriver.", "Det finns en plats som ingen där vet om.", "Är du någonstans där du är trygg nu?"]) {
    await sara.write(words);
    await expect(he.thread.last()).toHaveText(words);
    await seesTheLast(he);
    await expect(he.page.getByRole("textbox")).toBeInViewport({ ratio: 1 });
  }
  // Also for whoever looks at what lies below the field.
  await he.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const long = "Jag är kvar. Vi kan träffas i morgon på en plats som du väljer. Du behöver inte ta med något, och du behöver inte säga vem du är.";
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
});
