import { enter, keeps } from "./support/phrase.ts";
import { expect, story } from "./support/story.ts";

story("types the phrase with two slips, in capitals and without dots @phone", async ({ coordinator, someone }) => {
  await coordinator("Sara");
  const she = await someone();
  await she.ask("det gäller min bror");
  const words = await keeps(she);
  await she.page.context().close();

  const later = await someone();
  // A letter too many in one, two letters swapped in another; the rest in capitals, without marks.
  const slipped = words.map((word, i) => {
    if (i === 1) return `${word}x`;
    if (i === 4) return `${word.slice(0, -2)}${word.at(-1)}${word.at(-2)}`;
    return word.normalize("NFD").replaceAll(/\p{M}/gu, "").toUpperCase();
  });
  await enter(later, slipped.join("  - "));
  await later.press("code.go");
  // Nothing was asked of the server: what comes near is offered, and a tap says what was meant.
  expect(later.watch.requests.filter((request) => request.includes("ws:"))).toEqual([]);
  for (const i of [1, 4]) {
    if (slipped[i] === words[i]) continue;
    await later.page.locator(".picks").getByRole("button", { name: words[i]!, exact: true }).first().click();
  }
  await expect(later.page.locator(".picks")).toHaveCount(0);
  await later.press("code.go");
  await expect(later.thread).toHaveText(["det gäller min bror"]);
  await expect(later.sees("code.stands")).toBeVisible();
});

story(
  "types digits in another script, in other groups, and is told of a wrong one",
  async ({ coordinator, someone }) => {
    await coordinator("Sara");
    const he = await someone("en");
    await he.ask("I want to know how it works");
    const digits = (await keeps(he, "code.digits")).join("");
    expect(digits).toMatch(/^\d{24}$/);
    await he.page.context().close();

    const later = await someone("en");
    const arabic = (text: string): string =>
      text.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));
    const wrong = `${(Number(digits[0]) + 1) % 10}${digits.slice(1)}`;
    await enter(later, arabic(wrong));
    await expect(later.sees("code.wrong")).toBeVisible();
    await later.press("code.go");
    expect(later.watch.requests.filter((request) => request.includes("ws:"))).toEqual([]);
    await later.page.getByRole("textbox").fill(arabic(digits).replace(/.{1,5}/g, "$& / "));
    await later.press("code.go");
    await expect(later.thread).toHaveText(["I want to know how it works"]);
  },
);
