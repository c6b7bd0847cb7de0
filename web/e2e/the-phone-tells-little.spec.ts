import type { Page } from "@playwright/test";
import { expect, story } from "./support/story.ts";

/** Notes everything by which a page could make itself heard, seen or remembered beyond the one visit. */
async function listen(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.addInitScript(() => {
    const noted: string[] = ((globalThis as unknown as { noted: string[] }).noted = []);
    const note = (of: object | undefined, names: readonly string[]): void => {
      for (const name of of ? names : []) {
        const real = (of as Record<string, unknown>)[name];
        if (typeof real !== "function") continue;
        (of as Record<string, unknown>)[name] = function (this: unknown, ...args: unknown[]): unknown {
          noted.push(name);
          return (real as (...all: unknown[]) => unknown).apply(this, args);
        };
      }
    };
    note(History.prototype, ["pushState", "replaceState"]);
    note(HTMLMediaElement.prototype, ["play"]);
    note(AudioScheduledSourceNode.prototype, ["start"]);
    note(Navigator.prototype, ["vibrate", "setAppBadge", "share", "sendBeacon"]);
    note(globalThis.Notification, ["requestPermission"]);
    note(globalThis.ServiceWorkerContainer?.prototype, ["register"]);
    note(globalThis.speechSynthesis && SpeechSynthesis.prototype, ["speak"]);
    note(globalThis.Clipboard?.prototype, ["write", "writeText"]);
    note(Storage.prototype, ["setItem"]);
    const title = Object.getOwnPropertyDescriptor(Document.prototype, "title")!;
    Object.defineProperty(document, "title", { ...title, set: () => noted.push("title") });
  });
  return () => page.evaluate(() => (globalThis as unknown as { noted: string[] }).noted);
}

story(
  "one address, one entry, one title in every state, and not a sound @phone",
  async ({ coordinator, server, someone }) => {
    const sara = await coordinator("Sara");
    const he = await someone();
    const noted = await listen(he.page);
    await he.page.reload();
    const before = await he.page.evaluate(() => history.length);
    const states: string[] = [];
    async function same(state: string): Promise<void> {
      states.push(state);
      expect(await he.page.title(), state).toBe("Kontakt");
      expect(he.page.url(), state).toBe(`${server.visitor}/`);
      expect(await he.page.evaluate(() => history.length), state).toBe(before);
      expect(await he.watch.traces(he.page), state).toEqual([]);
      expect(
        await he.page
          .locator("link[rel~=manifest], meta[name=description], meta[property], audio, video, iframe, form")
          .count(),
        state,
      ).toBe(0);
      expect(await he.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), state).toBe(
        0,
      );
      expect(await noted(), state).toEqual([]);
    }
    await expect(he.sees("start.h1")).toBeVisible();
    await same("start");
    for (const [key, heading] of [
      ["start.limits", "lim.h1"],
      ["start.call", "start.call"],
    ] as const) {
      await he.press(key);
      await expect(he.page.getByRole("heading", { level: 1 })).toHaveText(he.says(heading));
      await same(heading);
      await he.press("common.back");
    }
    await he.reads("en");
    await same("in another language");
    await he.reads("sv");
    await he.begin();
    await same("a question");
    await he.answer("who.h1", "who.self");
    await he.answer("dng.h1", "dng.now");
    await same("danger");
    await he.press("dng.now.go");
    await same("before sending");
    await he.open("hej");
    await expect(he.delivery("hej")).toHaveText(he.says("chat.sent"));
    await same("waiting");
    await sara.open();
    await sara.claim();
    await sara.write("Hej, jag läser.");
    await expect(he.thread.last()).toHaveText("Hej, jag läser.");
    await same("answered");
    await he.press("chat.hide");
    await same("hidden");
    await he.press("chat.show");
    await he.end();
    await expect(he.sees("chat.done")).toBeVisible();
    await same("ended");
    await he.press("chat.clear");
    await expect(he.sees("start.h1")).toBeVisible();
    await same("begun anew");
    expect(states.length).toBeGreaterThanOrEqual(11);
  },
);

