/**
 * The way back, on the page: a phrase is offered, written down, typed in; and what becomes of a conversation meanwhile
 * is said.
 */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test, vi } from "vitest";
import { makeWords } from "../../src/returncode/make.ts";
import { keysOf } from "../../src/returncode/keys.ts";
import { type Seen, install, settled } from "./dom.ts";
import { config, newHand, open } from "./hand.ts";
import { lists, sv } from "../returncode/lists.ts";
import { type Page, memoryStore, page } from "./page.tsx";

beforeAll(install);

const claims = ["comes_back", "retention_message"];

async function written(options: Parameters<typeof page>[0] = {}): Promise<Page> {
  const at = await page({ claims, ...options });
  await at.tap("start.go", "info.ok", "who.ask", options.status ? "chan.msg" : "chan.chat", "chat.send");
  return at;
}

function list(at: Page): readonly string[] {
  return at.root.named("ol.note").flatMap((one) => one.named("li").map((item) => item.read));
}

const sentences = readFileSync(new URL("../../../i18n/catalog/sv.json", import.meta.url), "utf8");

/**
 * None of the words stands on the page. One that is part of a sentence of the page's own, as «ring» is of «ringer»,
 * tells nothing.
 */
function nowhere(at: Page, words: readonly string[]): void {
  for (const word of words.filter((one) => !sentences.includes(one))) expect(at.read).not.toContain(word);
}

async function fill(field: Seen, text: string): Promise<void> {
  field.fill(text);
  await settled();
}

/** Keys take a tenth of a second. */
async function called(at: Page, name: string): Promise<readonly unknown[]> {
  await vi.waitFor(() => expect(at.hand.calls.some(([what]) => what === name)).toBe(true), { timeout: 10_000 });
  await settled();
  return at.hand.calls.find(([what]) => what === name)!;
}

test("a phrase is offered after the first message, shown, asked for again, and kept", async () => {
  const at = await written();
  for (const key of ["code.ask", "code.p1", "page.nocode"]) at.says(key);
  await at.tap("code.words");
  const words = list(at);
  expect(words).toHaveLength(7);
  for (const key of ["code.p2", "code.p4", "code.soon"]) at.says(key);
  at.says("code.p3", { days: 7 });
  await at.tap("code.written");
  expect(list(at)).toEqual([]);
  nowhere(at, words);
  const fields = at.root.named("input").filter((field) => field.get("type") === "text");
  expect(fields).toHaveLength(2);
  await fill(fields[0]!, "fel");
  await at.tap("common.next");
  at.says("code.check.bad");
  expect(at.hand.calls.some(([what]) => what === "keep")).toBe(false);
  const places = at.root.named("label").flatMap(({ read }) => /\d/.exec(read)?.map(Number) ?? []);
  for (const [i, place] of places.entries())
    await fill(at.root.named("input")[i]!, ` ${words[place - 1]!.toUpperCase()} `);
  await at.tap("common.next");
  const [, keys] = await called(at, "keep");
  const indices = words.map((word) => sv.words.indexOf(word));
  expect(keys).toEqual(await keysOf({ words: indices }, config.kommun.id));
  at.says("code.stands");
  nowhere(at, words);
  for (const key of ["page.nocode", "code.ask"]) at.silent(key);
});

test("digits, a look again, and the check left out", async () => {
  const at = await written();
  await at.tap("code.digits");
  const groups = list(at);
  expect(groups.map((group) => group.length)).toEqual([4, 4, 4, 4, 4, 4]);
  await at.tap("code.written", "code.look");
  expect(list(at)).toEqual(groups);
  await at.tap("start.limits", "common.back");
  expect(list(at)).toEqual(groups);
  await at.tap("code.written", "code.check.skip");
  const [, keys] = await called(at, "keep");
  expect(keys).toEqual(await keysOf({ digits: groups.join("").slice(0, 23) }, config.kommun.id));
});

test("what no test holds is not promised", async () => {
  const at = await written({ claims: [] });
  at.silent("code.p1");
  await at.tap("code.digits");
  at.says("lim.7b.alt");
  at.silent("code.p3", { days: 7 });
});

test("nothing is ever copied for anybody", async () => {
  const at = await written();
  await at.tap("code.words");
  expect(at.root.named("button").some(({ read }) => /kopiera|copy/i.test(read))).toBe(false);
});

