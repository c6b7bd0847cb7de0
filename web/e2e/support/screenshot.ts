import { join } from "node:path";
import { root } from "./binary.ts";
import { expect, story } from "./story.ts";

const phone = { width: 360, height: 720 };
const desk = { width: 1000, height: 720 };

story("both sides of a conversation", async ({ browser, coordinator, someone }) => {
  const sara = await coordinator("Sara", { viewport: desk });
  await sara.reads("en");
  const waiting = await someone("en");
  await waiting.begin();
  await waiting.answer("who.h1", "who.rel");
  await waiting.answer("dng.h1", "common.dontknow");
  await waiting.answer("scr.h1", "common.no");
  await waiting.answer("rel.h1", "rel.sib");
  await waiting.answer("rel.age.h1", "common.yes");
  await waiting.answer("rel.aware.h1", "common.no");
  await waiting.answer("place.h1", "place.here");
  await waiting.answer("rel.want.h1", "rel.want.talk");
  await waiting.read("rel.h2");
  await waiting.answer("chan.h1", "chan.chat");

  const he = await someone("en", { viewport: phone, hasTouch: true, isMobile: true });
  await he.begin();
  await he.answer("who.h1", "who.self");
  await he.answer("dng.h1", "dng.soon");
  await he.read("dng.soon.p");
  await he.answer("scr.h1");
  await he.answer("age.h1", "age.1820");
  await he.answer("place.h1", "place.here");
  await he.answer("need.h1", "need.home", "need.debt");
  await he.answer("chan.h1", "chan.chat");
  await he.open("i want out but i owe them");
  await sara.open();
  await sara.claim();
  await sara.write("Hi. Good that you write. You need not pay today, and you need not tell me who they are.");
  await expect(he.thread.last()).toHaveText(/tell me who they are/);
  await he.write("where do i sleep tonight");
  await expect(sara.thread.last()).toHaveText("where do i sleep tonight");
  await sara.write("There is a place that nobody there knows of. Are you somewhere safe right now?");
  await expect(he.thread.last()).toHaveText(/safe right now/);
  await expect(
    sara.delivery("There is a place that nobody there knows of. Are you somewhere safe right now?"),
  ).toHaveText(sara.says("desk.delivery.received"));
  await waiting.open("");
  await expect(sara.rows).toHaveCount(2);

  // The middle of the page, where they talk; what is above it are the questions.
  await he.page.getByRole("textbox").scrollIntoViewIfNeeded();
  const [left, right] = await Promise.all(
    [he, sara].map(async ({ page }) =>
      (await page.screenshot({ animations: "disabled", caret: "hide" })).toString("base64"),
    ),
  );
  const context = await browser.newContext({
    viewport: { width: phone.width + desk.width + 72, height: desk.height + 48 },
  });
  const page = await context.newPage();
  await page.setContent(`<!doctype html>
    <style>
      body { margin: 0; padding: 24px; display: flex; gap: 24px; background: #dfe3e4 }
      img { border-radius: 12px; box-shadow: 0 2px 12px #0003 }
    </style>
    <img src="data:image/png;base64,${left}" width="${phone.width}" alt="">
    <img src="data:image/png;base64,${right}" width="${desk.width}" alt="">`);
  await page.screenshot({ path: join(root, "docs", "screenshot.png") });
  await context.close();
});
