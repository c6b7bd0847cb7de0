import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type Browser, expect, test } from "@playwright/test";
import { newCoordinator } from "./support/coordinator.ts";
import { deviceOf, expectDirectory } from "./support/story.ts";
import { text } from "./support/texts.ts";
import { newVisitor } from "./support/visitor.ts";
import { watch } from "./support/watch.ts";

interface Demo {
  readonly visitor: string;
  readonly coordinators: readonly string[];
  readonly process: ChildProcess;
  said(): string;
}

async function startDemo(): Promise<Demo> {
  const child = spawn(process.env["UTVAG_BINARY"] ?? "utvag", ["demo", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  await new Promise<void>((ready, fail) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes("Ctrl-C")) ready();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", fail);
    child.once("exit", () => fail(new Error(`utvag demo ended at once:\n${said}`)));
  });
  const link = (name: string): string[] =>
    [...said.matchAll(new RegExp(`^${name}: +(http://127\\.0\\.0\\.1:\\d+/\\S*)$`, "gm"))].map((match) => match[1]!);
  return { visitor: link("Visitor")[0]!, coordinators: link("Coordinator"), process: child, said: () => said };
}

async function open(browser: Browser, url: string) {
  const context = await browser.newContext();
  const watching = watch(context);
  const page = await context.newPage();
  await page.goto(url);
  return { context, page, watch: watching };
}

test("the demo: two links, a conversation, and nothing left", async ({ browser }) => {
  const demo = await startDemo();
  try {
    expect(demo.coordinators).toHaveLength(2);
    expect(new URL(demo.coordinators[0]!).origin).not.toBe(new URL(demo.visitor).origin);
    const sara = newCoordinator(await open(browser, demo.coordinators[0]!), "Sara");
    await expect(sara.phase("online")).toBeVisible({ timeout: 30_000 });
    await expect(sara.page.getByRole("banner")).toContainText("Sara");
    expect(sara.page.url(), "the token is spent, and gone from the address").not.toContain("enrol");

    await expectDirectory(new URL(demo.visitor).origin, deviceOf(sara.page));
    const he = newVisitor(await open(browser, demo.visitor));
    await he.ask("är det här på riktigt");
    await sara.open();
    await sara.claim();
    await sara.write("Nej, men det fungerar likadant.");
    await expect(he.thread).toHaveText(["är det här på riktigt", "Nej, men det fungerar likadant."]);
    await expect(sara.delivery("Nej, men det fungerar likadant.")).toHaveText(sara.says("desk.delivery.received"));

    // A link lets one browser in, and says so to the second.
    const again = await open(browser, demo.coordinators[0]!);
    await expect(again.page.getByText(text("sv", "desk.enrolling.used"), { exact: true })).toBeVisible();
    await he.end();
    await expect(he.sees("chat.done")).toBeVisible();
    await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));
    expect(he.watch.complaints).toEqual([]);
    expect(sara.watch.complaints).toEqual([]);
    expect(demo.said()).not.toContain("riktigt");
    await Promise.all([sara, he, again].map(({ page }) => page.context().close()));

    const ended = once(demo.process, "exit");
    demo.process.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  } finally {
    demo.process.kill("SIGKILL");
  }
});
