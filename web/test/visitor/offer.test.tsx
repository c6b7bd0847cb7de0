/** The coordinator's question, on the page. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { install, settled } from "./dom.ts";
import { type Page, page } from "./page.tsx";

beforeAll(install);

async function answeredPage(): Promise<Page> {
  const at = await page({ claims: ["comes_back", "retention_message"] });
  await at.tap("start.go", "info.ok", "who.ask", "chan.chat", "chat.send");
  return at;
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The page's clock goes on by more than a question has to stand before it can be answered. */
const breath = () => vi.advanceTimersByTimeAsync(800);

test("who and why is said in words; nothing is chosen, and a tap meant for an older question answers none", async () => {
  const at = await answeredPage();
  const offer = { nonce: "aa", reason: "shift" as const, by: "Sara", alias: "Amir", role: "coordinator" };
  at.hand.show({ phase: "claimed", coordinator: { alias: "Sara", role: "coordinator" }, proposal: offer });
  await settled();
  at.says("offer.shift", { alias: "Sara", alias2: "Amir" });
  at.says("offer.over", { alias: "Sara", alias2: "Amir" });
  expect(at.read).toContain("samordnare");
  const answers = () => at.hand.calls.filter(([what]) => what === "answer");
  await at.tap("common.yes");
  expect(answers()).toEqual([]);
  await breath();
  at.hand.show({ proposal: { ...offer, nonce: "bb", reason: "colleague", alias: "Lena" } });
  await settled();
  at.says("offer.colleague", { alias: "Sara", alias2: "Lena" });
  await at.tap("common.yes");
  expect(answers()).toEqual([]);
  await breath();
  await at.tap("common.no");
  expect(answers()).toEqual([["answer", "bb", false]]);
  at.hand.show({ proposal: { ...offer, nonce: "bb", accepted: true } });
  await settled();
  at.says("chat.invited");
  at.silent("common.no");
});

test("another kommun is named in words", async () => {
  const at = await answeredPage();
  const proposal = {
    nonce: "cc",
    reason: "kommun" as const,
    by: "Sara",
    alias: "Nils",
    role: "coordinator",
    kommun: "Norrby kommun",
  };
  at.hand.show({ phase: "claimed", coordinator: { alias: "Sara", role: "coordinator" }, proposal });
  await settled();
  at.says("offer.kommun", { alias: "Sara", alias2: "Nils", kommun: "Norrby kommun" });
  at.says("offer.over", { alias: "Sara", alias2: "Nils" });
});

test("who reads along is always said", async () => {
  const at = await answeredPage();
  at.hand.show({ phase: "claimed", coordinator: { alias: "Sara", role: "coordinator" }, company: [{ alias: "Amir" }] });
  await settled();
  at.says("chat.second");
});
