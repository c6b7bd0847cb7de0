import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  accepted,
  answer,
  handing,
  longestProposal,
  openProposal,
  propose,
  proposalPayload,
  readProposal,
  unable,
} from "../../src/conversation/mailbox/proposing.ts";
import { type MailboxState, type Proposed, bytesOf } from "../../src/conversation/mailbox/state.ts";
import { PolicyError } from "../../src/mls/policy.ts";
import { type Proposal, Reason } from "../../src/wire/payload.ts";
import { claimer, contextOf, pendingOf, stages, stateOf } from "./mailboxes.ts";

/** Proposals of the claimer's, on both sides. */

const now = 1_800_000_000;
const nonce = "0f".repeat(16);
const other = "0e".repeat(16);

beforeEach(() => vi.useFakeTimers({ now: now * 1000, toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());

const wire = (o: Partial<Proposal> = {}): Proposal => ({
  kind: "proposal",
  nonce: bytesOf(nonce),
  reason: Reason.colleague,
  until: BigInt(now + 60),
  kommun: "",
  devices: ["amir"],
  ...o,
});
const proposed: Proposed = { nonce, reason: Reason.colleague, until: now + 60, kommun: "", device: "amir" };

describe("the visitor's client", () => {
  const taken = async (p: Proposal, change: Partial<MailboxState> = {}, known?: (p: Proposed) => Promise<Proposed>) => {
    const s = stateOf({ claimer, ...change });
    await readProposal(contextOf(s, undefined, { known: known ?? (async (p) => ({ ...p, alias: "Amir" })) }), p);
    return s;
  };

  test("shows only what it has found in the roster itself", async () => {
    expect((await taken(wire())).proposal).toEqual({ ...proposed, alias: "Amir" });
  });

  test("says no to what it does not find there", async () => {
    const s = await taken(wire(), {}, () => Promise.reject(new PolicyError("kommun")));
    expect([s.proposal, s.queue]).toEqual([undefined, [{ kind: "verdict", nonce, verdict: 1 }]]);
  });

  test.each([
    ["taken back", wire({ reason: Reason.withdrawn })],
    ["too late", wire({ until: BigInt(now) })],
    ["for longer than a roster lives", wire({ until: BigInt(now + longestProposal + 86_401) })],
  ])("forgets the one before for one that is %s", async (_, p) => {
    expect((await taken(p, { proposal: proposed })).proposal).toBeUndefined();
  });

  test("looks at sixteen of one claimer, and no more", async () => {
    expect((await taken(wire(), { proposals: 15 })).proposal).toBeDefined();
    expect((await taken(wire(), { proposals: 16 })).proposal).toBeUndefined();
  });
});

describe("a proposal", () => {
  test.each([
    ["while it is open", {}, true],
    ["not when its time is over", { proposal: { ...proposed, until: now } }, false],
    ["not without a claimer", { claimer: undefined }, false],
    ["not when it is over", { stage: stages.ended }, false],
  ])("can be answered %s", (_, change: Partial<MailboxState>, open) => {
    expect(openProposal(stateOf({ claimer, proposal: proposed, ...change })) !== undefined).toBe(open);
  });

  test("is answered once, and only the one that was on the screen", () => {
    const s = stateOf({ claimer, proposal: proposed });
    expect(answer(s, other, true)).toBe(false);
    expect(answer(s, nonce, true)).toBe(true);
    expect(s.queue).toEqual([{ kind: "accept", nonce, reason: Reason.colleague, kommun: "" }]);
    expect([answer(s, nonce, true), answer(s, nonce, false)]).toEqual([false, false]);
    const going = stateOf({ claimer, proposal: proposed, pending: pendingOf({ what: "accept" }) });
    expect(answer(going, nonce, false)).toBe(false);
  });

  test("that is declined is gone, and the claimer hears it", () => {
    const s = stateOf({ claimer, proposal: proposed });
    answer(s, nonce, false);
    expect([s.proposal, s.queue]).toEqual([undefined, [{ kind: "verdict", nonce, verdict: 0 }]]);
  });

  test("that cannot be done any more is said to both", () => {
    const s = stateOf({ claimer, proposal: proposed });
    unable(s, { kind: "accept", nonce, reason: Reason.colleague, kommun: "" });
    expect(s.lines).toMatchObject([{ from: "system", event: "unable", alias: "Sara" }]);
    expect(s.queue).toEqual([{ kind: "verdict", nonce, verdict: 1 }]);
  });

  test.each([
    [Reason.colleague, [{ device: "amir", alias: "", role: "" }]],
    [Reason.shift, undefined],
  ])("with reason %d that takes effect lets in beside the claimer: %o", (reason, company) => {
    const s = stateOf({ claimer, proposal: proposed });
    const item = { kind: "accept", nonce, reason, kommun: "solna" } as const;
    accepted(s, pendingOf({ what: "accept", item, opens: ["amir"] }));
    expect([s.proposal, s.company, s.kommun]).toEqual([undefined, company, "solna"]);
  });
});

describe("a device's own", () => {
  test("takes the place of the one before it", () => {
    const s = stateOf({ side: "device", queue: [{ kind: "propose", nonce: other }] });
    propose(s, proposed);
    expect([s.queue, s.proposal]).toEqual([[{ kind: "propose", nonce }], { ...proposed, state: "sending" }]);
    expect(proposalPayload(s, nonce)).toEqual(wire());
    expect(() => proposalPayload(s, other)).toThrow("nothing to say");
  });

  test.each([
    [Reason.colleague, "waiting", false],
    [Reason.shift, "sending", true],
    [Reason.shift, "waiting", true],
    [Reason.shift, "no", false],
    [Reason.back, "waiting", true],
    [Reason.kommun, "cannot", false],
  ] as const)("with reason %d that is %s means to go: %s", (reason, state, going) => {
    const proposal = { ...proposed, reason, state };
    expect(handing(stateOf({ side: "device", proposal }))).toBe(going);
    expect(handing(stateOf({ proposal }))).toBe(false);
  });
});
