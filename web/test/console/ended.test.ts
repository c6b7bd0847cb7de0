import { expect, test } from "vitest";
import { endWords, takenWords } from "../../src/console/conversation.tsx";
import { stateWords } from "../../src/console/queue.tsx";
import { eventWords } from "../../src/console/thread.tsx";
import type { Case } from "../../src/conversation/api.ts";
import { tongueOf } from "./support.ts";

const { say } = tongueOf("sv");

test("how a conversation ended is said only as far as it is known", () => {
  expect(endWords(say, {})).toBe(say("desk.ended.gone"));
  expect(endWords(say, { end: { by: "visitor", confirmed: false } })).toBe(say("desk.ended.visitor"));
  expect(endWords(say, { end: { by: "staff", confirmed: false } })).not.toMatch(/är slut|raderat/);
  expect(endWords(say, { end: { by: "staff", confirmed: true } })).toContain(say("desk.ended.deleted"));
  for (const by of ["visitor", "staff"] as const) {
    expect(endWords(say, { end: { by, confirmed: false, reported: true } }), "the relay's word names nobody").toBe(
      say("desk.ended.reported"),
    );
    expect(endWords(say, { end: { by, confirmed: true, reported: true } })).toBe(
      `${say("desk.ended.reported")} ${say("desk.ended.deleted")}`,
    );
  }
});

test("one who left quickly is named as the relay's word, and the deletion beside it", () => {
  const end = { by: "visitor", confirmed: true, reported: true, left: true } as const;
  expect(endWords(say, { end })).toBe(`${say("desk.ended.left")} ${say("desk.ended.deleted")}`);
  expect(stateWords(say, { state: "ended", end } as Case)).toBe(say("desk.state.left"));
  expect(say("desk.ended.left")).toContain("(lämnade snabbt)");
});

test("what a colleague's conversation still shows is told apart: read beside, let go, or taken", () => {
  const taken = takenWords(say, { takenBy: "Sara" });
  const second = takenWords(say, { takenBy: "Sara", second: true });
  const invited = takenWords(say, { letGo: "invited" });
  const returned = takenWords(say, { letGo: "returned" });
  expect(new Set([taken.more, second.more, invited.more]).size).toBe(3);
  expect(invited.more).toBe(returned.more);
  expect(invited.text).not.toBe(returned.text);
  expect(stateWords(say, { state: "taken", letGo: "invited" } as Case)).toBe(say("desk.state.out"));
});

test("a claim says that nobody else can read only where it is so", () => {
  const line = { id: "0", from: "system", event: "claimed", alias: "Sara" } as const;
  expect(eventWords(say, line)).toContain("Ingen annan kan läsa");
  expect(eventWords(say, { ...line, kept: "Amir" })).toMatch(/Amir kan också läsa/);
  expect(eventWords(say, { ...line, kept: "Amir" })).not.toContain("Ingen annan");
  expect(eventWords(say, { ...line, event: "second", alias: "Amir" })).toBe("Amir kan inte läsa längre.");
});
