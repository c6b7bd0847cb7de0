/**
 * Every screen of the visitor's page in every language, on the narrowest phone and on a desk: nothing runs out of the
 * window and no word is cut off. With CONTACT_SHEET=1 what it looked at is kept for people to look through:
 * test-results/contact-sheet/index.html.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { root } from "./support/binary.ts";
import { flow } from "./support/rules.ts";
import { enter, keeps } from "./support/phrase.ts";
import { expect, story } from "./support/story.ts";

const languages = JSON.parse(readFileSync(join(root, "i18n", "languages.json"), "utf8")) as readonly {
  readonly tag: string;
  readonly dir: string;
}[];
const widths = [320, 1280] as const;
/** Pictures of a thousand screens take longer than looking at them does. */
const pictures = Boolean(process.env["CONTACT_SHEET"]);

story.use({ serverOptions: { languages: languages.map(({ tag }) => tag) } });

// Boxes in place of letters have another width: a machine that lacks a script would judge what nobody sees.
story("this machine can draw every script", async ({ page }) => {
  const drawn = await page.evaluate(() => {
    const pen = document.createElement("canvas").getContext("2d")!;
    const look = (text: string): string => {
      pen.canvas.width = 40;
      pen.font = "24px sans-serif";
      pen.fillText(text, 2, 30);
      return pen.canvas.toDataURL();
    };
    // A letter of each script beside a code point that no font has.
    return ["ܣ", "ት", "ش", "ڕ"].map((letter) => look(letter) !== look("\u{10FFFD}"));
  });
  expect(drawn).toEqual([true, true, true, true]);
});

story("every screen fits in every language", async ({ coordinator, someone }, info) => {
  const sheet = newSheet(join(info.project.outputDir, "contact-sheet"));
  const he = await someone("sv", { viewport: { width: 320, height: 640 } });
  const look = (name: string): Promise<void> => sheet.look(he.page, name);
  const step = async (id: string): Promise<void> => {
    const { ask, texts } = flow.steps[id]!;
    await he.arrives(ask ?? texts?.[0] ?? "");
    await look(id);
  };
  const walk = async (ways: readonly (readonly [id: string, answer: string])[]): Promise<void> => {
    for (const [id, answer] of ways) {
      await step(id);
      await he.press(answer);
    }
  };

  await look("start");
  await he.page.locator(".languages summary").click();
  await look("languages");
  await he.press("start.limits");
  await look("limits");
  await he.press("common.back");
  await he.press("start.call");
  await look("numbers");
  await he.press("common.back");
  await he.press("acc.h1");
  await look("accessibility");
  await he.press("common.back");
  await he.press("start.go");
  await look("info");
  await he.press("info.ok");
  await walk([
    ["who", "who.rel"],
    ["dng", "dng.now"],
    ["dng.now", "common.back"],
  ]);
  await he.press("dng.soon");
  await walk([
    ["dng.soon", "common.next"],
    ["scr", "common.yes"],
    ["scr.tips", "common.next"],
    ["rel", "rel.child"],
    ["rel.age", "common.yes"],
    ["rel.aware", "common.no"],
    ["place", "place.other"],
    ["place.other", "common.next"],
    ["rel.want", "common.skip"],
    ["rel.info", "common.next"],
    ["chan", "chan.stop"],
  ]);
  await look("stopped");
  await he.press("stop.again");
  await he.press("start.preview");
  await he.press("info.ok");
  await he.press("who.pro");
  await walk([
    ["pro", "pro.just"],
    ["pro.just", "common.next"],
    ["pro.age", "common.back"],
    ["pro.just", "common.back"],
  ]);
  await he.press("pro.care");
  await walk([
    ["pro.info", "common.next"],
    ["pro.age", "common.skip"],
  ]);
  await step("chan.pro");
  for (let i = 0; i < 4; i++) await he.press("common.back");
  for (const answer of ["who.self", "common.no", "common.no"]) await he.press(answer);
  await walk([
    ["age", "age.u15"],
    ["minor", "common.next"],
  ]);
  await he.press("common.skip");
  await walk([["need", "common.skip"]]);

  const sara = await coordinator("Sara");
  const she = await someone("sv", { viewport: { width: 320, height: 640 } });
  await she.begin();
  await she.answer("who.h1", "who.ask");
  await she.answer("chan.h1", "chan.chat");
  await expect(she.sees("send.readers", { n: 1 })).toBeVisible();
  await sheet.look(she.page, "compose");
  await she.open("min son");
  await expect(she.delivery("min son")).toHaveText(she.says("chat.sent"));
  await sheet.look(she.page, "waiting");
  await she.press("code.words");
  await expect(she.page.locator("ol.note")).toBeVisible();
  await sheet.look(she.page, "seven words");
  await she.press("code.written");
  await expect(she.sees("code.check")).toBeVisible();
  await sheet.look(she.page, "words again");
  await she.press("code.look");
  await she.press("common.back");
  await keeps(she, "code.digits");
  await sheet.look(she.page, "kept");
  await she.press("chat.quick");
  await sheet.look(she.page, "quick phrases");
  await she.press("chat.quick");
  await sara.open();
  await sara.claim();
  await sara.write("Hej.");
  await expect(she.thread.last()).toHaveText("Hej.");
  await sheet.look(she.page, "chat");
  await she.press("chat.end");
  await sheet.look(she.page, "end");
  const late = await someone("sv", { viewport: { width: 320, height: 640 } });
  await enter(late, "bord stol");
  await sheet.look(late.page, "a code");
  await she.press("chat.end.now");
  await expect(she.sees("chat.done")).toBeVisible();
  await sheet.look(she.page, "ended");
  sheet.finish();
  expect(sheet.faults).toEqual([]);
  expect(sheet.seen).toBeGreaterThanOrEqual(39);
});

