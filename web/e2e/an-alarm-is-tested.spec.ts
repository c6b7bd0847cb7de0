/** A coordinator sees how alarms reach them, tests a channel for real, and lets this device be woken. */
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { newExaminer } from "./support/axe.ts";
import { push } from "./support/push.ts";
import { expect, story } from "./support/story.ts";

const words = "Kontakt: öppna sidan nu.";

// Chromium has its push service at its maker's, which these tests do not reach: it says so, and so does the console.
story.use({ expected: /push|registration/i });

story(
  "an alarm is tested, confirmed, and shown by the service worker in the same few words",
  async ({ coordinator, server }) => {
    const received: string[] = [];
    const ntfy = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        received.push(`${request.method} ${request.url} ${body}`);
        response.end(JSON.stringify({ id: "a", time: 1, event: "message", topic: "t", message: body }));
      });
    });
    ntfy.listen(0, "127.0.0.1");
    await once(ntfy, "listening");
    const { port } = ntfy.address() as { port: number };
    // Any 32 bytes that are a key of P-256.
    const key = join(dirname(server.roster), "push-key");
    writeFileSync(key, `${Buffer.alloc(32, 7).toString("base64url")}\n`);
    chmodSync(key, 0o600);
    try {
      await server.publish(`    people: {Sara: {ntfy: larm-x1}}
channels:
  ntfy: {url: "http://127.0.0.1:${port}"}
  push: {key_file: ${key}, contact: drift@vidby.example, allow_private: true}
`);
      const sara = await coordinator("Sara");
      const { page } = sara;
      await sara.press("desk.menu");
      await sara.press("desk.place.alarms");
      await expect(sara.sees("desk.alarm.by.ntfy")).toBeVisible();
      await expect(sara.sees("desk.alarm.untested")).toBeVisible();
      const examiner = newExaminer();
      await examiner.look(page, "alarms");
      await page.setViewportSize({ width: 1280, height: 800 });

      await page
        .getByRole("button", { name: sara.says("desk.alarm.test.of", { name: sara.says("desk.alarm.by.ntfy") }) })
        .click();
      await page
        .getByRole("button", { name: sara.says("desk.alarm.yes.of", { name: sara.says("desk.alarm.by.ntfy") }) })
        .click();
      await expect(page.getByText(/^Provat .*\.$/)).toBeVisible();
      expect(received).toEqual([`POST /larm-x1 ${words}`]);

      await page.context().grantPermissions(["notifications"], { origin: server.console });
      await sara.press("desk.alarm.here.on");
      await expect
        .poll(
          () =>
            page.evaluate(async () =>
              (await navigator.serviceWorker.getRegistrations()).map((one) => new URL(one.scope).pathname),
            ),
          "the worker is there",
        )
        .toEqual(["/"]);
      const devtools = await page.context().newCDPSession(page);
      const registered = new Promise<string>((found) =>
        devtools.on(
          "ServiceWorker.workerRegistrationUpdated",
          ({ registrations }) => registrations[0] && found(registrations[0].registrationId),
        ),
      );
      await devtools.send("ServiceWorker.enable");
      const registrationId = await registered;
      // No push service has anything for a worker that does not stand yet, and Chromium drops it.
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
      const shown = () =>
        page.evaluate(async () => {
          const registration = await navigator.serviceWorker.ready;
          return (await registration.getNotifications()).map(({ title, body }) => title + body);
        });
      for (const data of ["", "something quite different"]) {
        await push(devtools, { origin: server.console, registrationId, data });
        expect(await shown(), "twice rung, shown once, and never what was pushed").toEqual([words]);
      }
      expect(await page.evaluate(() => caches.keys())).toEqual([]);
    } finally {
      ntfy.close();
    }
  },
);
