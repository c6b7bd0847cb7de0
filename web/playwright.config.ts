import { availableParallelism } from "node:os";
import { defineConfig } from "@playwright/test";
import { neutralHost } from "./e2e/support/neutral.ts";

/**
 * Browser tests: a real Chromium, a real `utvag serve`, a real Redis (e2e/support). Each test has its own server and
 * store.
 */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  globalSetup: ["./e2e/support/binary.ts", "./e2e/support/neutral.ts"],
  outputDir: "test-results",
  // Each story has its own servers and browser contexts; one for each core keeps the cores busy and no more.
  workers: availableParallelism(),
  fullyParallel: true,
  // A test that passes at the second try would hide what a person meets at the first.
  retries: 0,
  forbidOnly: Boolean(process.env["CI"]),
  // To find what stands still, on a machine that is busy with other things too. How soon something must be there is
  // said by the page's own clock, where a story is about that.
  timeout: 600_000,
  expect: { timeout: 30_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    headless: true,
    locale: "sv-SE",
    timezoneId: "Europe/Stockholm",
    // The page that somebody leaves for has a certificate of its own making.
    ignoreHTTPSErrors: true,
    // What a failed test leaves behind must not hold what a visitor wrote; tests write only invented sentences.
    trace: "off",
    video: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env["UTVAG_CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        `--host-resolver-rules=MAP ${neutralHost} 127.0.0.1`,
      ],
    },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } } },
    // Tests whose title says @phone run on a small phone as well.
    { name: "phone", grep: /@phone/, use: { viewport: { width: 360, height: 640 }, hasTouch: true } },
    // The visitor is in Debian's Firefox (e2e/support/firefox.ts), whoever answers in Chromium.
    { name: "firefox", testMatch: "**/*.firefox.ts", use: { viewport: { width: 1280, height: 800 } } },
  ],
});
