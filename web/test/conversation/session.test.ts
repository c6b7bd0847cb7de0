import { expect, test } from "vitest";
import {
  advanceBegun,
  answered,
  askedAnew,
  asking,
  attached,
  connected,
  disconnected,
  entryRead,
  newSession,
  openingTried,
  owes,
  receiptBegun,
} from "../../src/conversation/mailbox/session.ts";
import { sessionOf } from "./mailboxes.ts";

/** What becomes of a session by what happens to it; what it was stays as it was. */

test("what is asked is asked once, until it is answered or the line is gone", () => {
  const before = sessionOf();
  const both = asking(asking(before, "send"), "put");
  expect([...both.asked]).toEqual(["send", "put"]);
  expect([...answered(both, "send").asked]).toEqual(["put"]);
  expect(disconnected(both)).toMatchObject({ connected: false, attached: false, asked: new Set() });
  expect(before.asked.size).toBe(0);
  expect(connected(disconnected(both))).toMatchObject({ connected: true, attached: false });
});

test("what holds beyond a connection outlives it", () => {
  const session = openingTried(
    sessionOf({ replaced: true, pausedUntil: 9, receiptAt: 8, advancedAt: 7, renewed: true }),
  );
  expect(disconnected(session)).toMatchObject({
    replaced: true,
    pausedUntil: 9,
    receiptAt: 8,
    advancedAt: 7,
    renewed: true,
    tried: true,
  });
  expect([newSession(true).tried, newSession(false).tried]).toEqual([true, false]);
});

test("attached: what is read has been moved over, and what is not yet is missing from now on", () => {
  const session = attached(sessionOf({ attached: false, known: 9, advanced: 9 }), 5, 7, 100);
  expect(session).toMatchObject({ attached: true, advanced: 5, known: 7, missingSince: 100 });
});

test("an entry that was asked for anew is lost if it does not come; once it has, the next one gets its own attempt", () => {
  const session = askedAnew(sessionOf({ known: 7, missingSince: 1 }), 100);
  expect(session).toMatchObject({ missingSince: 100, renewed: true });
  expect(attached(session, 5, 7, 200).renewed).toBe(true);
  expect(attached(session, 7, 7, 200).renewed).toBe(false);
  expect(entryRead(session, 6, false, 200).renewed).toBe(true);
  expect(entryRead(session, 7, false, 200).renewed).toBe(false);
});

test("what the relay owes only grows", () => {
  expect(owes(sessionOf({ known: 7 }), 8, 100)).toMatchObject({ known: 8, missingSince: 100 });
  expect(owes(sessionOf({ known: 7 }), 6, 100)).toMatchObject({ known: 7, missingSince: 100 });
});

test("receipts are gathered from the first entry that wants one, until one is begun", () => {
  const first = entryRead(sessionOf(), 6, true, 100);
  expect(first.unconfirmedSince).toBe(100);
  expect(entryRead(first, 7, true, 200).unconfirmedSince).toBe(100);
  expect(entryRead(sessionOf(), 6, false, 100).unconfirmedSince).toBe(0);
  expect(receiptBegun(first, 300)).toMatchObject({ unconfirmedSince: 0, receiptAt: 300 });
});

test("the slot has moved as far as was asked", () => {
  expect(advanceBegun(sessionOf({ advanced: 3 }), 5, 100)).toMatchObject({ advanced: 5, advancedAt: 100 });
});
