import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

const sizes = [{ width: 360, height: 640 }, { width: 1280, height: 800 }] as const;
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Examines screens, and remembers which: a list of those that must have been looked at keeps one from being forgotten. */
export interface Examiner {
  readonly seen: ReadonlySet<string>;
  /** Fails on anything that axe finds on this screen, on a small phone and on a desk, and on a phone that must be moved sideways. */
  look(page: Page, name: string): Promise<void>;
}

export function newExaminer(): Examiner {
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
        await page.evaluate(() => scrollTo(0, 0));
        if (await page.evaluate(() => !("axe" in globalThis))) await page.evaluate(axe.source);
        const found = await page.evaluate(async (values) => {
          const { violations, passes } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: { type: "tag", values } });
          if (passes.length === 0) throw new Error("axe has looked at nothing");
          return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
        }, tags);
        expect.soft(found, `${name}, ${size.width} px wide`).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect.soft(wide, `${name} is no wider than ${size.width} px`).toBeLessThanOrEqual(size.width);
      }
    },
  };
}
