import { base64Text, flag, hexText, kinds, list, object, one, pair, record, text, whole } from "../../stored/check.ts";
import { jsonBytesForm } from "../../stored/form.ts";
import type { Trouble } from "../api.ts";
import type { MailboxState } from "./state.ts";

/** How the state of a mailbox is stored: in a vault, and in what is sealed under a return code. */

const troubles: Readonly<Record<Trouble, true>> = {
  roster_signature: true,
  roster_kommun: true,
  roster_expired: true,
  roster_old: true,
  roster_malformed: true,
  clock: true,
  nobody: true,
  policy: true,
  lost: true,
  split: true,
  full: true,
  too_large: true,
  unsupported: true,
  elsewhere: true,
  unreachable: true,
  device: true,
  bug: true,
};
const trouble = one(...(Object.keys(troubles) as Trouble[]));
const nothing = object({});
const yes = one(true);
const texts = list(text);
const side = one("visitor", "staff");

const end = object({ by: side, confirmed: flag }, { reported: flag, left: yes });

const stage = kinds({
  opening: nothing,
  open: nothing,
  taken: object({}, { by: text, letGo: one("invited", "returned", "handed") }),
  ended: object({ end }),
  broken: object({ trouble }, { setBack: yes }),
});

const items = {
  line: object({ line: text }, { answers: whole }),
  claim: object({}, { answers: whole }),
  remove: object({ devices: texts }),
  renew: nothing,
  invite: nothing,
  accept: object({ nonce: hexText, reason: whole, kommun: text }),
  propose: object({ nonce: hexText }),
  verdict: object({ nonce: hexText, verdict: whole }),
  history: object({ seq: whole }),
  shared: object({ intake: flag, lines: texts }),
};
const item = kinds(items);

const place = { seq: whole, tag: hexText };

const pending = object(
  {
    what: one("open", "receipt", "end", ...(Object.keys(items) as (keyof typeof items)[])),
    counter: whole,
    message: base64Text,
  },
  {
    item,
    line: text,
    closes: texts,
    opens: texts,
    covers: whole,
    read: object({ incarnation: hexText, ...place }),
    welcome: base64Text,
    retention: one(0, 1),
    slot: hexText,
    work: base64Text,
    accepted: object(place),
  },
);

const line = object(
  { id: text, from: one("visitor", "staff", "system"), era: whole },
  {
    alias: text,
    kept: text,
    text,
    phrase: object({ key: text, slots: record(text) }),
    shared: yes,
    event: one("claimed", "unreadable", "ended", "second", "company", "unable", "anew"),
    delivery: one("waiting", "sent", "received", "failed"),
    seq: whole,
  },
);

const person = { device: text, alias: text, role: text };
const claimer = object(person, { kommun: text });

const proposal = object(
  { nonce: hexText, reason: whole, until: whole, kommun: text },
  { device: text, alias: text, role: text, state: one("sending", "waiting", "no", "cannot", "done") },
);

export const mailboxCheck = object(
  {
    id: hexText,
    side: one("visitor", "device"),
    era: whole,
    since: whole,
    capability: hexText,
    stage,
    incarnation: hexText,
    seq: whole,
    tag: hexText,
    transcript: hexText,
    slot: whole,
    counter: whole,
    accepted: list(object({ counter: whole, message: base64Text, ...place })),
    queue: list(item),
    lines: list(line),
    written: whole,
    trail: list(pair(whole, hexText)),
    unconfirmed: whole,
    confirmed: whole,
    received: whole,
    heard: whole,
    replied: whole,
    told: whole,
    readers: whole,
    seen: whole,
  },
  {
    notice: trouble,
    only: texts,
    pending,
    awaits: whole,
    receipt: object({ from: text, seq: whole }),
    intake: object({ lang: text, answers: list(pair(text, text)), text }),
    opening: object({ retention: one(0, 1) }, { line: text }),
    claimer,
    shut: claimer,
    second: claimer,
    company: list(object(person, { kommun: text, since: whole })),
    proposal,
    proposals: whole,
    kommun: text,
    presence: one(0, 1, 2),
    alarm: one(0, 1, 2),
    joiner: object({ from: whole, hashes: list(hexText) }),
    expects: one("history", "shared", "repeated"),
    returning: flag,
    retained: flag,
    serial: text,
    serials: record(text),
    claimedAt: whole,
    ending: object({}, { behind: whole, plain: yes }),
  },
);

export const mailboxForm = jsonBytesForm<MailboxState>("mailbox", mailboxCheck);