story("the page without JavaScript fits in every language", async ({ browser, server }, info) => {
  const sheet = join(info.project.outputDir, "contact-sheet");
  if (pictures) mkdirSync(sheet, { recursive: true });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const faults: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 640 });
    await page.goto(server.visitor);
    for (const { tag, dir } of languages.slice(1)) {
      const part = page.locator(`details[lang=${tag}]`);
      await expect(part).toHaveAttribute("dir", dir);
      await part.locator("summary").click();
    }
    faults.push(...(await page.evaluate(lookIn, { some: [], menu: false })).map((fault) => `${width}: ${fault}`));
    if (pictures)
      await page.screenshot({
        path: join(sheet, `without-javascript-${width}.jpg`),
        type: "jpeg",
        quality: 50,
        fullPage: true,
      });
  }
  await context.close();
  expect(faults).toEqual([]);
});

interface Sheet {
  look(page: Page, name: string): Promise<void>;
  finish(): void;
  readonly faults: readonly string[];
  readonly seen: number;
}

function newSheet(folder: string): Sheet {
  if (pictures) mkdirSync(folder, { recursive: true });
  const names: string[] = [];
  const faults: string[] = [];
  return {
    faults,
    get seen() {
      return names.length;
    },
    async look(page, name) {
      names.push(name);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 640 });
        // The page's own language comes last, so that the story goes on in it.
        const all = [...languages.slice(1), ...languages.slice(0, 1)];
        for (const some of pictures ? all.map((one) => [one]) : [all]) {
          const found = await page.evaluate(lookIn, { some, menu: name === "languages" });
          faults.push(...found.map((fault) => `${name} ${width}: ${fault}`));
          if (pictures)
            await page.screenshot({
              path: join(folder, `${name}-${some[0]!.tag}-${width}.jpg`),
              type: "jpeg",
              quality: 40,
            });
        }
      }
      await page.setViewportSize({ width: 320, height: 640 });
    },
    finish() {
      if (!pictures) return;
      const row = (name: string, width: number): string =>
        `<tr><th>${name} ${width}${languages.map(({ tag }) => `<td><img loading="lazy" width="${width / 2}" alt="${tag}" src="${name}-${tag}-${width}.jpg">`).join("")}`;
      writeFileSync(
        join(folder, "index.html"),
        `<!doctype html><meta charset="utf-8"><title>Contact sheet</title><table><tr><th>${languages
          .map(({ tag }) => `<th>${tag}`)
          .join("")}${names.flatMap((name) => widths.map((width) => row(name, width))).join("\n")}</table>\n`,
      );
    },
  };
}

/**
 * What runs out of the window or out of its own box, or is cut off, in words, in each of these languages; without one,
 * on the page as it is. Runs in the page.
 */
async function lookIn({
  some,
  menu,
}: {
  readonly some: readonly { readonly tag: string; readonly dir: string }[];
  readonly menu: boolean;
}): Promise<string[]> {
  const found: string[] = [];
  function look(tag: string): void {
    const note = (what: string): void => void found.push(`${tag}: ${what}`);
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth > clientWidth) note(`the page is ${scrollWidth} wide`);
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      const own = [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent?.trim() ?? "")
        .join(" ")
        .trim();
      // What only a screen reader reads, or is shown once it has the focus, has a box of one point.
      if (own === "" || element.closest(".unseen, .skip") || !element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const inBox = style.display !== "inline" && style.display !== "contents";
      if (box.left < -1 || box.right > clientWidth + 1)
        note(`«${own}» stands from ${Math.round(box.left)} to ${Math.round(box.right)}`);
      if (inBox && element.scrollWidth > element.clientWidth + 1)
        note(`«${own}» is ${element.scrollWidth} wide in ${element.clientWidth}`);
      if (inBox && style.overflowY === "hidden" && element.scrollHeight > element.clientHeight + 1)
        note(`«${own}» is cut off below`);
      if (style.textOverflow !== "clip") note(`«${own}» may end in dots`);
    }
  }
  if (some.length === 0) look("");
  for (const { tag, dir } of some) {
    document.querySelector<HTMLElement>(`.languages button[lang=${tag}]`)?.click();
    const { documentElement: root } = document;
    const isIn = (): boolean => root.lang === tag && root.dir === dir;
    await new Promise<void>((resolve) => {
      const check = (): void => (isIn() ? resolve() : void requestAnimationFrame(check));
      check();
    });
    // What the language changes besides is drawn by then.
    await new Promise((drawn) => requestAnimationFrame(drawn));
    if (menu) document.querySelector(".languages")?.setAttribute("open", "");
    look(tag);
  }
  return found;
}
