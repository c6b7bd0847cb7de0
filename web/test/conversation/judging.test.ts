import { expect, test } from "vitest";
import { judgeHistory, judgePosition, judgeReceipt } from "../../src/conversation/mailbox/judging.ts";
import { bytesOf } from "../../src/conversation/mailbox/state.ts";
import { pendingOf, stateOf, tag, transcript } from "./mailboxes.ts";

/** Whether what others say agrees with what this side has seen: `stateOf` knows T(3), T(4) and T(5). */

const said = (seq: number, of = seq) => ({ seq: BigInt(seq), transcript: bytesOf(transcript(of)) });

test.each([
  ["what we have seen", said(5), 6, "agrees"],
  ["less than the newest", said(4), 6, "agrees"],
  ["another transcript", said(5, 4), 6, "split"],
  ["another transcript of an entry before", said(4, 5), 6, "split"],
  ["what comes after it", said(6), 6, "meaningless"],
  ["what an earlier receipt has covered", said(2), 6, "old"],
  ["what an earlier receipt has covered, wrongly", said(2, 9), 6, "old"],
])("a receipt for %s: %s as entry %d is %s", (_, receipt, seq, judged) => {
  expect(judgeReceipt(stateOf(), receipt, "sara", seq)).toBe(judged);
});

test("a receipt for an entry that we have not kept, and nobody has covered, shows two histories", () => {
  expect(judgeReceipt(stateOf({ trail: [[5, transcript(5)]] }), said(4), "sara", 6)).toBe("split");
});

test("a receipt for less than its sender's last is not meant, and one for as much is", () => {
  const s = stateOf({ receipt: { from: "sara", seq: 5 } });
  expect(judgeReceipt(s, said(4), "sara", 7)).toBe("meaningless");
  expect(judgeReceipt(s, said(5), "sara", 7)).toBe("agrees");
  expect(judgeReceipt(s, said(4), "amir", 7)).toBe("agrees");
});

test.each([
  ["what we have seen", said(4), "agrees"],
  ["another transcript", said(4, 5), "split"],
  ["what we no longer know", said(2), "meaningless"],
  ["what we have not read", said(6), "meaningless"],
])("a history of %s: %s is %s", (_, history, judged) => {
  expect(judgeHistory(stateOf(), history)).toBe(judged);
});

const accepted = { counter: 3, message: "", seq: 6, tag: tag(6) };

test.each([
  ["where the relay said", accepted, 6, 6, "agrees"],
  ["behind that", accepted, 7, 6, "split"],
  ["under another tag", accepted, 6, 7, "split"],
  ["before its answer", pendingOf(), 6, 6, "unanswered"],
  ["a commit that waits, where the relay said", pendingOf({ accepted }), 6, 6, "agrees"],
  ["a commit that waits, elsewhere", pendingOf({ accepted }), 7, 6, "split"],
])("an own frame that comes back %s: %s", (_, sent, seq, of, judged) => {
  expect(judgePosition(sent, seq, tag(of))).toBe(judged);
});
