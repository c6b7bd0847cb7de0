import { expect, test } from "vitest";
import { endWords } from "../../src/console/conversation.tsx";
import { tongueOf } from "./support.ts";

const { say } = tongueOf("sv");

test("how a conversation ended is said only as far as it is known", () => {
  expect(endWords(say, {})).toBe(say("desk.ended.gone"));
  expect(endWords(say, { end: { by: "visitor", confirmed: false } })).toBe(say("desk.ended.visitor"));
  expect(endWords(say, { end: { by: "staff", confirmed: false } })).not.toMatch(/är slut|raderat/);
  expect(endWords(say, { end: { by: "staff", confirmed: true } })).toContain(say("desk.ended.deleted"));
  for (const by of ["visitor", "staff"] as const) {
    expect(endWords(say, { end: { by, confirmed: false, reported: true } }), "the relay's word names nobody").toBe(say("desk.ended.reported"));
    expect(endWords(say, { end: { by, confirmed: true, reported: true } })).toBe(`${say("desk.ended.reported")} ${say("desk.ended.deleted")}`);
  }
});
