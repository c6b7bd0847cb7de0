import { expect, newVisitor, story } from "./support/story.ts";
import { watch } from "./support/watch.ts";

const day = 24 * 60 * 60 * 1000;

story(
  "a phone with a wrong clock is told so, and shut out of nothing else",
  async ({ browser, coordinator, server }) => {
    await coordinator("Sara");
    for (const off of [-7 * day, (13 * day) / 24, 10 * day]) {
      const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
      const watching = watch(context);
      const page = await context.newPage();
      await page.clock.install({ time: Date.now() + off });
      await page.goto(server.visitor);
      const he = newVisitor({ context, page, watch: watching });
      await he.begin();
      await he.answer("who.h1", "who.ask");
      await he.answer("chan.h1", "chan.chat");
      await expect(page.getByRole("alert")).toContainText(he.says("trouble.clock"));
      await expect(page.getByRole("alert").getByRole("link", { name: "116 111" })).toHaveAttribute(
        "href",
        "tel:116111",
      );
      expect(watching.requests.filter((request) => request.includes("ws:"))).toEqual([]);

      // The clock is set right, and the same page goes on.
      await page.clock.setSystemTime(Date.now());
      await he.press("send.retry");
      await he.open("nu går klockan rätt");
      await expect(he.delivery("nu går klockan rätt")).toHaveText(he.says("chat.sent"));
      expect(watching.complaints).toEqual([]);
      await context.close();
    }
  },
);
