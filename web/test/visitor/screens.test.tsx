import { beforeAll, expect, test } from "vitest";
import type { Status } from "../../src/config.ts";
import type { Texts } from "../../src/i18n/index.ts";
import { type Seen, install, settled } from "./dom.ts";
import { newHand, open } from "./hand.ts";
import { page, texts } from "./page.tsx";

beforeAll(install);

test("a young man is asked, writes, and is answered in the same thread", async () => {
  const at = await page();
  at.says("start.open", { closes: "21:00" });
  await at.tap("start.go");
  at.says("info.h1");
  await at.tap("info.ok", "who.self", "common.no", "common.no", "age.1820", "place.here");
  at.root.named("input")[1]!.click();
  await settled();
  await at.tap("common.next", "chan.chat");
  expect(at.hand.calls).toEqual([]);
  for (const key of ["send.h1", "send.none", "page.nocode", "need.home"]) at.says(key);
  at.says("send.readers", { n: 3 });
  await at.write("jag vill ut");
  await at.tap("chat.send");
  expect(at.hand.calls).toEqual([
    [
      "open",
      {
        lang: "sv",
        text: "jag vill ut",
        answers: [
          ["who", "who.self"],
          ["dng", "common.no"],
          ["scr", "common.no"],
          ["age", "age.1820"],
          ["place", "place.here"],
          ["need", "need.home"],
        ],
      },
      "live",
    ],
  ]);
  for (const key of ["wait.sent", "wait.write", "page.nocode", "need.home", "chat.sent"]) at.says(key);
  at.hand.show({
    phase: "claimed",
    coordinator: { alias: "Sara", role: "coordinator" },
    lines: [
      ...at.hand.view.lines,
      { id: "1", from: "system", event: "claimed", alias: "Sara" },
      { id: "2", from: "staff", alias: "Sara", text: "Hej!" },
    ],
  });
  await settled();
  at.says("chat.join", { alias: "Sara" });
  expect(at.read).toMatch(/Sara: Hej!/);
  at.silent("wait.sent");
  await at.write("hej");
  await at.tap("chat.send");
  expect(at.hand.calls[1]).toEqual(["send", "hej"]);
  expect(at.root.named("textarea")[0]!.value).toBe("");
});

test("a text that tells who somebody is is asked about first, on the phone", async () => {
  const at = await page({ tag: "en" });
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat");
  await at.write("My name is Sam");
  await at.tap("chat.send");
  for (const key of ["warn.h1", "warn.name", "warn.local"]) at.says(key);
  expect(at.read).toContain("My name is Sam");
  expect(at.hand.calls).toEqual([]);
  await at.tap("warn.change");
  expect(at.root.named("textarea")[0]!.value).toBe("My name is Sam");
  await at.tap("chat.send", "warn.send");
  expect(at.hand.calls[0]?.[0]).toBe("open");
});

test("danger now: 112 before anything else, then a chat at once", async () => {
  const at = await page();
  await at.tap("start.go", "info.ok", "who.self", "dng.now");
  const main = at.root.named("main")[0]!;
  expect(main.named("a")[0]?.get("href")).toBe("tel:112");
  at.says("dng.now.p2");
  await at.tap("dng.now.go");
  at.says("send.h1");
  const bare = await page({ numbers: [] });
  await bare.tap("start.go", "info.ok", "who.self", "dng.now");
  expect(bare.root.named("main")[0]!.named("a")[0]?.get("href")).toBe("tel:112");
});

test("open and closed: what cannot be done is not offered", async () => {
  const closed: Status = {
    reachable: false,
    within: false,
    closes: "",
    opens: { inDays: 1, weekday: 1, time: "9:00" },
    ready: true,
    time: 0,
  };
  const at = await page({ status: closed, claims: ["comes_back"] });
  at.says("start.closed", { opens: "i morgon klockan 9:00" });
  await at.tap("start.go", "info.ok", "who.ask");
  expect(() => at.find("chan.chat")).toThrow();
  await at.tap("chan.msg");
  at.says("send.code");
  await at.tap("chat.send");
  expect(at.hand.calls[0]?.[2]).toBe("message");
  at.says("wait.msg");

  const nobody = await page({ status: { ...closed, ready: false } });
  await nobody.tap("start.go", "info.ok", "who.ask");
  expect(() => nobody.find("chan.msg")).toThrow();
  await nobody.tap("chan.call");
  nobody.says("start.call");
  expect(nobody.read).toContain("116 111");
});