test("what could not be saved is said, and can be tried again", async () => {
  const at = await written();
  at.hand.kept = "unreachable";
  await at.tap("code.digits", "code.written", "code.check.skip");
  await called(at, "keep");
  at.says("code.failed");
  at.says("page.nocode");
  at.hand.kept = undefined;
  await at.tap("send.retry");
  expect(at.hand.calls.filter(([what]) => what === "keep")).toHaveLength(2);
  at.says("code.stands");
});

test("no is no; it can be thought better of, changed, kept on leaving, and erased", async () => {
  const at = await written();
  await at.tap("common.no");
  expect(at.root.named("section")).toHaveLength(0);
  await at.tap("code.ask", "code.digits", "code.written", "code.check.skip");
  await called(at, "keep");
  await at.tap("code.change");
  at.says("code.change.p");
  await at.tap("common.no", "chat.end");
  at.says("chat.end.keep", { days: 7 });
  at.root
    .named("button")
    .find(({ read }) => read === at.texts.t("chat.end.keep", { days: 7 }))!
    .click();
  await settled();
  for (const key of ["code.away.h1", "code.p4", "chat.done2"]) at.says(key);
  at.says("code.away.p", { days: 7 });
  expect(at.hand.calls.slice(-1)).toEqual([["wipe"]]);

  const other = await written();
  other.hand.show({ kept: "kept" });
  await settled();
  await other.tap("chat.end", "chat.end.now");
  expect(other.hand.calls.slice(-1)).toEqual([["end"]]);
});

test("a return code opens the conversation: two slips, a tap each, and the thread is there", async () => {
  const at = await page({ claims });
  const { parts, code } = makeWords(sv, lists);
  const slipped = parts.map((word, i) => (i === 1 || i === 4 ? `${word}q` : word));
  await at.tap("start.hascode");
  at.says("code.enter.p");
  await at.write(slipped.join(", "));
  await at.tap("code.go");
  expect(at.hand.calls).toEqual([]);
  for (const i of [1, 4]) {
    at.says("code.near", { word: slipped[i]! });
    at.root
      .named("button")
      .find(({ read }) => read === parts[i])!
      .click();
    await settled();
  }
  at.hand.show({
    phase: "claimed",
    kept: "kept",
    coordinator: { alias: "Sara", role: "coordinator" },
    lines: [{ id: "1", from: "staff", alias: "Sara", text: "Välkommen tillbaka" }],
  });
  await at.tap("code.go");
  const [, keys] = await called(at, "comeBack");
  expect(keys).toEqual(await keysOf(code, config.kommun.id));
  at.says("code.stands");
  expect(at.read).toContain("Välkommen tillbaka");
  at.silent("code.ask");
});

test("wrong and expired are one sentence; an emptied server, a crowd and a fault have theirs", async () => {
  const at = await page();
  await at.tap("start.hascode");
  await at.write("1111 1111 1111 1111 1111 1111");
  at.says("code.wrong");
  await at.tap("code.go");
  expect(at.hand.calls).toEqual([]);
  await at.write(`${"0".repeat(24)} och`);
  at.says("code.mixed");
  await at.write("0".repeat(12));
  at.says("code.count.digits", { n: 12, of: 24 });
  await at.write("0".repeat(24));
  at.hand.found = { found: false, emptied: 0 };
  await at.tap("code.go");
  await called(at, "comeBack");
  at.says("code.bad");
  at.silent("code.emptied", { date: "2026-11-24" });
  for (const [found, key, slots] of [
    [{ found: false, emptied: 1_795_500_000 }, "code.emptied", { date: "2026-11-24" }],
    [{ busy: 3 }, "code.busy", { n: 3 }],
    [{ trouble: "unreachable" }, "trouble.unreachable", {}],
  ] as const) {
    at.hand.found = found;
    const before = at.hand.calls.length;
    await at.tap("code.go");
    await vi.waitFor(() => expect(at.hand.calls.length).toBeGreaterThan(before), { timeout: 10_000 });
    await settled();
    at.says(key, slots);
  }
  await at.tap("common.back");
  at.says("start.h1");
});

