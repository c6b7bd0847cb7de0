import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { utvag } from "./support/binary.ts";
import { newExaminer } from "./support/axe.ts";
import { kindsOfKeys } from "./support/kept.ts";
import { expect, story } from "./support/story.ts";

story(
  "the probe is answered by one press, and leaves nothing; whoever copies its mark is a person",
  async ({ server, folder, redis, coordinator, someone }) => {
    const key = join(folder, "probe");
    utvag("probe", "--kommun", "vidby", "--new-key", key);
    await server.publish(`    probe_key_file: ${key}\n`);
    const sara = await coordinator("Sara");

    const scratch = join(folder, "t");
    mkdirSync(scratch);
    const visit = (patience: string) => {
      const probe = spawn(
        process.env["UTVAG_BINARY"] ?? "utvag",
        [
          "probe",
          "--config",
          join(folder, "utvag.yaml"),
          "--kommun",
          "vidby",
          "--once",
          "--patience",
          patience,
          "--browser",
          process.env["UTVAG_CHROMIUM"] ?? "/usr/bin/chromium",
        ],
        { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, TMPDIR: scratch } },
      );
      const said: string[] = [];
      for (const out of [probe.stdout, probe.stderr]) out.on("data", (chunk: Buffer) => said.push(chunk.toString()));
      // Not "exit": what it said last may be read after it is gone.
      return { said: () => said.join(""), ended: once(probe, "close").then(([code]) => code as number | null) };
    };

    const answered = visit("50s");
    await expect(sara.rows.first()).toContainText(sara.says("desk.probe"), { timeout: 40_000 });
    await sara.open();
    await expect(sara.sees("desk.probe.p")).toBeVisible();
    const mark = await sara.thread.first().innerText();
    await newExaminer().look(sara.page, "a probe");
    await sara.press("desk.probe.go");
    expect(await answered.ended, answered.said()).toBe(0);
    expect(answered.said()).toMatch(/^vidby: answered after \d+(\.\d)?m?s$/m);
    expect(readdirSync(scratch), "the browser and its profile are gone").toEqual([]);
    await expect(sara.conversation).toContainText(sara.says("desk.ended.visitor"));
    expect(
      (await kindsOfKeys(redis)).filter((kind) => kind.startsWith("u:{}:")),
      "of the conversation only that it ended",
    ).toEqual(["u:{}:t:"]);
    expect(server.log()).not.toContain("probe");
    await sara.press("desk.clear");

    // Nobody presses: it gives up, says so, and takes itself away.
    const missed = visit("10s");
    expect(await missed.ended, missed.said()).toBe(1);
    expect(missed.said()).toContain("nobody answered in time. Ring whoever is on duty");
    expect(readdirSync(scratch)).toEqual([]);
    await sara.open();
    await expect(sara.conversation).toContainText(sara.says("desk.ended.visitor"));
    await sara.press("desk.clear");

    const he = await someone();
    await he.begin();
    await he.answer("who.h1", "who.ask");
    await he.answer("chan.h1", "chan.chat");
    await he.write(mark);
    // The digits of some marks could be a telephone number, which the page asks about; the probe answers that as well.
    const sends = he.page.getByRole("button", { name: he.says("warn.send"), exact: true });
    await expect(sends.or(he.page.getByRole("log"))).toBeAttached();
    if (await sends.isVisible()) await sends.click();
    await sara.open();
    await expect(sara.thread).toHaveText([mark]);
    await expect(sara.sees("desk.probe.p")).toHaveCount(0);
    await sara.claim();
    await sara.write("Hej. Jag är här.");
    await expect(he.thread.last()).toHaveText("Hej. Jag är här.");
  },
);
