import { expect, type Lang, story } from "./support/story.ts";
import { kommun } from "./support/team.ts";

story.use({ serverOptions: { languages: ["sv", "en", "so", "ar"] } });

for (const lang of ["so", "ar"] as const satisfies readonly Lang[]) {
  story(
    `a mother who reads ${lang} and a coordinator who reads Swedish talk with ready words alone`,
    async ({ coordinator, someone }, testInfo) => {
      const sara = await coordinator("Sara");
      const she = await someone(lang, { viewport: { width: 360, height: 640 }, hasTouch: true });
      const look = async (name: string): Promise<void> => {
        expect(
          await she.page.evaluate(() => document.documentElement.scrollWidth),
          "nothing is wider than the phone",
        ).toBeLessThanOrEqual(360);
        for (const [who, page] of [
          ["she", she.page],
          ["sara", sara.page],
        ] as const)
          await page.screenshot({ path: testInfo.outputPath(`${name}-${who}.png`) });
      };
      await expect(she.page.locator("html")).toHaveAttribute("dir", lang === "ar" ? "rtl" : "ltr");
      await she.begin();
      await she.answer("who.h1", "who.rel");
      await she.answer("dng.h1", "common.no");
      await she.answer("scr.h1", "common.no");
      await she.answer("rel.h1", "rel.child");
      await she.answer("rel.age.h1", "common.no");
      await she.answer("rel.aware.h1", "common.no");
      await she.answer("place.h1");
      await she.answer("rel.want.h1");
      await she.read("rel.h2");
      await she.answer("chan.h1", "chan.chat");
      await she.open("hooyo");
      await sara.open();
      await sara.claim();
      await expect(
        sara.sees("desk.thread.untranslated", { language: lang === "so" ? "somaliska" : "arabiska" }),
      ).toBeVisible();

      // The coordinator never leaves the keyboard: by number, by Swedish words without their dots, by key.
      await sara.reply("1");
      await expect(she.thread.last()).toHaveText(she.says("pb.hello", { alias: "Sara" }));
      await expect(sara.thread.last()).toHaveText(sara.says("pb.hello", { alias: "Sara", kommun: kommun.name }));
      await sara.reply("utan att nagon ser");
      await expect(she.thread.last()).toHaveText(she.says("pb.seen"));
      await expect(sara.thread.last()).toHaveText(sara.says("pb.seen"));
      await expect(sara.conversation.locator(".line").last()).toContainText(she.says("pb.seen"));

      // She answers with taps.
      const tap = async (key: string): Promise<void> => {
        await she.press("chat.quick");
        await she.press(key);
        await expect(she.page.getByRole("button", { name: she.says("chat.quick"), exact: true })).toBeFocused();
      };
      await tap("q.seen");
      await expect(sara.thread.last()).toHaveText(sara.says("q.seen"));
      await expect(sara.sees("desk.care.seen")).toBeVisible();
      await look("seen");
      await tap("q.dontwrite");
      await expect(sara.sees("desk.care.stop.p")).toBeVisible();
      await tap("q.alone");
      await expect(sara.sees("desk.care.stop.p")).toHaveCount(0);
      await expect(sara.sees("desk.care.seen.p")).toHaveCount(0);
      await sara.reply("pb.notyourfault");
      await expect(she.thread.last()).toHaveText(she.says("pb.notyourfault"));
      await tap("q.interp");
      await expect(sara.thread.last()).toHaveText(sara.says("q.interp"));

      // What cannot be said truly is not sent: she has no code.
      await sara.page.keyboard.press("F4");
      await sara.page.keyboard.type("6");
      await sara.page.keyboard.press("Enter");
      await expect(sara.sees("desk.phrases.held.code")).toBeVisible();
      await expect(sara.page.getByRole("button", { name: sara.says("desk.phrases.send") })).toHaveCount(0);
      await sara.page.keyboard.press("Escape");

      // The coordinator reads English for a while: what was said follows, what she sees does not change.
      await sara.reads("en");
      await expect(sara.thread.last()).toHaveText(sara.says("q.interp"));
      await sara.reload();
      await expect(sara.phase("online")).toBeVisible();
      await sara.open();
      await expect(sara.thread.last()).toHaveText(sara.says("q.interp"));
      await sara.reads("sv");

      // By hand it goes untranslated, and both are told.
      await sara.write("Vi ordnar en tolk.");
      await expect(she.thread.last()).toHaveText("Vi ordnar en tolk.");
      await expect(she.sees("chat.free")).toBeVisible();
      await look("by-hand");
      await sara.reply("30");
      await expect(she.thread.last()).toHaveText(she.says("pb.bye"));
      await tap("q.end");
      await expect(sara.thread.last()).toHaveText(sara.says("q.end"));
      await look("end");
      await she.end();
      await expect(she.sees("chat.done")).toBeVisible();
    },
  );
}
