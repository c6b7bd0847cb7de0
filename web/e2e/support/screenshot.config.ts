import { defineConfig } from "@playwright/test";
import usual from "../../playwright.config.ts";

/** `npm run screenshot`: both sides of a conversation, for the README. */
export default defineConfig({
  ...usual,
  testDir: ".",
  testMatch: "screenshot.ts",
  globalSetup: "./binary.ts",
  projects: [{ name: "screenshot" }],
});
