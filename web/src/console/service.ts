/**
 * The console's service worker: it shows that there is something to do, and nothing else. It stores nothing, caches
 * nothing, and looks neither at what was pushed nor at any request, so that whoever can send a push can make a phone
 * ring and no more.
 */

/** The catalog's Swedish sentence, put in when the release is built. */
declare const ALARM_WORDS: string;

const scope = globalThis as unknown as ServiceWorkerGlobalScope;

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));

scope.addEventListener("push", (event) => {
  // The tag lets the newest take the place of the one before, so that a locked screen does not count them; it rings
  // again all the same, which the types do not know yet.
  event.waitUntil(
    scope.registration.showNotification(ALARM_WORDS, {
      tag: "kontakt",
      renotify: true,
      requireInteraction: true,
      silent: false,
    } as NotificationOptions),
  );
});

scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show());
});

async function show(): Promise<void> {
  const [open] = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  await (open ? open.focus() : scope.clients.openWindow(scope.registration.scope));
}

export {};
