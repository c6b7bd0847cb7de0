import { describe, expect, test } from "vitest";
import type { Copy } from "../../src/conversation/mailbox/copy.ts";
import { takeCopyAnswer } from "../../src/conversation/mailbox/copying.ts";
import { covers, coveredUpTo, coverageUnder, dropOf, newCoverage } from "../../src/conversation/mailbox/coverage.ts";
import type { Trouble } from "../../src/conversation/api.ts";
import type { MailboxState } from "../../src/conversation/mailbox/state.ts";
import { usualRhythm } from "../../src/conversation/mailbox/steps.ts";
import type { Answer } from "../../src/relay/link.ts";
import { Refusal } from "../../src/wire/codes.gen.ts";
import { contextOf, copyOf, heldOf, loopOf, pendingOf, stateOf } from "./mailboxes.ts";

/** The copy under a return code: what it covers, and what the relay's answers mean. */

const ready: Answer = { kind: "ready", ref: 1 };
const refused = (code: number, detail = 0n): Answer => ({ kind: "refused", ref: 1, code, detail });
const flight = { version: 5n, blob: new Uint8Array(8) };
const renewal = pendingOf({ what: "renew", item: { kind: "renew" } });

describe("coverage", () => {
  const s = stateOf({ pending: pendingOf() });
  const copy = copyOf();

  test("without a return code everything may leave", () => {
    expect(covers(undefined, { of: undefined }, pendingOf())).toBe(true);
    expect(coveredUpTo(undefined, { of: undefined }, s).seq).toBe(5n);
  });

  test("a new copy covers nothing, and one that was just read covers all", () => {
    const none = newCoverage(copy, s, false);
    expect([covers(copy, none, s.pending!), coveredUpTo(copy, none, s).seq]).toEqual([false, 0n]);
    const all = newCoverage(copy, s, true);
    expect([covers(copy, all, s.pending!), coveredUpTo(copy, all, s).seq]).toEqual([true, 5n]);
  });

  test("under another return code nothing is covered", () => {
    const other = copyOf();
    const all = newCoverage(copy, s, true);
    expect(coverageUnder(other, all)).toEqual({ of: other });
    expect([covers(other, all, s.pending!), coveredUpTo(other, all, s).seq]).toEqual([false, 0n]);
  });

  test("what lies under an earlier code goes first", () => {
    const early = { ...copyOf(), keys: { ...copyOf().keys, locator: new Uint8Array(32).fill(9) } };
    expect(dropOf(copyOf({ before: [early] }))).toMatchObject({ locator: early.keys.locator });
    expect(dropOf(copy)).toMatchObject({ locator: copy.keys.locator });
  });
});

async function take(
  to: "put" | "keep" | "drop",
  answer: Answer,
  o: { s?: Partial<MailboxState>; copy?: Partial<Copy>; covered?: boolean } = {},
) {
  const s = stateOf(o.s);
  const copy = copyOf(o.copy);
  const troubles: Trouble[] = [];
  const ctx = contextOf(s, undefined, { copy, refused: (why) => troubles.push(why) });
  const held = heldOf(s);
  const made = loopOf(ctx, undefined, { of: copy, flying: held, ...(o.covered && { covered: held }) });
  await takeCopyAnswer(made.loop, to, answer);
  return { ...made, s, copy, troubles, covered: made.loop.coverage.covered };
}

describe("put", () => {
  test("covers what was in flight, and no more", async () => {
    const { copy, covered, s } = await take("put", ready, { copy: { flight } });
    expect(copy).toMatchObject({ version: 5n, flight: undefined });
    expect(covered).toEqual(heldOf(s));
  });

  test("that holds the renewal has won the place of who comes back", async () => {
    expect((await take("put", ready, { s: { returning: true, pending: renewal }, copy: { flight } })).s.returning).toBe(
      undefined,
    );
    expect((await take("put", ready, { s: { returning: true }, copy: { flight } })).s.returning).toBe(true);
  });

  test("asked for an earlier return code means nothing", async () => {
    const { copy, covered } = await take("put", ready);
    expect([copy.version, covered]).toEqual([4n, undefined]);
  });

  test("stale: another device goes on with it", async () => {
    const { s, covered } = await take("put", refused(Refusal.stale, 7n), { copy: { flight } });
    expect([s.stage, covered]).toEqual([{ kind: "broken", trouble: "elsewhere" }, undefined]);
    expect(s.capability).toBe("");
  });

  test("stale, for who is only coming back: it is looked for again", async () => {
    const { s } = await take("put", refused(Refusal.stale, 7n), { s: { returning: true }, copy: { flight } });
    expect(s.stage).toEqual({ kind: "broken", trouble: "lost" });
  });

  test("stale, of the first after one that broke: it takes that one's place, once", async () => {
    const first = await take("put", refused(Refusal.stale, 7n), { s: { era: 1 }, copy: { flight } });
    expect([first.s.stage.kind, first.copy.version, first.copy.flight]).toEqual(["open", 7n, undefined]);
    const later = await take("put", refused(Refusal.stale, 7n), { s: { era: 1 }, copy: { flight }, covered: true });
    expect(later.s.stage).toEqual({ kind: "broken", trouble: "elsewhere" });
  });

  test("no blob: it is made anew", async () => {
    const { copy, s } = await take("put", refused(Refusal.no_blob), { copy: { flight } });
    expect([copy.version, copy.flight, s.stage.kind]).toEqual([0n, undefined, "open"]);
  });

  test.each([
    ["busy", refused(Refusal.busy, 3n), { pause: 3000 }],
    ["unavailable", refused(Refusal.unavailable), { pause: usualRhythm.again }],
    ["not attached", refused(Refusal.bad_capability), { pause: usualRhythm.again }],
  ])("%s: the same blob again, later", async (_, answer, remedy) => {
    const { copy, heeded } = await take("put", answer, { copy: { flight } });
    expect([copy.flight, heeded]).toEqual([flight, [remedy]]);
  });

  test("full: the page is told", async () => {
    expect((await take("put", refused(Refusal.full), { copy: { flight } })).troubles).toEqual(["full"]);
  });
});

test("keep and drop: each is over when the relay says so, and else waits", async () => {
  expect((await take("keep", ready)).s.retained).toBe(true);
  expect((await take("keep", refused(Refusal.busy))).s.retained).toBeUndefined();
  expect((await take("drop", ready, { copy: { before: [copyOf()] } })).copy.before).toEqual([]);
  expect((await take("drop", ready)).loop.ctx.env.copy).toBeUndefined();
  expect((await take("drop", refused(Refusal.busy))).loop.ctx.env.copy).toBeDefined();
});

test("what an answer changes is stored before anything follows", async () => {
  expect((await take("put", ready, { copy: { flight } })).steps).toEqual(["put.answered", "store", "put.settled"]);
});
