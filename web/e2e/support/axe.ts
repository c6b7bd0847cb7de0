import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

const sizes = [
  { width: 360, height: 640 },
  { width: 1280, height: 800 },
] as const;
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Examines screens, and remembers which: a list of those that must have been looked at keeps one from being forgotten.
 */
export interface Examiner {
  readonly seen: ReadonlySet<string>;
  /**
   * Fails on anything that axe finds on this screen, on a small phone and on a desk, and on a phone that must be moved
   * sideways.
   */
  look(page: Page, name: string): Promise<void>;
}

/** `targets`: how large, in CSS pixels, everything must be that can be pressed, in each direction. */
export function newExaminer(targets = 24): Examiner {
  const seen = new Set<string>();
  return {
    seen,
    async look(page, name) {
      seen.add(name);
      const now = page.viewportSize();
      // Begins with the size that the page has: every change of it is a layout.
      for (const size of now?.width === sizes[0].width ? sizes : [...sizes].reverse()) {
        await page.setViewportSize(size);
        // What is half hidden by the bar at the top while the page is scrolled is not what axe should judge.
        await page.evaluate(async () => {
          // Once what has just appeared has scrolled itself into sight.
          for (let i = 0; i < 3; i++) await new Promise((drawn) => requestAnimationFrame(drawn));
          scrollTo(0, 0);
        });
        if (await page.evaluate(() => !("axe" in globalThis))) await page.evaluate(axe.source);
        const found = await page.evaluate(async (values) => {
          const { violations, passes } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
            runOnly: { type: "tag", values },
            // Of what passes no more is said than that it was looked at, which takes half the time.
            resultTypes: ["violations"],
          });
          if (passes.length === 0) throw new Error("axe has looked at nothing");
          return violations.map(
            ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
          );
        }, tags);
        expect.soft(found, `${name}, ${size.width} px wide`).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect.soft(wide, `${name} is no wider than ${size.width} px`).toBeLessThanOrEqual(size.width);
        expect
          .soft(await tooSmall(page, targets), `${name}, ${size.width} px wide: what is pressed is large enough`)
          .toEqual([]);
      }
      // A desk of 1280 by 1024 at 400 %.
      await page.setViewportSize({ width: 320, height: 256 });
      expect
        .soft(await page.evaluate(() => document.documentElement.scrollWidth), `${name} fits at 400 %`)
        .toBeLessThanOrEqual(320);
      const out = page.locator(".leave").filter({ visible: true }).first();
      if ((await out.count()) > 0)
        await expect.soft(out, `${name}: the way out is in sight at 400 %`).toBeInViewport({ ratio: 0.9 });
      if (now) await page.setViewportSize(now);
    },
  };
}

/** What can be pressed and is smaller than that; a tick box counts with its row, a link in a sentence with nothing. */
function tooSmall(page: Page, least: number): Promise<readonly string[]> {
  return page.evaluate(
    (size) =>
      [...document.querySelectorAll<HTMLElement>("a[href], button, summary, input, select, textarea")]
        .filter(
          (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(".skip:not(:focus)"),
        )
        .map((element) => ({ element, box: (element.closest("label") ?? element).getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < size - 0.5 || box.height < size - 0.5))
        .map(
          ({ element, box }) =>
            `${element.outerHTML.slice(0, 100)}: ${Math.round(box.width)}×${Math.round(box.height)}`,
        ),
    least,
  );
}
