import type { Page } from "@playwright/test";
import { letStand } from "./support/handover.ts";
import { neutralTitle } from "./support/neutral.ts";
import { expect, story } from "./support/story.ts";

/** Goes on with Tab until the element with this name has the focus. A person gives up after some forty presses. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < 40; i++) {
    const found = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return "";
      const label = (at as HTMLInputElement).labels?.[0]?.innerText ?? at.getAttribute("aria-label");
      return (label ?? (at as HTMLElement).innerText).replace(/\s+/g, " ").trim();
    });
    if (found === name) {
      // A tick box shows it on the whole row.
      const shown = await page.evaluate(() =>
        [document.activeElement!, document.activeElement!.closest("label")].some(
          (at) => at && getComputedStyle(at).outlineStyle !== "none",
        ),
      );
      expect(shown, `the focus on «${name}» can be seen`).toBe(true);
      return;
    }
    seen.push(found);
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reached «${name}», but: ${seen.join(" | ")}`);
}

async function choose(page: Page, name: string, key: "Enter" | "Space" = "Enter"): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press(key);
}

/** The focus is on something: whoever cannot see the page must not be thrown back to its beginning. */
async function expectFocus(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body))
    .toBe(true);
}

story("a visitor and a coordinator meet by keyboard alone", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  await coordinator("Omar");
  const he = await someone();
  const [his, hers] = [he.page, sara.page];

  await choose(his, he.says("start.go"));
  const heading = his.getByRole("heading", { level: 1 });
  for (const [key, title] of [
    ["info.ok", "info.h1"],
    ["who.self", "who.h1"],
    ["common.no", "dng.h1"],
    ["common.skip", "scr.h1"],
    ["age.1820", "age.h1"],
    ["common.skip", "place.h1"],
  ] as const) {
    await expect(heading).toHaveText(he.says(title));
    await expect(heading).toBeFocused();
    await choose(his, he.says(key));
  }
  await expect(heading).toHaveText(he.says("need.h1"));
  await expect(heading).toBeFocused();
  await choose(his, he.says("need.debt"), "Space");
  await choose(his, he.says("need.talk"), "Space");
  await choose(his, he.says("common.next"));
  await expect(heading).toHaveText(he.says("chan.h1"));
  await expect(heading).toBeFocused();
  await choose(his, he.says("chan.chat"));
  await expect(heading).toHaveText(he.says("send.h1"));
  await expect(heading).toBeFocused();
  await expect(his.getByLabel(he.says("send.text"))).toBeVisible();
  await tabTo(his, he.says("send.text"));
  await his.keyboard.type("jag har skulder");
  await his.keyboard.press("Control+Enter");
  await expect(he.delivery("jag har skulder")).toHaveText(he.says("chat.sent"));
  await expectFocus(his);

  await expect(sara.rows).toHaveCount(1);
  await hers.keyboard.press("j");
  await expect(sara.rows.first()).toBeFocused();
  await hers.keyboard.press("Enter");
  await expect(sara.thread).toHaveText(["jag har skulder"]);
  await expectFocus(hers);
  await hers.keyboard.press("c");
  await expect(sara.composer).toBeFocused();
  await hers.keyboard.type("Hej. Hur mycket?");
  await hers.keyboard.press("Shift+Enter");
  await hers.keyboard.type("Du behöver inte svara.");
  await hers.keyboard.press("Enter");
  await expect(he.thread.last()).toHaveText("Hej. Hur mycket?\nDu behöver inte svara.", { useInnerText: true });
  await expect(sara.composer).toBeFocused();

  await tabTo(his, he.says("chat.ph"));
  await his.keyboard.type("vet inte");
  await choose(his, he.says("chat.send"));
  await expect(sara.thread.last()).toHaveText("vet inte");
  await expect(his.getByLabel(he.says("chat.ph"))).toBeFocused();

  // A question comes: the focus stays where it is, and the answer is a few presses away.
  await his.clock.install();
  await choose(hers, sara.says("desk.hand"));
  await expect(hers.getByRole("dialog")).toBeVisible();
  await hers.getByLabel(sara.says("desk.hand.colleague")).focus();
  await hers.keyboard.press("Space");
  await tabTo(hers, `Omar ${sara.says("desk.role.coordinator")} · sv`);
  await hers.keyboard.press("Space");
  await choose(hers, sara.says("desk.hand.ask"));
  await expect(he.sees("offer.colleague", { alias: "Sara", alias2: "Omar" })).toBeVisible();
  await expect(his.getByLabel(he.says("chat.ph"))).toBeFocused();
  await letStand(his);
  await his.keyboard.press("Shift+Tab");
  await expect(his.getByRole("button", { name: he.says("common.no"), exact: true })).toBeFocused();
  await his.keyboard.press("Enter");
  await expect(hers.getByText(sara.says("desk.hand.no"))).toBeVisible();
  await expectFocus(his);
  await expectFocus(hers);
  await sara.composer.focus();

  // Ready replies, the card and the list of keys open and close without a mouse, and give the focus back.
  await hers.keyboard.press("F4");
  await expect(hers.getByRole("dialog")).toBeVisible();
  await hers.keyboard.type("taget");
  // The first empties the field that is searched with, as everywhere.
  await hers.keyboard.press("Escape");
  await hers.keyboard.press("Escape");
  await expect(hers.getByRole("dialog")).toHaveCount(0);
  await expect(sara.composer).toBeFocused();
  await hers.keyboard.press("F8");
  // Beside the conversation, which stays in use.
  const card = hers.getByRole("complementary", { name: sara.says("desk.card") });
  await expect(card).toContainText(sara.says("desk.card.danger"));
  await expect(card.getByRole("heading", { level: 2 })).toBeFocused();
  await hers.keyboard.press("Escape");
  await expect(card).toHaveCount(0);
  await expect(sara.composer).toBeFocused();
  await hers.keyboard.press("F2");
  await expect(sara.sees("desk.cover.h1")).toBeVisible();
  await expect(hers.locator("body")).not.toContainText("skulder");
  await hers.keyboard.press("Enter");
  await expect(sara.thread.last()).toHaveText("vet inte");

  // A key of one letter is a letter while somebody writes.
  await tabTo(hers, sara.says("desk.composer", { alias: "Sara" }));
  await hers.keyboard.type("Hej då.");
  await hers.keyboard.press("Enter");
  await expect(he.thread.last()).toHaveText("Hej då.");
  await choose(hers, sara.says("desk.composer.send"), "Space");
  await hers.getByRole("heading", { level: 2, name: sara.says("desk.a.who.self") }).focus();
  await hers.keyboard.press("e");
  await expect(hers.getByRole("dialog")).toContainText(sara.says("desk.end.h1"));
  await choose(hers, sara.says("desk.end.now"));
  await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));
  await expectFocus(hers);

  await expect(he.sees("chat.done")).toBeVisible();
  await choose(his, he.says("chat.clear"));
  await expect(heading).toHaveText(he.says("start.h1"));
  await choose(hers, sara.says("desk.clear"));
  await expect(sara.sees("desk.list.empty")).toBeVisible();
});

story("three presses of Shift leave the page, and what was on it is gone", async ({ coordinator, someone }) => {
  await coordinator("Sara");
  const he = await someone();
  await he.ask("någon kommer");
  await expect(he.delivery("någon kommer")).toHaveText(he.says("chat.sent"));
  await he.page.keyboard.press("Shift");
  await expect(he.sees("exit.press2")).toBeAttached();
  await he.page.keyboard.press("Shift");
  await expect(he.sees("exit.press1")).toBeAttached();
  await he.page.keyboard.press("Shift");
  await expect(he.page).toHaveTitle(neutralTitle);
  await he.page.goBack().catch(() => undefined);
  await expect(he.page.locator("body")).not.toContainText("någon kommer");
});
