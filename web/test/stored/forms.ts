import { memoForm } from "../../src/conversation/desk/memo.ts";
import { mailboxForm } from "../../src/conversation/mailbox/stored.ts";
import { serialForm } from "../../src/conversation/desk/serial.ts";
import { copyForm } from "../../src/conversation/mailbox/copy.ts";
import { deviceForm } from "../../src/conversation/desk/device.ts";
import { deviceEntryForm } from "../../src/conversation/desk/devices.ts";
import { lockForm } from "../../src/conversation/vault/keys.ts";
import { packageForm } from "../../src/conversation/desk/packages.ts";
import { tabForm } from "../../src/conversation/visitor/tab.ts";
import { prefsForm } from "../../src/console/prefs.ts";
import { probesForm } from "../../src/console/probe.ts";
import { groupForm } from "../../src/mls/group.ts";
import type { Form } from "../../src/stored/form.ts";
import { base64, unbase64 } from "../../src/wire/bytes.ts";
import * as samples from "./samples.ts";

/** A form whose stored values are brought into text, so that a golden file can hold them. */
export interface Kept {
  readonly form: Form<unknown, unknown>;
  readonly samples: readonly unknown[];
  readonly freeze: (stored: unknown) => string;
  readonly thaw: (text: string) => unknown;
}

function asText<T>(form: Form<T, string>, ...all: readonly T[]): Kept {
  return { form: form as never, samples: all, freeze: (stored) => stored as string, thaw: (text) => text };
}

function asBytes<T>(form: Form<T, Uint8Array>, ...all: readonly T[]): Kept {
  return { form: form as never, samples: all, freeze: (stored) => base64(stored as Uint8Array), thaw: bytesIn };
}

function bytesIn(text: string): Uint8Array {
  const bytes = unbase64(text);
  if (!bytes) throw new Error("not base64");
  return bytes;
}

/** Values in which bytes stand among others. */
function asValue<T>(form: Form<T, unknown>, ...all: readonly T[]): Kept {
  return {
    form: form as never,
    samples: all,
    freeze: (stored) =>
      JSON.stringify(stored, (_, value: unknown) => (value instanceof Uint8Array ? `bytes ${base64(value)}` : value)),
    thaw: (text) =>
      JSON.parse(text, (_, value: unknown) =>
        typeof value === "string" && value.startsWith("bytes ") ? bytesIn(value.slice(6)) : value,
      ),
  };
}

const salt = samples.keys.locator;

export const forms: readonly Kept[] = [
  asBytes(mailboxForm, ...samples.mailboxes),
  asBytes(groupForm, {
    inner: samples.group,
    course: {
      claimer: 2,
      counters: new Map([
        [0, 3n],
        [2, 1n],
      ]),
    },
  }),
  asBytes(copyForm, samples.copy),
  asBytes(deviceForm, samples.device),
  asBytes(deviceEntryForm, "Sara"),
  asBytes(packageForm, samples.keyPackage),
  asBytes(serialForm, 12n),
  asBytes(tabForm, samples.kept),
  asText(memoForm, { selected: "ab", drafts: [["ab", "Hej, jag"]] }),
  asText(prefsForm, { lang: "sv", sound: true, count: false, singles: true, veil: false, idle: 15 }),
  asText(probesForm, [["0f".repeat(16), 1_764_590_400]]),
  asValue(
    lockForm,
    { lock: { kind: "passphrase", salt, cost: 17 }, sealed: samples.group },
    { lock: { kind: "passkey", salt, credential: samples.group }, sealed: samples.group },
  ),
];
