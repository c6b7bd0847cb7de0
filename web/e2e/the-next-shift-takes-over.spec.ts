import { ask, letStand } from "./support/handover.ts";
import { enter, keeps } from "./support/phrase.ts";
import { expect, story } from "./support/story.ts";

story(
  "the shift ends while the visitor is away: the question waits for their yes, and the old console keeps nothing",
  async ({ coordinator, someone }) => {
    const [sara, omar] = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
    const he = await someone();
    await he.ask("jag har inte berättat för någon");
    const words = await keeps(he);
    await sara.open();
    await sara.claim();
    await sara.write("Jag slutar klockan fem.");
    await expect(he.thread.last()).toHaveText("Jag slutar klockan fem.");
    await he.page.context().close();

    await ask(sara, "shift", "Omar");
    await expect(sara.page.getByText(sara.says("desk.hand.waiting"))).toBeVisible();

    const back = await someone("sv", { viewport: { width: 360, height: 640 } });
    await back.page.clock.install();
    await enter(back, words.join(" "));
    await back.press("code.go");
    await expect(back.sees("offer.shift", { alias: "Sara", alias2: "Omar" })).toBeVisible();
    await expect(back.sees("offer.over", { alias: "Sara", alias2: "Omar" })).toBeVisible();
    for (const key of ["common.yes", "common.no"])
      await expect(back.page.getByRole("button", { name: back.says(key), exact: true })).toBeInViewport({ ratio: 1 });
    await expect(back.page.locator(":focus")).not.toHaveText(back.says("common.yes"));
    // Nobody else reads before the yes.
    await expect(omar.page.getByText("Jag slutar klockan fem.")).toHaveCount(0);
    await letStand(back.page);
    await back.press("common.yes");

    await omar.open();
    await expect(omar.conversation).toContainText("Jag slutar klockan fem.");
    await expect(sara.sees("desk.letgo.handed")).toBeVisible();
    await expect(sara.page.getByText("jag har inte berättat för någon")).toHaveCount(0);
    await expect(sara.page.getByText("Jag slutar klockan fem.")).toHaveCount(0);
    await omar.claim();
    await omar.write("Hej, jag heter Omar.");
    await expect(back.thread.last()).toHaveText("Hej, jag heter Omar.");
    await back.write("okej");
    await expect(omar.thread.last()).toHaveText("okej");

    // A colleague beside Omar, and no.
    await ask(omar, "colleague", "Sara");
    await expect(back.sees("offer.colleague", { alias: "Omar", alias2: "Sara" })).toBeVisible();
    await letStand(back.page);
    await back.press("common.no");
    await expect(omar.page.getByText(omar.says("desk.hand.no"))).toBeVisible();
  },
);
