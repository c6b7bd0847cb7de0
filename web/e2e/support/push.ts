import type { CDPSession } from "@playwright/test";

const service = "pushMessaging";

/** Lets the browser deliver a push, and waits until the worker has done all that it does about it. */
export async function push(
  devtools: CDPSession,
  message: { readonly origin: string; readonly registrationId: string; readonly data: string },
): Promise<void> {
  await devtools.send("BackgroundService.startObserving", { service });
  await devtools.send("BackgroundService.setRecording", { shouldRecord: true, service });
  const done = new Promise<void>((resolve) =>
    devtools.on("BackgroundService.backgroundServiceEventReceived", ({ backgroundServiceEvent: { eventName } }) => {
      if (eventName === "Push event completed") resolve();
    }),
  );
  await devtools.send("ServiceWorker.deliverPushMessage", message);
  await done;
  // What is kept of it would be told again by whoever observes next.
  await devtools.send("BackgroundService.setRecording", { shouldRecord: false, service });
  await devtools.send("BackgroundService.clearEvents", { service });
  await devtools.send("BackgroundService.stopObserving", { service });
}
