import { expect, test, vi } from "vitest";
import { newCatalogs } from "../../src/visitor/catalogs.ts";

const languages = ["sv", "so", "ar"].map((tag) => ({
  tag,
  name: tag,
  dir: tag === "ar" ? ("rtl" as const) : ("ltr" as const),
  plural: tag,
  draft: true,
  catalog: `/first-${tag}`,
  rest: `/rest-${tag}`,
}));

function files(): { readonly asked: string[]; readonly ask: (path: string) => Promise<Record<string, string>> } {
  const asked: string[] = [];
  return {
    asked,
    ask: (path) => (asked.push(path), Promise.resolve({ [path.startsWith("/first") ? "a" : "b"]: path })),
  };
}

test("the first screen needs one file, the rest another, and neither is loaded twice", async () => {
  const { asked, ask } = files();
  const catalogs = newCatalogs({ languages }, ask);
  const first = await catalogs.first();
  expect([first.tag, first.t("a"), first.has("b")]).toEqual(["sv", "/first-sv", false]);
  expect(asked).toEqual(["/first-sv"]);
  const whole = await catalogs.whole();
  expect([whole.t("a"), whole.t("b")]).toEqual(["/first-sv", "/rest-sv"]);
  await catalogs.load("sv");
  expect(asked).toEqual(["/first-sv", "/rest-sv"]);
});

test("of the other languages only the one that is chosen is loaded", async () => {
  const { asked, ask } = files();
  const chosen = await newCatalogs({ languages }, ask).load("ar");
  expect([chosen.dir, chosen.t("a"), chosen.t("b")]).toEqual(["rtl", "/first-ar", "/rest-ar"]);
  expect(asked).toEqual(["/first-ar", "/rest-ar"]);
  await expect(newCatalogs({ languages }, ask).load("xx")).rejects.toThrow();
});

test("a network that is gone is tried again for the page's own language, and told of for a chosen one", async () => {
  vi.useFakeTimers();
  try {
    let gone = true;
    const { ask } = files();
    const catalogs = newCatalogs({ languages }, (path) => (gone ? Promise.reject(new Error("gone")) : ask(path)));
    await expect(catalogs.load("so")).rejects.toThrow("gone");
    const whole = catalogs.whole();
    await vi.advanceTimersByTimeAsync(2500);
    gone = false;
    await vi.advanceTimersByTimeAsync(4000);
    expect((await whole).t("b")).toBe("/rest-sv");
    expect((await catalogs.load("so")).t("b")).toBe("/rest-so");
  } finally {
    vi.useRealTimers();
  }
});
