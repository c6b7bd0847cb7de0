import { newCoordinator } from "./support/coordinator.ts";
import { expect, story } from "./support/story.ts";
import { text } from "./support/texts.ts";

story("a console reloads in mid-conversation and goes on", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const he = await someone();
  await he.ask("hej, är någon där");
  await sara.open();
  await sara.claim();
  await sara.write("Ja, jag är här.");
  await expect(he.thread.last()).toHaveText("Ja, jag är här.");
  await he.write("vill sluta men vågar inte");
  await expect(sara.thread.last()).toHaveText("vill sluta men vågar inte");

  await sara.reload();
  await he.write("är du kvar");
  await expect(sara.phase("online")).toBeVisible();
  await sara.open();
  const said = ["hej, är någon där", "Ja, jag är här.", "vill sluta men vågar inte", "är du kvar"];
  await expect(sara.thread).toHaveText(said);
  await sara.write("Ja, jag är kvar.");
  await expect(he.thread).toHaveText([...said, "Ja, jag är kvar."]);
  await expect(sara.delivery("Ja, jag är kvar.")).toHaveText(sara.says("desk.delivery.received"));

  // A text is on its way when the page goes away: it is stored before it is sent, and sent once.
  await sara.write("Ta den tid du behöver.");
  await sara.reload();
  await expect(he.thread).toHaveText([...said, "Ja, jag är kvar.", "Ta den tid du behöver."]);
  await expect(sara.phase("online")).toBeVisible();
  await sara.open();
  await expect(sara.thread).toHaveText([...said, "Ja, jag är kvar.", "Ta den tid du behöver."]);
  await expect(sara.delivery("Ta den tid du behöver.")).toHaveText(sara.says("desk.delivery.received"));
  await he.end();
  await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));
});

story("a device that is open in a second tab answers from one of them only", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const he = await someone();
  await he.ask("hej");
  await sara.open();
  await sara.claim();

  const page = await sara.page.context().newPage();
  await page.goto(sara.page.url());
  const second = newCoordinator({ ...sara, page, context: page.context() }, "Sara");
  await second.unlock();
  await expect(second.sees("desk.trouble.elsewhere")).toBeVisible();
  await expect(second.phase("stopped")).toBeVisible();
  await sara.write("Hej.");
  await expect(he.thread.last()).toHaveText("Hej.");

  // When the first is closed, the second can take over, with everything in it.
  await sara.page.close();
  // The browser lets go of the first one's lock a moment after its tab is gone.
  await expect(async () => {
    await second.press("desk.here");
    await expect(second.phase("online")).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 40_000 });
  await second.open();
  await expect(second.thread).toHaveText(["hej", "Hej."]);
  await second.write("Jag sitter vid en annan flik nu.");
  await expect(he.thread).toHaveText(["hej", "Hej.", "Jag sitter vid en annan flik nu."]);
});

story("a console that a team lead has let in goes on by itself", async ({ openConsole }) => {
  const { page, watch } = await openConsole("Sara");
  await expect(page.getByRole("heading", { level: 3 })).toHaveText(text("sv", "desk.list.waiting"));
  await expect(page.getByText(text("sv", "desk.list.empty"), { exact: true })).toBeVisible();
  expect(watch.complaints).toEqual([]);
});
