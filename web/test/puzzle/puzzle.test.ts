import { describe, expect, test } from "vitest";
import { unhex } from "../../src/wire/bytes.ts";
import { seedOf, solve } from "../../src/puzzle/index.ts";
import { newSearch } from "../../src/puzzle/search.ts";
import { bytesOf, cases } from "../wire/vectors.ts";

const all = cases("work", ["name", "comment", "expect", "hex", "mailbox", "salt", "bits"]);

describe("work", () => {
  // What does not solve the puzzle is the relay's to judge; this side only ever makes it.
  test.each(all.filter((c) => c["expect"] === "ok"))("$name", async (c) => {
    const [salt, mailbox, bits] = [unhex(c["salt"] as string)!, unhex(c["mailbox"] as string)!, c["bits"] as number];
    if (bits === 0) return expect(await solve({ salt, bits }, mailbox).work).toEqual(bytesOf(c));
    const search = newSearch(salt, bits, await seedOf(salt, mailbox));
    let found: Uint8Array | undefined;
    while (!found) found = search(100);
    expect(found).toEqual(bytesOf(c));
  });

  test("where there can be no worker, whoever waits is told", async () => {
    await expect(solve({ salt: new Uint8Array(16), bits: 8 }, new Uint8Array(32)).work).rejects.toBeDefined();
  });
});
