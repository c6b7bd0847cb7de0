import { deviceOf, expect, story } from "./support/story.ts";

story(
  "the device that answers is revoked in mid-conversation: it is cut, the person is told and lets a colleague in @phone",
  async ({ coordinator, server, someone, team }) => {
    const [sara, omar] = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
    const he = await someone();
    await he.ask("jag har inte berättat för någon");
    // The list holds no word of it until it is opened.
    await expect(sara.rows).toHaveCount(1);
    await expect(sara.page.getByText("jag har inte berättat för någon")).toHaveCount(0);
    await sara.open();
    await sara.claim();
    await sara.write("Hej. Jag är här.");
    await expect(he.thread.last()).toHaveText("Hej. Jag är här.");
    await he.write("jag är hos min kusin");
    await expect(sara.thread.last()).toHaveText("jag är hos min kusin");

    team.revoke(server.roster, deviceOf(sara.page).toString("hex"));
    await expect(he.sees("chat.shut", { alias: "Sara" })).toBeVisible({ timeout: 20_000 });
    await expect(he.page.getByRole("button", { name: he.says("chat.invite"), exact: true })).toBeInViewport({
      ratio: 1,
    });
    await expect(sara.sees("desk.trouble.device")).toBeVisible();
    await expect(sara.page.getByRole("textbox")).toHaveCount(0);
    await he.write("är du kvar?");
    await expect(he.delivery("är du kvar?")).toHaveText(he.says("chat.sent"));
    await expect(omar.page.getByText("är du kvar?")).toHaveCount(0);

    await he.press("chat.invite");
    await omar.open();
    for (const words of [
      "jag har inte berättat för någon",
      "Hej. Jag är här.",
      "jag är hos min kusin",
      "är du kvar?",
    ]) {
      await expect(omar.conversation).toContainText(words);
    }
    await omar.claim();
    await omar.write("Sara kan inte svara mer. Jag heter Omar.");
    await expect(he.thread.last()).toHaveText("Sara kan inte svara mer. Jag heter Omar.");
    await expect(he.sees("chat.shut", { alias: "Sara" })).toHaveCount(0);
    for (const words of ["är du kvar?", "Sara kan inte svara mer."])
      await expect(sara.page.getByText(words)).toHaveCount(0);
  },
);
