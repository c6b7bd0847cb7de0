import type { BrowserContext, Page } from "@playwright/test";

/** What a browser did and complained of, since its context was made. */
export interface Watch {
  /** Each request, WebSockets included, in the order made: `GET http://127.0.0.1:1234/`. */
  readonly requests: readonly string[];
  /** Errors and warnings of the console, faults in scripts, and breaches of the content security policy. */
  readonly complaints: readonly string[];
  /** Resolves when the next frame of a WebSocket has gone, or has come. */
  frame(which: "sent" | "received"): Promise<void>;
  /** Cookies, and what lies in local, session and indexed storage of the page. */
  traces(page: Page): Promise<readonly string[]>;
}

export function watch(context: BrowserContext): Watch {
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => requests.push(`${request.method()} ${request.url()}`));
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (fault) => complaints.push(`fault: ${fault.error().message}`));
  const waiting: Record<"sent" | "received", (() => void)[]> = { sent: [], received: [] };
  const wake = (which: "sent" | "received"): void => {
    for (const resolve of waiting[which].splice(0)) resolve();
  };
  context.on("page", (page) =>
    page.on("websocket", (socket) => {
      requests.push(`GET ${socket.url()}`);
      socket.on("framesent", () => wake("sent"));
      socket.on("framereceived", () => wake("received"));
    }),
  );
  return {
    requests,
    complaints,
    frame: (which) => new Promise((resolve) => waiting[which].push(resolve)),
    async traces(page) {
      const cookies = (await context.cookies()).map(({ name }) => `cookie ${name}`);
      const stored = await page.evaluate(async () => [
        ...Object.keys(localStorage).map((key) => `localStorage ${key}`),
        ...Object.keys(sessionStorage).map((key) => `sessionStorage ${key}`),
        ...(await indexedDB.databases()).map(({ name }) => `indexedDB ${name}`),
        ...(await caches.keys()).map((key) => `cache ${key}`),
      ]);
      return [...cookies, ...stored];
    },
  };
}