story("a page that nobody looks at is blank, and comes back as it was", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const he = await someone();
  await he.ask("kan någon se det här");
  await sara.open();
  await sara.claim();
  await he.draft("halvskri");
  const devtools = await he.page.context().newCDPSession(he.page);
  // Tests tell every page that it has the focus; this one is to lose it for real.
  await devtools.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  const other = await he.page.context().newPage();
  const seen = (): Promise<string> => he.page.evaluate(() => document.body.innerText.trim());
  await expect.poll(seen, "no word, not even a button's").toBe("");
  const whole = await he.page.evaluate(() => {
    const { innerWidth: x, innerHeight: y } = window;
    return [
      [1, 1],
      [x / 2, y / 2],
      [x - 2, y - 2],
    ].every(([at, down]) => document.elementFromPoint(at!, down!)?.closest(".cover"));
  });
  expect(whole, "the cover reaches everywhere").toBe(true);
  await sara.write("Ja, jag ser.");
  await expect(sara.delivery("Ja, jag ser.")).toHaveText(sara.says("desk.delivery.received"));
  expect(await seen()).toBe("");

  await other.close();
  await he.page.bringToFront();
  const show = he.page.getByRole("button", { name: he.says("chat.show"), exact: true });
  await expect(show).toBeFocused();
  expect(await seen(), "only the two ways on").toBe(`${he.says("exit.button")}\n${he.says("chat.show")}`);
  await he.page.keyboard.press("Enter");
  await expect(show).toBeHidden();
  await expect(he.thread.last()).toHaveText("Ja, jag ser.");
  await expect(he.composer).toBeFocused();
  await expect(he.composer).toHaveValue("halvskri");
  await he.page.keyboard.type("vet");
  await expect(he.composer).toHaveValue("halvskrivet");
});

story("a hidden tab is covered at once, and can be left from under the cover", async ({ someone }) => {
  const he = await someone();
  await he.begin();
  const shown = await he.page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
    return document.body.innerText.trim();
  });
  expect(shown, "before the browser can take its picture").toBe("");
  await he.page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "visible" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await he.page.getByRole("button", { name: he.says("chat.show"), exact: true }).click();
  await expect(he.page.getByRole("heading", { level: 1 })).toHaveText(he.says("who.h1"));
  const frozen = await he.page.evaluate(() => {
    document.dispatchEvent(new Event("freeze"));
    return document.body.innerText.trim();
  });
  expect(frozen).toBe("");
  await he.page.evaluate(() => document.dispatchEvent(new Event("resume")));
  await he.leave();
});

story(
  "whoever does nothing is asked first, then the page is covered, and no text is lost",
  async ({ coordinator, someone }) => {
    await coordinator("Sara");
    const he = await someone();
    await he.page.clock.install();
    await he.page.reload();
    await he.ask("jag tänker");
    await he.draft("jag vet inte hur jag ska");
    await he.page.clock.fastForward(4 * 60_000);
    await expect(he.sees("chat.idle", { min: 1 })).toBeVisible();
    await he.page.mouse.move(20, 20);
    await expect(he.sees("chat.idle", { min: 1 })).toHaveCount(0);
    await he.page.clock.fastForward(4 * 60_000);
    await expect(he.sees("chat.idle", { min: 1 })).toBeVisible();
    await he.page.clock.fastForward(60_000);
    const show = he.page.getByRole("button", { name: he.says("chat.show"), exact: true });
    await expect(show).toBeVisible();
    await expect(he.composer).toHaveCount(0);
    await he.page.clock.fastForward(60 * 60_000);
    await show.click();
    await expect(he.composer).toHaveValue("jag vet inte hur jag ska");
    await expect(he.thread).toHaveText(["jag tänker"]);
  },
);

story("the way out stays above a keyboard that is drawn over the page", async ({ someone }) => {
  const he = await someone("sv", { viewport: { width: 360, height: 640 } });
  await he.begin();
  const top = (): Promise<number> =>
    he.page.locator("header .leave").evaluate((link) => Math.round(link.getBoundingClientRect().top));
  expect(await top()).toBe(0);
  // Where the keyboard covers the page instead of making it smaller, the browser moves what is seen of it.
  await he.page.evaluate(() => {
    Object.defineProperty(visualViewport, "offsetTop", { configurable: true, get: () => 120 });
    visualViewport!.dispatchEvent(new Event("scroll"));
  });
  await he.page.evaluate(() => scrollTo(0, 200));
  expect(await top()).toBe(120);
});
