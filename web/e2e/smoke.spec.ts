import { expect, test, text } from "./support/test.ts";

test("the start page shows, and the browser has nothing to complain of @phone", async ({
  openVisitor,
  server,
  redis,
}) => {
  const { page, watch } = await openVisitor();
  await expect(page).toHaveTitle("Kontakt");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("sv", "start.h1"));
  await expect(page.getByRole("button", { name: text("sv", "start.go") })).toBeVisible();
  await expect(page.getByRole("link", { name: text("sv", "danger.bar") })).toHaveAttribute("href", "tel:112");
  // The engine comes by itself, while the page is read.
  await expect.poll(() => watch.requests.some((request) => request.endsWith("/directory"))).toBe(true);
  await page.waitForLoadState("networkidle");

  expect(watch.complaints).toEqual([]);
  for (const request of watch.requests) expect(request).toMatch(new RegExp(`^GET ${server.visitor}/`));
  expect(new Set(watch.requests).size, "nothing is asked for twice").toBe(watch.requests.length);
  expect(await watch.traces(page)).toEqual([]);
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  // Reading leaves nothing at the server either.
  expect((await redis.everything()).filter(({ ttl }) => ttl < 0)).toEqual([]);
  expect(server.log()).not.toContain("Mozilla");
  expect(server.log()).not.toContain("GET /");
});

test("the console shows, and the browser has nothing to complain of @phone", async ({ browser, server }) => {
  const context = await browser.newContext();
  const complaints: string[] = [];
  context.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  context.on("weberror", (fault) => complaints.push(fault.error().message));
  const page = await context.newPage();
  await page.goto(server.console);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("sv", "desk.new.h1"));
  await page.waitForLoadState("networkidle");
  expect(complaints).toEqual([]);
  await context.close();
});

test("without JavaScript the page gives telephone numbers", async ({ openVisitor }) => {
  const { page, watch } = await openVisitor({ javaScriptEnabled: false });
  // Playwright does not look for text inside of noscript.
  const [swedish, english] = [page.locator("noscript > p").first(), page.locator("details[lang=en] noscript > p")];
  await expect(swedish).toHaveText(text("sv", "start.nojs"));
  await expect(swedish).toBeVisible();
  const numbers = page.getByRole("main").locator("> .numbers > li");
  await expect(numbers).toHaveCount(4);
  for (const number of await numbers.all()) {
    await expect(number.getByRole("link")).toHaveAttribute("href", /^tel:\d{3,}$/);
    await expect(number).toContainText(text("sv", "call.trace"));
    await expect(number).toContainText(/Kontrollerat 20\d\d-\d\d-\d\d\./);
  }
  await expect(english).toBeHidden();
  await page.locator("details[lang=en] > summary").click();
  await expect(english).toHaveText(text("en", "start.nojs"));
  await expect(english).toBeVisible();
  expect(watch.complaints).toEqual([]);
});

test("the content security policy stops a script that somebody smuggled in", async ({ openVisitor }) => {
  const { page, watch } = await openVisitor();
  await expect(page.getByRole("button", { name: text("sv", "start.go") })).toBeVisible();
  const outcome = await page.evaluate(async () => {
    const broken: string[] = [];
    addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
    const attempt = (act: () => void): void => {
      try {
        act();
      } catch {
        broken.push("refused");
      }
    };
    const w = window as unknown as Record<string, unknown>;
    attempt(() => document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.smuggled=1'>"));
    attempt(() => {
      const script = document.createElement("script");
      script.textContent = "window.smuggled=1";
      document.body.append(script);
    });
    attempt(() => {
      const script = document.createElement("script");
      script.src = "data:text/javascript,window.smuggled=1";
      document.body.append(script);
    });
    const noticed = new Promise((resolve) =>
      addEventListener(
        "securitypolicyviolation",
        ({ effectiveDirective }) => effectiveDirective === "connect-src" && resolve(true),
      ),
    );
    const fetched = await fetch("https://example.se/").then(
      () => "fetched",
      () => "stopped",
    );
    await noticed;
    return { smuggled: w["smuggled"], fetched, broken };
  });
  expect(outcome.smuggled).toBeUndefined();
  expect(outcome.fetched).toBe("stopped");
  expect(outcome.broken).toContain("connect-src");
  expect(watch.complaints.length).toBeGreaterThan(0);
});

test("every answer of a running server carries the headers, and no cookie", async ({ request, server }) => {
  for (const origin of [server.visitor, server.console]) {
    for (const path of [
      "/",
      "/status",
      "/directory",
      "/relay",
      "/enrol",
      "/assets/none.js",
      "/nothing",
      "/favicon.ico",
      "/tillganglighet",
    ]) {
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const headers = (await request.fetch(origin + path, { method, maxRedirects: 0 })).headers();
        const at = `${method} ${path}`;
        expect(headers["content-security-policy"], at).toMatch(
          /^default-src 'none'; script-src 'self'; .*require-trusted-types-for 'script'; trusted-types worker(; manifest-src 'self')?$/,
        );
        expect(headers["referrer-policy"], at).toBe("no-referrer");
        expect(headers["x-frame-options"], at).toBe("DENY");
        expect(headers["x-content-type-options"], at).toBe("nosniff");
        expect(headers["cross-origin-opener-policy"], at).toBe("same-origin");
        expect(headers["cross-origin-resource-policy"], at).toBe("same-origin");
        expect(headers["cache-control"], at).toBe("no-store");
        expect(headers["permissions-policy"], at).toContain("camera=()");
        for (const name of ["set-cookie", "server", "etag", "last-modified", "location"])
          expect(headers[name], `${at}: ${name}`).toBeUndefined();
      }
    }
  }
});
