import type { Page } from "@playwright/test";
import { expect, story } from "./support/story.ts";

interface Node {
  readonly role: string;
  readonly name: string;
  readonly children: readonly Node[];
}

/** What the browser hands to a screen reader. */
async function tree(page: Page): Promise<Node> {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send("Accessibility.getFullAXTree");
  await devtools.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const build = (id: string): Node[] => {
    const node = byId.get(id);
    if (!node) return [];
    const children = (node.childIds ?? []).flatMap(build);
    const role = String(node.role?.value ?? "");
    // What is ignored is not spoken; what is in it may be.
    return node.ignored || role === "none" || role === "InlineTextBox"
      ? children
      : [{ role, name: String(node.name?.value ?? ""), children }];
  };
  return build(nodes[0]!.nodeId)[0]!;
}

function* all(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) yield* all(child);
}

const find = (from: Node, role: string): readonly Node[] => [...all(from)].filter((node) => node.role === role);
const spoken = (from: Node): string =>
  find(from, "StaticText")
    .map(({ name }) => name)
    .join(" ")
    .replace(/\s+/g, " ")
    .replaceAll(" :", ":")
    .trim();

story("a conversation is read aloud in order, with names, and once", async ({ coordinator, someone }) => {
  const sara = await coordinator("Sara");
  const he = await someone("sv", { viewport: { width: 360, height: 640 } });
  await he.ask("hör du mig");
  await sara.open();
  await sara.claim();
  await sara.write("Ja, jag hör dig.");
  await expect(he.thread.last()).toHaveText("Ja, jag hör dig.");
  await he.draft("halvskri");

  const page = await tree(he.page);
  const [log, ...others] = find(page, "log");
  expect(others).toEqual([]);
  expect(log!.name).toBe(he.says("thread.label"));
  const lines = spoken(log!);
  expect(lines).toContain(`${he.says("thread.you")}: hör du mig`);
  expect(lines).toMatch(new RegExp(`hör du mig.*${he.says("chat.join", { alias: "Sara" })}.*Sara: Ja, jag hör dig\\.`));
  for (const words of ["hör du mig", "Ja, jag hör dig."])
    expect(spoken(page).split(words), `«${words}» is there once`).toHaveLength(2);

  // From the way out to the field, as they stand on the screen.
  const order = [...all(page)]
    .filter(({ role }) => ["link", "button", "heading", "log", "textbox", "DisclosureTriangle"].includes(role))
    .map(({ name }) => name);
  const expected = [
    "exit.button",
    "danger.bar",
    "start.limits",
    "thread.label",
    "chat.hide",
    "chat.ph",
    "chat.send",
    "chat.end",
  ].map((key) => he.says(key));
  expect(order.filter((name) => expected.includes(name)).filter((name, i, names) => name !== names[i - 1])).toEqual(
    expected,
  );
  for (const node of all(page))
    if (["link", "button", "textbox", "log", "dialog", "heading"].includes(node.role))
      expect(node.name, node.role).not.toBe("");

  // A live region in another is spoken twice.
  const nested = await he.page.evaluate(() => {
    const live = "[role=log], [role=status], [role=alert], [aria-live]";
    return [...document.querySelectorAll(live)].filter((region) => region.parentElement?.closest(live)).length;
  });
  expect(nested).toBe(0);
  expect(find(page, "status").length, "what goes on has a place of its own, there before it speaks").toBeGreaterThan(0);

  // Hidden is hidden for ears too; what is being written stays.
  await he.press("chat.hide");
  const hidden = await tree(he.page);
  expect(spoken(hidden)).not.toMatch(/hör du mig|jag hör dig/);
  expect(find(hidden, "textbox")).toHaveLength(1);
  await sara.write("Ta den tid du behöver.");
  await expect(he.sees("chat.hidden.new")).toBeVisible();
  expect(spoken(await tree(he.page))).not.toContain("Ta den tid");
  await he.press("chat.show");
  await expect(he.thread.last()).toHaveText("Ta den tid du behöver.");

  // Under the cover only the two ways on.
  await he.page.evaluate(() => {
    document.dispatchEvent(new Event("freeze"));
    document.dispatchEvent(new Event("resume"));
  });
  const covered = await tree(he.page);
  expect(
    [...all(covered)]
      .filter(({ role }) => ["link", "button", "textbox", "log", "heading"].includes(role))
      .map(({ name }) => name),
  ).toEqual([he.says("exit.button"), he.says("chat.show")]);
});

story(
  "nothing moves for those who want no motion, and every edge is there in forced colours",
  async ({ coordinator, someone }) => {
    const sara = await coordinator("Sara");
    const he = await someone("sv", {
      reducedMotion: "reduce",
      forcedColors: "active",
      viewport: { width: 360, height: 640 },
    });
    await he.ask("hej");
    await sara.open();
    await sara.claim();
    await sara.write("Hej.");
    await expect(he.thread.last()).toHaveText("Hej.");
    const moving = await he.page.evaluate(
      () =>
        [...document.querySelectorAll("*")]
          .map((element) => getComputedStyle(element))
          .filter(
            ({ transitionDuration, animationDuration, scrollBehavior }) =>
              /[1-9]/.test(transitionDuration + animationDuration) || scrollBehavior === "smooth",
          ).length,
    );
    expect(moving).toBe(0);
    expect(await he.page.evaluate(() => matchMedia("(forced-colors: active)").matches)).toBe(true);
    const bare = await he.page.evaluate(() =>
      [...document.querySelectorAll(".bubble, .leave, .danger a, textarea, button.first")]
        .filter((element) => element.checkVisibility() && getComputedStyle(element).borderTopStyle === "none")
        .map(({ outerHTML }) => outerHTML.slice(0, 80)),
    );
    expect(bare, "what a colour alone would tell has an edge").toEqual([]);
  },
);
