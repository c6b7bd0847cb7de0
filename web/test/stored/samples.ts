import type { Full } from "./full.ts";
import type { Item, MailboxState, Pending, Stage, StoredLine } from "../../src/conversation/mailbox/state.ts";
import type { Copy } from "../../src/conversation/mailbox/copy.ts";
import type { DeviceRecord } from "../../src/conversation/desk/device.ts";

/**
 * One of each thing that is stored, with every field that it may have: what a form does not take, or takes and does not
 * know, shows. Another field makes a sample that does not compile, and another sample a golden file that does not fit.
 */

const bytes = (first: number, length: number) => Uint8Array.from({ length }, (_, i) => (first + i) & 255);

const hash = "0f".repeat(32);
const tag = "a1b2c3d4e5f60718";
const incarnation = "10".repeat(16);
const message = "AAECAwQF";

const line: Full<StoredLine> = {
  id: "1.o1",
  era: 1,
  seq: 4,
  from: "staff",
  alias: "Sara",
  kept: "Amir",
  text: "Hej! Jag är här.",
  phrase: { key: "pb.hello", slots: { alias: "Sara" } },
  shared: true,
  event: "claimed",
  delivery: "received",
};

const item: { readonly [K in Item["kind"]]: Full<Extract<Item, { readonly kind: K }>> } = {
  line: { kind: "line", line: "1.o2", answers: 4 },
  claim: { kind: "claim", answers: 3 },
  remove: { kind: "remove", devices: ["0011223344556677"] },
  renew: { kind: "renew" },
  invite: { kind: "invite" },
  accept: { kind: "accept", nonce: tag, reason: 2, kommun: "norrby" },
  propose: { kind: "propose", nonce: tag },
  verdict: { kind: "verdict", nonce: tag, verdict: 1 },
  history: { kind: "history", seq: 4 },
  shared: { kind: "shared", intake: true, lines: ["1.o1"] },
};

const pending: Full<Pending> = {
  what: "accept",
  item: item.accept,
  line: "1.o1",
  closes: ["0011223344556677"],
  opens: ["8899aabbccddeeff"],
  covers: 3,
  read: { incarnation, seq: 4, tag },
  counter: 7,
  message,
  welcome: message,
  retention: 1,
  slot: hash,
  work: message,
  accepted: { seq: 5, tag },
};

const person = { device: "0011223344556677", kommun: "botkyrka", alias: "Sara", role: "coordinator" };

const full: Full<MailboxState> = {
  id: hash,
  side: "visitor",
  era: 1,
  since: 1_764_590_400,
  capability: hash,
  stage: { kind: "open" },
  notice: "unreachable",
  only: ["0011223344556677"],
  incarnation,
  seq: 4,
  tag,
  transcript: hash,
  slot: 0,
  counter: 6,
  pending,
  awaits: 3,
  accepted: [{ seq: 5, tag, counter: 6, message }],
  queue: Object.values(item),
  lines: [line],
  written: 2,
  trail: [[3, hash]],
  unconfirmed: 4,
  confirmed: 3,
  received: 2,
  receipt: { from: "0011223344556677", seq: 2 },
  heard: 4,
  replied: 3,
  told: 2,
  intake: {
    lang: "so",
    answers: [
      ["who", "who.self"],
      ["need", "need.home"],
    ],
    text: "Jag vill bort.",
  },
  opening: { retention: 1, line: "1.o1" },
  readers: 3,
  claimer: person,
  shut: person,
  second: person,
  company: [{ ...person, since: 4 }],
  proposal: {
    nonce: tag,
    reason: 1,
    until: 1_764_676_800,
    kommun: "",
    device: "8899aabbccddeeff",
    alias: "Amir",
    role: "peer",
    state: "waiting",
  },
  proposals: 2,
  kommun: "norrby",
  presence: 2,
  alarm: 1,
  joiner: { from: 3, hashes: [hash] },
  expects: "history",
  returning: true,
  retained: true,
  serial: "12",
  serials: { norrby: "3" },
  claimedAt: 1_764_590_460_000,
  seen: 4,
  ending: { behind: 5, plain: true },
};

const stages: { readonly [K in Stage["kind"]]: Full<Extract<Stage, { readonly kind: K }>> } = {
  opening: { kind: "opening" },
  open: { kind: "open" },
  taken: { kind: "taken", by: "Amir", letGo: "handed" },
  ended: { kind: "ended", end: { by: "staff", confirmed: true, reported: true, left: true } },
  broken: { kind: "broken", trouble: "split", setBack: true },
};

export const mailboxes: readonly MailboxState[] = Object.values(stages).map((stage) => ({ ...full, stage }));

export const keys = { locator: bytes(1, 32), capability: bytes(33, 32), key: bytes(65, 32) };

const before: Copy = { keys: { ...keys, locator: bytes(97, 32) }, version: 3n, before: [] };

export const copy: Full<Copy> = {
  keys,
  version: 4n,
  flight: { version: 5n, blob: bytes(0, 40) },
  before: [before as never],
};

export const device: Full<DeviceRecord> = {
  id: "0011223344556677",
  alias: "Sara",
  languages: ["sv", "so"],
  seed: "01".repeat(32),
  key: "02".repeat(32),
  enrolled: true,
};

export const keyPackage = { day: 20_423, notAfter: 1_764_720_000, keyPackage: bytes(5, 50), secret: bytes(9, 64) };

export const kept = { locator: bytes(1, 32), capability: bytes(2, 32), here: bytes(3, 32), sealed: bytes(4, 60) };

export const group = bytes(7, 30);
