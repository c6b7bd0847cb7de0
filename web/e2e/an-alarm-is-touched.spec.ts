/**
 * What a touch on the alarm does: it brings the console that is open, or opens it, and shows nothing of what was
 * pushed.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Page, Worker } from "@playwright/test";
import { push } from "./support/push.ts";
import { expect, story } from "./support/story.ts";

// Chromium has its push service at its maker's, which these tests do not reach: it says so, and so does the console.
story.use({ expected: /push|registration/i });

const pushed = "Amir waits at https://elsewhere.example/";

interface Scope {
  readonly registration: {
    readonly scope: string;
    getNotifications(): Promise<readonly { readonly title: string; readonly body: string; readonly data: unknown }[]>;
  };
  dispatchEvent(event: Event): boolean;
}

/**
 * Touches the one notification that is shown, and gives what the worker did. The notification, its event and the list
 * of windows are the browser's. What a script cannot do is to touch: the browser lets a worker open and focus windows
 * for a person's touch alone, so that these two, and waiting for them, are noted instead.
 */
async function touch(
  worker: Worker,
): Promise<{ readonly done: readonly string[]; readonly left: number; readonly scope: string }> {
  return await worker.evaluate(async () => {
    const scope = globalThis as unknown as Scope;
    const browser = globalThis as unknown as {
      readonly WindowClient: { readonly prototype: { focus: unknown } };
      readonly Clients: { readonly prototype: { openWindow: unknown } };
      readonly NotificationEvent: new (type: string, init: object) => Event;
    };
    const done: string[] = [];
    const works: Promise<unknown>[] = [];
    browser.WindowClient.prototype.focus = function (this: { readonly url: string }) {
      done.push(`focus ${this.url.replace(/#.*/, "")}`);
      return Promise.resolve(this);
    };
    browser.Clients.prototype.openWindow = (url: string) => {
      done.push(`open ${url}`);
      return Promise.resolve(null);
    };
    const [notification, ...more] = await scope.registration.getNotifications();
    if (!notification || more.length > 0) throw new Error(`${more.length} more notifications`);
    const event = new browser.NotificationEvent("notificationclick", { notification });
    Object.defineProperty(event, "waitUntil", { value: (work: Promise<unknown>) => works.push(work) });
    scope.dispatchEvent(event);
    if (works.length !== 1) throw new Error(`it waits for ${works.length} works`);
    await Promise.all(works);
    return { done, left: (await scope.registration.getNotifications()).length, scope: scope.registration.scope };
  });
}

story("a touch on the alarm brings the console that is open, or opens it", async ({ coordinator, server }) => {
  // Any 32 bytes that are a key of P-256.
  const key = join(dirname(server.roster), "push-key");
  writeFileSync(key, `${Buffer.alloc(32, 7).toString("base64url")}\n`);
  chmodSync(key, 0o600);
  await server.publish(`channels:\n  push: {key_file: ${key}, contact: drift@vidby.example, allow_private: true}\n`);
  const sara = await coordinator("Sara");
  const { page } = sara;
  const context = page.context();
  await context.grantPermissions(["notifications"], { origin: server.console });
  await sara.press("desk.menu");
  await sara.press("desk.place.alarms");
  const installed = context.waitForEvent("serviceworker");
  await sara.press("desk.alarm.here.on");
  const worker = await installed;
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  // Somebody reads the visitor's page in the same browser: that is not what is brought.
  const other = await context.newPage();
  await other.goto(server.visitor);
  await ring(page, server.console);
  const brought = await touch(worker);
  expect(brought).toEqual({ done: [`focus ${server.console}/`], left: 0, scope: `${server.console}/` });
  await expect(page.getByText(pushed)).toHaveCount(0);

  await ring(page, server.console);
  await page.close();
  await expect.poll(() => touchable(worker)).toBe(1);
  expect(await touch(worker)).toEqual({ done: [`open ${server.console}/`], left: 0, scope: `${server.console}/` });
});

/** How many notifications stand, once no window of the console is there. */
async function touchable(worker: Worker): Promise<number> {
  return await worker.evaluate(async () => {
    const { clients, registration } = globalThis as unknown as Scope & {
      readonly clients: { matchAll(options: object): Promise<readonly unknown[]> };
    };
    return (await clients.matchAll({ type: "window", includeUncontrolled: true })).length > 0
      ? -1
      : (await registration.getNotifications()).length;
  });
}

/** Lets the browser deliver a push, and waits until it is shown in the same few words as always. */
async function ring(page: Page, origin: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const registered = new Promise<string>((found) =>
    devtools.on(
      "ServiceWorker.workerRegistrationUpdated",
      ({ registrations }) => registrations[0] && found(registrations[0].registrationId),
    ),
  );
  await devtools.send("ServiceWorker.enable");
  const registrationId = await registered;
  const shown = () =>
    page.evaluate(async () => {
      const all = await (await navigator.serviceWorker.ready).getNotifications();
      return all.map(({ title, body, data }) => [title, body, data as unknown]);
    });
  await push(devtools, { origin, registrationId, data: pushed });
  expect(await shown()).toEqual([["Kontakt: öppna sidan nu.", "", null]]);
}
