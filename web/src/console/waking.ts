import { bytes } from "./alarm.ts";

/** Where the console's service worker is; web/site.go serves it on this origin alone. */
const address = "/larm.js";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(): string }): { createScriptURL(input: string): unknown };
}

let trusted: unknown;

/** The one address that may become a script. */
function script(): string {
  trusted ??=
    (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
      ?.createPolicy("worker", { createScriptURL: () => address })
      .createScriptURL("") ?? address;
  return trusted as string;
}

/** Whether this browser can be woken; on an iPhone only a page that was put on the home screen can. */
export function wakeable(): boolean {
  return "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
}

/** What the person has said to the browser's own question. */
export function permission(): NotificationPermission {
  return Notification.permission;
}

export interface Subscription {
  readonly endpoint: string;
  readonly key: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * Asks the person, and then the browser's push service. To be called by a tap. undefined: the person said no, or the
 * browser cannot.
 */
export async function subscribe(pushKey: Uint8Array): Promise<Subscription | undefined> {
  if ((await Notification.requestPermission()) !== "granted") return undefined;
  const registration = await navigator.serviceWorker.register(script());
  await navigator.serviceWorker.ready;
  const old = await registration.pushManager.getSubscription();
  // One that was made for another key of the server's rings for nobody.
  if (old && !same(old.options.applicationServerKey, pushKey)) await old.unsubscribe();
  const made = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: pushKey as BufferSource,
  });
  const [key, secret] = [bytes(made.getKey("p256dh")), bytes(made.getKey("auth"))];
  return key && secret && { endpoint: made.endpoint, key, secret };
}

/** Lets the browser forget it, and takes the service worker away. */
export async function unsubscribe(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await registration?.unregister();
}

function same(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const held = bytes(one);
  return held !== undefined && held.length === other.length && held.every((value, i) => value === other[i]);
}
