import { expect, story } from "./support/story.ts";

story("what an opening costs is worked off beside the questions, and on the page itself where no worker can be", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const quick = await someone();
  const worker = quick.page.waitForEvent("worker");
  await quick.page.reload();
  expect((await worker).url(), "the worker is a file of the page's own").toContain(new URL(quick.page.url()).origin);
  await expect.poll(() => quick.page.workers().length, "it ends with its work").toBe(0);
  await quick.ask("är någon där?");
  await expect(quick.sees("wait.sent")).toBeVisible();
  expect(quick.watch.complaints).toEqual([]);

  const old = await someone();
  await old.page.addInitScript(() => {
    Object.defineProperty(globalThis, "Worker", { value: class { constructor() { throw new Error("this browser knows no workers of modules"); } } });
  });
  await old.page.reload();
  const devtools = await old.page.context().newCDPSession(old.page);
  // As slow as a phone of some years ago: the page itself, not its workers, which is why this one measures.
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  await old.ask("jag skriver från en gammal telefon");
  await expect(old.sees("wait.sent")).toBeVisible({ timeout: 60_000 });
  await expect(sara.rows).toHaveCount(2);
});
