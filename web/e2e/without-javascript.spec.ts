import { expect, test, text } from "./support/test.ts";
import { neutralTitle } from "./support/neutral.ts";

for (const [size, viewport] of [
  ["a phone", { width: 360, height: 640 }],
  ["a desk", { width: 1280, height: 800 }],
] as const) {
  test(`without JavaScript the page gives telephone numbers on ${size}`, async ({ openVisitor, server }) => {
    const { page, watch } = await openVisitor({ javaScriptEnabled: false, viewport });
    await expect(page).toHaveTitle("Kontakt");
    // The first press of Tab finds the way out.
    await page.keyboard.press("Tab");
    await expect(page.locator(".skip")).toBeFocused();
    await expect(page.locator(".skip")).toHaveText(text("sv", "exit.button"));
    expect((await page.locator(".skip").boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await expect(page.getByRole("link", { name: text("sv", "danger.bar") })).toHaveAttribute("href", "tel:112");
    const out = page.getByRole("banner").getByRole("link", { name: text("sv", "exit.button") });
    await expect(out).toHaveAttribute("href", "/lamna");
    await expect(page.getByRole("heading", { level: 1 }).first()).toHaveText(text("sv", "start.h1"));
    for (const number of ["112", "114 14", "116 111", "90101"]) {
      const link = page.getByRole("main").locator("> .numbers").getByRole("link", { name: number });
      await expect(link).toBeVisible();
      await expect(link).toHaveAttribute("href", `tel:${number.replaceAll(" ", "")}`);
    }
    // The day on which somebody called each of them to make sure.
    const verified = (lang: "sv" | "en"): string =>
      text(lang, "call.verified", { date: new Date().toISOString().slice(0, 10) });
    await expect(page.getByText(verified("sv"))).toHaveCount(4);

    await page.getByText("English", { exact: true }).click();
    const english = page.locator("details[lang=en]");
    await expect(english.getByText(text("en", "start.h1"))).toBeVisible();
    await expect(english.getByRole("link", { name: "112" }).first()).toBeVisible();
    await expect(english.getByRole("link", { name: "116 111" })).toHaveAttribute("href", "tel:116111");
    await expect(english.getByText(verified("en")).first()).toBeVisible();
    expect(
      await page.locator("form, input, button, iframe, img[src^=http]").count(),
      "nothing that could send anything",
    ).toBe(0);
    for (const request of watch.requests) expect(request).toMatch(new RegExp(`^GET ${server.visitor}/`));

    // It leads there by itself.
    await out.click();
    await expect(page).toHaveTitle(neutralTitle);
    expect(watch.complaints).toEqual([]);
  });
}

test("the accessibility statement is one tap away, with and without JavaScript, and says the same", async ({
  openVisitor,
  server,
}) => {
  const plain = await openVisitor({ javaScriptEnabled: false });
  await plain.page
    .getByRole("link", { name: text("sv", "acc.h1"), exact: true })
    .first()
    .click();
  expect(plain.page.url()).toBe(`${server.visitor}/tillganglighet`);
  await expect(plain.page).toHaveTitle("Kontakt");
  await expect(plain.page.getByRole("banner").getByRole("link", { name: text("sv", "exit.button") })).toHaveAttribute(
    "href",
    "/lamna",
  );
  const said = async (page: typeof plain.page): Promise<readonly string[]> =>
    (await page.locator("main").locator("> h1, > h2, > p:not(.practice), > ul > li").allInnerTexts()).filter(
      (line) => line !== "Kontakt",
    );
  const lines = await said(plain.page);
  expect(lines.length).toBeGreaterThan(14);

  const { page, watch } = await openVisitor();
  await page.getByRole("button", { name: text("sv", "acc.h1"), exact: true }).click();
  await expect(page.getByText(text("sv", "acc.status"), { exact: true })).toBeVisible();
  expect(page.url(), "without leaving its one address").toBe(`${server.visitor}/`);
  expect(await said(page)).toEqual(lines);
  expect(await page.getByRole("main").getByRole("link").count(), "nothing here would take a conversation away").toBe(0);
  expect([...plain.watch.complaints, ...watch.complaints]).toEqual([]);
});