test("a look at another screen loses nothing that was typed or begun, and hides nothing from who wants it hidden", async () => {
  const at = await page({ claims });
  await at.tap("start.hascode");
  await at.write("abborre");
  await at.tap("start.limits", "common.back");
  expect(at.root.named("textarea")[0]!.value).toBe("abborre");
  // Looking for it goes on behind another screen, and arrives.
  let arrive: ((answer: { found: true }) => void) | undefined;
  at.hand.comeBack = () => new Promise((resolve) => (arrive = resolve));
  const { parts } = makeWords(sv, lists);
  await at.write(parts.join(" "));
  await at.tap("code.go");
  await vi.waitFor(() => expect(arrive).toBeDefined(), { timeout: 10_000 });
  await at.tap("start.limits", "common.back");
  at.says("code.looking");
  at.hand.show({ phase: "waiting", kept: "kept" });
  arrive?.({ found: true });
  await settled();
  at.says("code.stands");
  expect(at.root.named("textarea")[0]!.value).toBe("");

  const saving = await written();
  let save: ((trouble: undefined) => void) | undefined;
  saving.hand.keep = () => new Promise((resolve) => (save = resolve));
  await saving.tap("code.words");
  const words = list(saving);
  await saving.tap("chat.hide");
  const hidden = saving.root.named("[hidden]");
  for (const word of words) expect(hidden.some((element) => element.read.includes(word))).toBe(true);
  await saving.tap("chat.show", "code.written", "code.check.skip");
  await vi.waitFor(() => expect(save).toBeDefined(), { timeout: 10_000 });
  await saving.tap("start.limits", "common.back");
  saving.says("code.saving");
  saving.hand.show({ kept: "kept" });
  save?.(undefined);
  await settled();
  saving.silent("code.saving");
  saving.says("code.stands");
});

test("the one who answers is away: a colleague reads only if the visitor says so", async () => {
  const at = await written();
  at.hand.show({
    phase: "claimed",
    kept: "kept",
    staff: "away",
    coordinator: { alias: "Sara", role: "coordinator" },
    second: { alias: "Ali", role: "coordinator" },
  });
  await settled();
  at.says("chat.seconded", { alias: "Ali" });
  at.says("chat.gone", { alias: "Sara" });
  at.says("chat.invite.p", { alias: "Sara" });
  expect(at.hand.calls.some(([what]) => what === "invite")).toBe(false);
  await at.tap("chat.invite");
  at.says("chat.invited");
  expect(at.hand.calls.slice(-1)).toEqual([["invite"]]);
  at.hand.show({ staff: "here" });
  await settled();
  at.silent("chat.gone", { alias: "Sara" });

  const nobody = await written({ status: { ...open, reachable: false } });
  nobody.hand.show({ phase: "claimed", staff: "away", coordinator: { alias: "Sara", role: "coordinator" } });
  await settled();
  nobody.says("chat.gone", { alias: "Sara" });
  expect(() => nobody.find("chat.invite")).toThrow();
});

test("waiting is told as it is: who can be reached, and after ten minutes the next offers", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  try {
    const at = await written();
    at.silent("wait.here");
    at.hand.show({ staff: "here" });
    await settled();
    for (const key of ["wait.sent", "wait.here", "wait.write"]) at.says(key);
    at.hand.show({ staff: "away" });
    await settled();
    at.says("wait.away");
    vi.advanceTimersByTime(2 * 60_000 + 10_000);
    await settled();
    for (const key of ["wait.soon", "wait.away"]) at.says(key);
    await at.write("halvskrivet");
    vi.advanceTimersByTime(8 * 60_000 + 10_000);
    await settled();
    at.says("wait.late");
    await at.tap("common.no", "chan.msg");
    at.says("code.ask");
    expect(at.root.named("textarea")[0]!.value).toBe("halvskrivet");
    at.hand.show({ kept: "kept" });
    await settled();
    for (const key of ["wait.late.stay", "wait.leave"]) at.says(key);
  } finally {
    vi.useRealTimers();
  }
});

test("a reload keeps nothing unless it is asked for, and goes on where it was", async () => {
  const at = await written();
  const tick = at.root.named("input").find((field) => field.get("type") === "checkbox")!;
  tick.click();
  await settled();
  expect(at.hand.calls.slice(-1)).toEqual([["stay", true]]);
  at.says("page.stays");

  const hand = newHand();
  hand.show({ phase: "waiting", stays: true });
  const again = await page({ claims, hand, store: memoryStore("sealed") });
  expect(hand.calls).toEqual([["resume", "sealed"]]);
  again.says("page.stays");

  const none = newHand();
  none.found = { found: false, emptied: 0 };
  (await page({ hand: none, store: memoryStore("sealed") })).says("start.h1");
});

test("another device has taken over: this one says so, and opens nothing new", async () => {
  const at = await written();
  at.hand.show({ phase: "broken", trouble: "elsewhere", lines: [] });
  await settled();
  at.says("trouble.elsewhere");
  expect(() => at.find("chat.again")).toThrow();
  await at.tap("chat.clear");
  at.says("start.h1");
});