test("practice sends nothing and says so on every screen", async () => {
  const at = await page();
  await at.tap("start.preview");
  at.says("practice.bar");
  await at.tap("info.ok", "who.pro", "common.skip");
  at.says("practice.bar");
  at.says("pro.p2");
  await at.tap("common.next", "common.skip", "chan.msg");
  at.says("practice.h1");
  expect(at.hand.calls).toEqual([]);
});

test("back, change, skip and stop", async () => {
  const at = await page();
  await at.tap("start.go", "info.ok");
  expect(() => at.find("common.skip")).toThrow();
  await at.tap("who.self", "common.skip", "common.back");
  at.says("dng.h1");
  await at.tap("common.skip", "common.skip", "age.u15");
  for (const key of ["minor.p1", "minor.bris"]) at.says(key);
  await at.tap("common.next", "place.other", "common.next", "common.skip", "chan.chat");
  at.root
    .named("button")
    .filter((button) => button.read.startsWith(at.texts.t("send.change")))[3]!
    .click();
  await settled();
  at.says("age.h1");
  await at.tap("age.21");
  at.says("send.h1");
  at.silent("age.u15");
  await at.tap("common.back", "chan.stop");
  at.says("stop.h1");
  expect(at.hand.calls).toEqual([]);
});

test("the limits and the numbers are a tap away, and nothing is lost by looking", async () => {
  const at = await page({ claims: ["retention_live"] });
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat");
  await at.write("halvskrivet");
  await at.tap("start.limits");
  at.says("lim.1");
  at.says("lim.7", { hours: 24 });
  at.says("lim.7b.alt");
  await at.tap("common.back");
  expect(at.root.named("textarea")[0]!.value).toBe("halvskrivet");
  await at.tap("start.call");
  at.says("call.trace");
  expect(at.read).toContain("Kontrollerat 2026-10-15");
  expect(at.root.named("bdi").every((element) => element.get("dir") === "ltr")).toBe(true);
});

test("promises stand only while they hold", async () => {
  const plain = await page();
  plain.says("start.p1.alt", { kommun: "Exempelkommun" });
  await plain.tap("start.go");
  for (const key of ["info.lock.alt", "info.soc.alt", "info.ip.alt.nodays"]) plain.says(key);
  const days = await page({ slots: { days: "1" } });
  await days.tap("start.go");
  days.says("info.ip.alt", { days: 1 });
  const odd = await page({ slots: { days: "some" } });
  await odd.tap("start.go");
  odd.says("info.ip.alt.nodays");
  const full = await page({ claims: ["no_identity_required", "no_ip_stored", "e2ee_active", "no_police_accounts"] });
  full.says("start.p1", { kommun: "Exempelkommun" });
  await full.tap("start.go");
  for (const key of ["info.lock", "info.soc", "info.ip"]) full.says(key);
});

test("another language is loaded only when it is chosen, and changes every sentence", async () => {
  const at = await page();
  expect(at.loads).toEqual([]);
  at.root
    .named("button")
    .find((button) => button.read === "English")!
    .click();
  await settled();
  expect(at.loads).toEqual(["en"]);
  expect(at.read).toContain("Need help getting out?");
});

test("what was asked for before the rest of the language came is shown once it is there", async () => {
  let come = (_: Texts): void => undefined;
  const at = await page({ first: true, whole: () => new Promise<Texts>((resolve) => (come = resolve)) });
  at.says("start.open", { closes: "21:00" });
  await at.tap("start.call");
  at.says("call.trace");
  await at.tap("common.back", "start.limits");
  at.says("exit.overlay");
  come((at.texts = texts("sv")));
  await settled();
  at.says("lim.h1");
  await at.tap("common.back");
  at.says("start.h1");
});

