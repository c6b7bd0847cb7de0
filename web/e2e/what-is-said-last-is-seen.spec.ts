import { expect, story } from "./support/story.ts";

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
    await expect(he.thread.last()).toBeInViewport({ ratio: 1 });
    await expect(he.page.getByRole("textbox")).toBeInViewport({ ratio: 1 });
  }
  // Also for whoever looks at what lies below the field.
  await he.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await sara.write("Jag är kvar.");
  await expect(he.thread.last()).toHaveText("Jag är kvar.");
  await expect(he.thread.last()).toBeInViewport({ ratio: 1 });
  // The offer has given way, and is one tap away.
  await expect(he.sees("code.p1")).toHaveCount(0);
  await he.press("code.ask");
  await expect(he.sees("code.p1")).toBeVisible();
  // Asked for, it stays.
  await sara.write("Ta den tid du behöver.");
  await expect(he.thread.last()).toHaveText("Ta den tid du behöver.");
  await expect(he.sees("code.p1")).toBeVisible();
});
