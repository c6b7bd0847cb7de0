import { expect, story } from "./support/story.ts";

story(
  "what an opening costs is worked off beside the questions, and a browser that lets no worker run says so",
  async ({ coordinator, someone }) => {
    const sara = await coordinator("Sara");
    const quick = await someone();
    const worker = quick.page.waitForEvent("worker");
    await quick.page.reload();
    expect((await worker).url(), "the worker is a file of the page's own").toContain(new URL(quick.page.url()).origin);
    await expect.poll(() => quick.page.workers().length, "it ends with its work").toBe(0);
    await quick.ask("är någon där?");
    await expect(quick.sees("wait.sent")).toBeVisible();
    expect(quick.watch.complaints).toEqual([]);
    await expect(sara.rows).toHaveCount(1);

    const barred = await someone();
    await barred.page.addInitScript(() => {
      Object.defineProperty(globalThis, "Worker", {
        value: class {
          constructor() {
            throw new Error("no workers here");
          }
        },
      });
    });
    await barred.page.reload();
    await barred.ask("jag skriver ändå");
    await expect(barred.sees("trouble.unsupported")).toBeVisible();
    await expect(barred.page.getByRole("link", { name: "112" }).first()).toBeVisible();
    await expect(barred.page.getByText("jag skriver ändå")).toBeVisible();
  },
);
