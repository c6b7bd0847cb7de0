import { expect, story } from "./support/story.ts";

story("two coordinators race for a claim, and one of them answers", async ({ coordinator, someone }) => {
  const desks = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
  const she = await someone();
  await she.begin();
  await she.answer("who.h1", "who.ask");
  await she.answer("chan.h1", "chan.chat");
  await expect(she.sees("send.readers", { n: 2 })).toBeVisible();
  await she.open("kan ni hjälpa min bror");
  await Promise.all(desks.map((desk) => desk.open()));
  for (const desk of desks) await expect(desk.thread).toHaveText(["kan ni hjälpa min bror"]);

  // By key: a mouse would wait for the button to come to rest, and one of them would be first.
  await Promise.all(desks.map((desk) => desk.page.keyboard.press("c")));
  const won = await Promise.any(
    desks.map(async (desk) => {
      await expect(desk.composer).toBeVisible();
      return desk;
    }),
  );
  const lost = desks.find((desk) => desk !== won)!;
  await expect(lost.conversation).toContainText(lost.says("desk.state.taken", { alias: won.alias }));
  await expect(lost.sees("desk.taken.p")).toBeVisible();
  await expect(lost.composer).toHaveCount(0);
  await expect(she.page.getByText(/ är här\.$/)).toHaveText([she.says("chat.join", { alias: won.alias })]);

  await won.write("Ja. Berätta bara det du vill.");
  await expect(she.thread.last()).toHaveText("Ja. Berätta bara det du vill.");
  await she.write("han är fjorton");
  await expect(won.thread).toHaveText(["kan ni hjälpa min bror", "Ja. Berätta bara det du vill.", "han är fjorton"]);
  await expect(she.delivery("han är fjorton")).toHaveText(she.says("chat.received"));

  // What came after the claim is not on the other's page, nor anywhere in that browser.
  await expect(lost.thread).toHaveText(["kan ni hjälpa min bror"]);
  await expect(lost.page.locator("body")).not.toContainText("fjorton");
  await lost.reload();
  await expect(lost.phase("online")).toBeVisible();
  await expect(lost.page.locator("body")).not.toContainText("fjorton");
  await expect(lost.page.locator("body")).not.toContainText("Berätta bara");
  await expect(lost.page.getByRole("button", { name: lost.says("desk.claim.go"), exact: true })).toHaveCount(0);

  // The next one who asks is anybody's again.
  await won.end();
  await expect(she.sees("chat.left")).toBeVisible();
  await she.press("chat.clear");
  await she.ask("en sak till");
  await lost.rows
    .filter({ hasText: lost.says("desk.a.who.ask") })
    .filter({ hasText: lost.says("desk.wait.now") })
    .click();
  await expect(lost.thread).toHaveText(["en sak till"]);
  await lost.claim();
  await expect(she.sees("chat.join", { alias: lost.alias })).toBeVisible();
});
