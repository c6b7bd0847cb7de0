import { enter, keeps } from "./support/phrase.ts";
import { expect, story } from "./support/story.ts";

story(
  "the coordinator has gone home, and a colleague reads because the visitor says so",
  async ({ coordinator, someone }) => {
    const [sara, omar] = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
    const he = await someone();
    await he.ask("jag har inte berättat för någon");
    const words = await keeps(he);
    await sara.open();
    await sara.claim();
    await sara.write("Hej. Jag är här till klockan fem.");
    await expect(he.thread.last()).toHaveText("Hej. Jag är här till klockan fem.");
    await he.page.context().close();
    await sara.press("desk.menu");
    await sara.press("desk.menu.signout");
    await expect(sara.sees("desk.out.h1")).toBeVisible();

    const back = await someone();
    await enter(back, words.join(" "));
    await back.press("code.go");
    await expect(back.sees("chat.gone", { alias: "Sara" })).toBeVisible();
    await expect(back.sees("chat.invite.p", { alias: "Sara" })).toBeVisible();
    // Nobody else reads before that.
    await expect(omar.page.getByText("Jag är här till klockan fem.")).toHaveCount(0);
    await back.press("chat.invite");
    await expect(back.sees("chat.invited").last()).toBeVisible();
    await expect(back.sees("wait.sent")).toHaveCount(0);

    await omar.open();
    await expect(omar.conversation).toContainText("jag har inte berättat för någon");
    await expect(omar.conversation).toContainText("Jag är här till klockan fem.");
    await omar.claim();
    await omar.write("Sara har gått hem. Jag heter Omar.");
    await expect(back.thread.last()).toHaveText("Sara har gått hem. Jag heter Omar.");
    await expect(back.sees("chat.join", { alias: "Omar" })).toBeVisible();
    await back.write("okej");
    await expect(omar.thread.last()).toHaveText("okej");

    // Sara reads no more of it when she is back.
    await sara.unlock();
    await expect(sara.page.getByText("Jag heter Omar.")).toHaveCount(0);
    await expect(sara.page.getByText("okej", { exact: true })).toHaveCount(0);
  },
);
