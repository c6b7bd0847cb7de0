import { expect } from "@playwright/test";
import type { PrivateRedis } from "./redis.ts";
import type { Server } from "./server.ts";

/** Fails on a key that would stay for ever. */
export async function expectEveryKeyEnds(redis: PrivateRedis): Promise<void> {
  const endless = (await redis.everything()).filter(({ ttl }) => ttl < 0).map(({ name }) => printable(name));
  expect(endless, "every key has an end").toEqual([]);
}

/** Fails where Redis or the log holds one of the texts, in any of the forms that a program might store. */
export async function expectNothingKept(redis: PrivateRedis, server: Server, texts: readonly string[]): Promise<void> {
  const stored = (await redis.everything()).flatMap(({ name, values }) => [name, ...values]);
  const log = Buffer.from(server.log());
  for (const text of texts.filter((one) => one !== "")) {
    for (const form of forms(text)) {
      expect(stored.filter((bytes) => bytes.includes(form)).map(printable), `Redis holds «${text}»`).toEqual([]);
      expect(log.includes(form), `the log holds «${text}»`).toBe(false);
    }
  }
}

function forms(text: string): readonly Buffer[] {
  const utf8 = Buffer.from(text);
  return [
    utf8,
    Buffer.from(text, "utf16le"),
    Buffer.from(JSON.stringify(text).slice(1, -1)),
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(utf8.toString("hex")),
    // Base64 of the same bytes depends on where they begin; the inner part is found wherever a third of the text
    // begins.
    ...[0, 1, 2].map((skipped) =>
      Buffer.from(
        utf8
          .subarray(skipped, utf8.length - ((utf8.length - skipped) % 3))
          .toString("base64")
          .replace(/=+$/, ""),
      ),
    ),
  ].filter((form) => form.length >= 4);
}

/**
 * There whether anybody writes or not: since when the store is what it is, lookups, what an opening costs, and who of
 * the staff is signed in.
 */
const ofNobody = ["u:born", "u:lookups", "u:{work}:", "u:si:", "u:sh:"];

/**
 * The kinds of keys that are there: the name without the id of a mailbox, a device or a day
 * (internal/redisstore/keys.go).
 */
export async function kindsOfKeys(redis: PrivateRedis): Promise<readonly string[]> {
  const kinds = (await redis.everything()).map(({ name }) => {
    const found =
      /^u:(?:\{\d\d\}:(?:[mewtbg]:|due$|out$|call$)|in:|kp:|on:|si:|pa:|call:|push:|trial:|heard:|\{work\}:|born$|lookups$)/.exec(
        name.toString("latin1"),
      );
    return found ? found[0].replace(/\{\d\d\}/, "{}") : `unknown: ${printable(name)}`;
  });
  return [...new Set(kinds)].filter((kind) => !ofNobody.includes(kind)).sort();
}

function printable(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1").slice(0, 80));
}
