import { expect, story } from "./support/story.ts";

story(
  "in a conversation there is nothing but what the list here names, and no way to take it along",
  async ({ coordinator, someone }) => {
    const sara = await coordinator("Sara");
    const he = await someone("sv");
    await he.ask("jag vill bort");
    await sara.open();
    await sara.claim();
    await sara.write("Hej.");
    await expect(he.thread.last()).toHaveText("Hej.");
    const { page, says } = sara;

    const names = () =>
      page
        .locator(
          "button:visible, a:visible, input:visible, textarea:visible, select:visible, [contenteditable]:visible, summary:visible",
        )
        .evaluateAll((all) =>
          all.map(
            (one) =>
              `${one.tagName.toLowerCase()} ${one.id || (one.hasAttribute("data-case") ? "case" : (one.textContent ?? "").trim())}`,
          ),
        );
    const words = (...keys: string[]) => keys.map((key) => `button ${says(key)}`);
    const allowed = new Set([
      ...words(
        "desk.cover.hide",
        "desk.card.short",
        "desk.menu",
        "desk.end",
        "desk.phrases.button",
        "desk.composer.send",
        "desk.list.sound",
        "desk.retry",
        "desk.hand",
      ),
      "button case",
      `summary ${says("desk.summary")}`,
      "textarea composer",
      `a ${says("desk.skip")}`,
    ]);
    expect(
      (await names()).filter((name) => !allowed.has(name)),
      "the page",
    ).toEqual([]);
    expect(await names()).toContain("textarea composer");
    await sara.press("desk.menu");
    for (const known of ["desk.close", "desk.phrases", "desk.train.go", "desk.lock.now", "desk.menu.signout"])
      allowed.add(`button ${says(known)}`);
    const places = (await page.locator("dialog .places button").allInnerTexts()).map((name) => name.trim());
    // A new place must be named here, by somebody who has asked what it keeps.
    const known = [
      "desk.phrases",
      "desk.train.go",
      "desk.place.people",
      "desk.place.keys",
      "desk.place.locks",
      "desk.place.settings",
      "desk.place.duty",
      "desk.place.alarms",
      "desk.place.handover",
    ];
    const titles = known.map((key) => {
      try {
        return says(key);
      } catch {
        return key;
      }
    });
    expect(
      places.filter((name) => !titles.includes(name)),
      "the menu",
    ).toEqual([]);
    await sara.press("desk.close");

    // Selecting everything and copying it gives nothing; paper shows nothing.
    const refused = await page.evaluate(() => {
      getSelection()?.selectAllChildren(document.querySelector("[role=log]")!);
      return ["copy", "cut", "dragstart"].map(
        (kind) =>
          !document
            .querySelector("[role=log] p.bubble")!
            .dispatchEvent(new Event(kind, { bubbles: true, cancelable: true })),
      );
    });
    expect(refused).toEqual([true, true, true]);
    await page.emulateMedia({ media: "print" });
    await expect(page.getByRole("log")).toBeHidden();
    await expect(page.locator("body")).toBeHidden();
    await page.emulateMedia({ media: "screen" });
  },
);
