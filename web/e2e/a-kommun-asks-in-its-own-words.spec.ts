import { join } from "node:path";
import type { Locator } from "@playwright/test";
import { root } from "./support/binary.ts";
import { type Coordinator, expect, story, type Visitor } from "./support/story.ts";
import { kommun } from "./support/team.ts";

/** A flow with the questions about the phone, the age and others taken out, one of its own, and words of its own. */
const own = `    flow: ${join(root, "intake/flow/testdata/own.yaml")}
    words: ${join(root, "intake/flow/testdata/own.words.yaml")}
`;

/** Waits for a question in the kommun's own words, and taps the answer. */
async function taps(he: Visitor, question: string, answer: string): Promise<void> {
  await expect(he.page.getByRole("heading", { level: 1 })).toHaveText(question);
  await he.page.getByRole("button", { name: answer, exact: true }).click();
}

async function ticks(he: Visitor, question: string, answer: string): Promise<void> {
  await expect(he.page.getByRole("heading", { level: 1 })).toHaveText(question);
  await he.page.getByRole("checkbox", { name: answer, exact: true }).check();
  await he.press("common.next");
}

/** A line of what a visitor answered, as the coordinator reads it. */
function line(sara: Coordinator, question: string): Locator {
  return sara.conversation.locator(".summary div, .summary tr").filter({ hasText: question });
}

// A server that is away while another flow is published is part of it.
const restarts =
  /ERR_FAILED|ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/;

story.describe("a kommun with questions and words of its own", () => {
  story.use({ serverOptions: { extra: own } });

  story("asks them, and the coordinator reads what the visitor read @phone", async ({ coordinator, someone }) => {
    const sara = await coordinator("Sara");
    const he = await someone();
    await expect(he.page.getByRole("heading", { level: 1 })).toHaveText("Vill du ta dig ur?");
    await he.begin();
    await he.answer("who.h1", "who.self");
    await he.answer("dng.h1", "common.no");
    // Not the phone, which this kommun does not ask about.
    await taps(he, "Finns det barn där du bor?", "Ja, det finns barn");
    await taps(he, he.says("place.h1"), `Här i ${kommun.name}`);
    await ticks(he, "Vad behöver du mest just nu?", "En säker plats att sova på");
    await he.answer("chan.h1", "chan.chat");
    await expect(he.page.getByRole("definition").filter({ hasText: "En säker plats att sova på" })).toBeVisible();
    await he.open("jag vill bort");

    // Urgent by the kommun's own rule, with the reason that it gives.
    await expect(sara.rows.first()).toHaveAttribute("data-priority", "1");
    await expect(sara.rows.first()).toContainText("En säker plats att sova på");
    await sara.open();
    await expect(line(sara, "Finns det barn där du bor?")).toContainText("Ja, det finns barn");
    await expect(line(sara, "Vad behöver du mest just nu?")).toContainText("En säker plats att sova på");
    await expect(sara.conversation).toContainText(sara.says("desk.reason.home"));

    // In a language in which the kommun changed less, the rest is the release's.
    const she = await someone("en");
    await expect(she.page.getByRole("heading", { level: 1 })).toHaveText(she.says("start.h1"));
    await she.begin();
    await she.answer("who.h1", "who.self");
    await she.answer("dng.h1", "common.skip");
    await taps(she, "Are there children where you live?", "No");
    await she.answer("place.h1", "place.here");
    await ticks(she, "What do you need most right now?", she.says("need.home"));
  });
});

story.describe("a new version of the questions", () => {
  story.use({ expected: restarts });

  story(
    "leaves a page that is open as it was, and its answers are read by the words that there are",
    async ({ coordinator, server, someone }) => {
      const sara = await coordinator("Sara");
      const he = await someone();
      await he.begin();
      await he.answer("who.h1", "who.self");
      await he.answer("dng.h1", "common.no");
      await he.answer("scr.h1", "scr.maybe");
      await server.publish(own);
      await sara.reload();
      await expect(sara.phase("online")).toBeVisible({ timeout: 30_000 });
      await he.read("scr.tips");
      await he.answer("age.h1", "age.u15");
      await he.read("minor.h1");
      await he.answer("place.h1");
      await he.answer("need.h1", "need.debt");
      await he.answer("chan.h1", "chan.chat");
      await he.open("hej från förr");
      // The new flow asks neither about the phone nor about the age: the release has words and a rule for both.
      await expect(sara.rows.first()).toHaveAttribute("data-priority", "1");
      await sara.open();
      await expect(line(sara, sara.says("desk.q.age"))).toContainText(sara.says("age.u15"));
      await expect(line(sara, sara.says("desk.q.scr"))).toContainText(sara.says("scr.maybe"));
      await sara.claim();
      await sara.end();

      // The other way round: a question that is gone, and that nobody has words for, is not passed over in silence.
      const she = await someone();
      await she.begin();
      await she.answer("who.h1", "who.self");
      await she.answer("dng.h1", "common.no");
      await taps(she, "Finns det barn där du bor?", "Ja, det finns barn");
      await server.publish("");
      await sara.reload();
      await expect(sara.phase("online")).toBeVisible({ timeout: 30_000 });
      await she.answer("place.h1");
      await she.press("common.skip");
      await she.answer("chan.h1", "chan.chat");
      await she.open("och från nu");
      await expect(sara.rows.first()).toHaveAttribute("data-state", "waiting");
      await sara.open();
      await expect(line(sara, sara.says("desk.unknown.question"))).toContainText(sara.says("desk.unknown.answer"));
    },
  );
});