test("a language that was chosen meanwhile stays when the first one has come", async () => {
  let come = (_: Texts): void => undefined;
  const at = await page({ first: true, whole: () => new Promise<Texts>((resolve) => (come = resolve)) });
  at.root
    .named("button")
    .find((button) => button.read === "English")!
    .click();
  await settled();
  at.says("start.h1");
  come(texts("sv"));
  await settled();
  at.says("start.h1");
  await at.tap("start.go");
  at.says("info.h1");
});

test("the first file of a language has every sentence of the first screen, whoever can be reached", async () => {
  for (const tag of ["sv", "en"]) {
    for (const status of [
      open,
      null,
      { ...open, reachable: false },
      { ...open, reachable: false, ready: false },
      { ...open, within: false, closes: "" },
      ...[0, 1, 3, 9].map((inDays) => ({
        ...open,
        within: false,
        closes: "",
        opens: { inDays, weekday: 2, time: "9:00" },
      })),
    ])
      (await page({ tag, status, first: true, demo: true })).says("start.h1");
    const bare = await page({ tag, first: true, numbers: [] });
    await bare.tap("start.call");
    bare.says("call.none");
    (await page({ tag, first: true, supported: false, claims: ["no_identity_required"] })).says("trouble.unsupported");
  }
});

test("what stands in the way is said, with the telephone beside it", async () => {
  for (const trouble of [
    "roster_signature",
    "roster_kommun",
    "roster_expired",
    "roster_old",
    "roster_malformed",
    "clock",
    "nobody",
    "unreachable",
    "unsupported",
  ] as const) {
    const at = await page({ hand: newHand({ trouble, readers: 0 }) });
    await at.tap("start.go", "info.ok", "who.ask", "chan.chat");
    at.says(`trouble.${trouble}`);
    expect(at.read).toContain("116 111");
    expect(at.root.named("textarea")).toHaveLength(0);
  }
  const old = await page({ supported: false });
  old.says("trouble.unsupported");
  expect(old.read).toContain("116 111");
});

test("lost, failed, broken and ended conversations say so in words", async () => {
  const at = await page();
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat", "chat.send");
  at.hand.show({
    connected: false,
    lines: [
      { id: "7", from: "visitor", text: "hej", delivery: "failed" },
      { id: "8", from: "system", event: "unreadable" },
    ],
  });
  await settled();
  for (const key of ["chat.lost", "chat.fail", "chat.unreadable"]) at.says(key);
  await at.tap("chat.fail");
  expect(at.hand.calls.slice(-1)).toEqual([["retry", "7"]]);
  for (const trouble of ["policy", "lost", "split", "full", "too_large", "elsewhere", "device", "bug"] as const) {
    at.hand.show({ phase: "broken", trouble });
    await settled();
    at.says(`trouble.${trouble}`);
    expect(at.read).toContain("116 111");
  }
  await at.tap("chat.again");
  expect(at.hand.calls.slice(-1)).toEqual([["again"]]);
  at.hand.show({ phase: "claimed" });
  await settled();
  await at.tap("chat.end");
  at.says("chat.end.h1");
  await at.tap("chat.end.stay", "chat.end", "chat.end.now");
  expect(at.hand.calls.slice(-1)).toEqual([["end"]]);
  at.hand.show({ phase: "ended", end: { by: "staff", confirmed: false } });
  await settled();
  for (const key of ["chat.left", "chat.unsure", "chat.done2", "chat.notsent"]) at.says(key);
  for (const key of ["chat.done", "chat.unsent"]) at.silent(key);
  // What is over cannot be tried again.
  expect(() => at.find("chat.fail")).toThrow();
  expect(at.read).toContain("hej");
  at.hand.show({ end: { by: "staff", confirmed: true } });
  await settled();
  at.says("chat.done");
  at.silent("chat.unsure");
  await at.tap("chat.clear");
  expect(at.hand.calls.slice(-1)).toEqual([["wipe"]]);
  at.says("start.h1");
  expect(at.read).not.toContain("hej");
});

test("what was being written stays on the screen when the conversation ends or breaks", async () => {
  const at = await page();
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat", "chat.send");
  at.hand.show({ phase: "claimed", coordinator: { alias: "Sara", role: "coordinator" } });
  await settled();
  await at.write("det jag ville säga");
  for (const change of [
    { phase: "ended", end: { by: "staff", confirmed: true } },
    { phase: "ended", end: { by: "staff", confirmed: true, reported: true } },
    { phase: "broken", trouble: "lost" },
  ] as const) {
    at.hand.show(change);
    await settled();
    at.says("chat.unsent");
    expect(at.read).toContain("det jag ville säga");
    expect(at.root.named("textarea")).toHaveLength(0);
  }
  at.hand.show({ phase: "ended", end: { by: "staff", confirmed: true, reported: true } });
  await settled();
  at.says("chat.reported");
  at.silent("chat.left");
  await at.tap("chat.clear");
  expect(at.read).not.toContain("det jag ville säga");
});

test("a first message that cannot even begin is given back", async () => {
  const hand = newHand();
  const at = await page({ hand: { ...hand, open: () => Promise.reject(new Error("no")) } });
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat");
  await at.write("mitt första");
  await at.tap("chat.send");
  at.says("send.h1");
  at.says("err.generic");
  expect(at.root.named("textarea")[0]!.value).toBe("mitt första");
});

/** A property that happy-dom does not reflect, as browsers do. */
function propertyOf({ element }: Seen, name: string): string {
  return String((element as unknown as Record<string, unknown>)[name]);
}

test("fields give nothing to the browser's memory or to spelling checkers", async () => {
  const at = await page();
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat");
  const field = at.root.named("textarea")[0]!;
  for (const [name, value] of [
    ["autocomplete", "off"],
    ["spellcheck", "false"],
    ["autocorrect", "off"],
    ["autocapitalize", "none"],
    ["translate", "false"],
    ["writingsuggestions", "false"],
  ] as const)
    expect(field.get(name) ?? propertyOf(field, name), name).toBe(value);
  expect(field.get("name")).toBeNull();
});

test("the text can be hidden; what is being written stays, and an answer is told of without its words", async () => {
  const at = await page();
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat");
  await at.write("hej");
  await at.tap("chat.send");
  await at.write("halvskri");
  const hidden = (): readonly boolean[] =>
    at.root.named(".thread").map((element) => [element, element.parent].some((one) => one.get("hidden") !== null));
  expect(hidden()).toEqual([false, false]);
  await at.tap("chat.hide");
  expect(hidden()).toEqual([true, true]);
  at.says("chat.show");
  at.silent("chat.hidden.new");
  expect(at.root.named("textarea")[0]!.value).toBe("halvskri");
  at.hand.show({
    phase: "claimed",
    coordinator: { alias: "Sara", role: "coordinator" },
    lines: [...at.hand.view.lines, { id: "2", from: "staff", alias: "Sara", text: "Hej!" }],
  });
  await settled();
  at.says("chat.hidden.new");
  // Looking at the numbers meanwhile does not bring it back.
  await at.tap("start.call", "common.back");
  expect(hidden()).toEqual([true, true]);
  await at.tap("chat.show");
  expect(hidden()).toEqual([false, false]);
  at.silent("chat.hidden.new");
});

test("Shift is counted for eyes and for ears, and whoever does nothing is asked", async () => {
  const at = await page();
  const dots = (): string =>
    at.root
      .named(".dots")
      .map(({ read }) => read)
      .join();
  at.press({ count: 1, say: "exit.press2" });
  await settled();
  expect(dots()).toBe("●○○");
  expect(at.root.read).toContain(at.texts.t("exit.press2"));
  at.press({ count: 0, say: "exit.expired" });
  at.ask(true);
  await settled();
  expect(dots()).toBe("");
  at.says("exit.expired");
  at.says("chat.idle", { min: 1 });
  at.ask(false);
  await settled();
  at.silent("chat.idle", { min: 1 });
});

test("an overlong text is kept, told and not sent", async () => {
  const at = await page();
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat");
  await at.write("🙂".repeat(4001));
  await at.tap("chat.send");
  at.says("chat.long", { n: 1 });
  expect(at.hand.calls).toEqual([]);
  await at.write("🙂".repeat(4000));
  await at.tap("chat.send");
  expect(at.hand.calls).toHaveLength(1);
});
