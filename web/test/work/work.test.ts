import { describe, expect, test } from "vitest";
import { unhex } from "../../src/wire/bytes.ts";
import { solve } from "../../src/work/index.ts";
import { bytesOf, cases } from "../wire/vectors.ts";

const all = cases("work", ["name", "comment", "expect", "hex", "mailbox", "salt", "bits"]);

describe("work", () => {
  // What does not solve the puzzle is the relay's to judge; this side only ever makes it.
  test.each(all.filter((c) => c["expect"] === "ok"))("$name", async (c) => {
    const puzzle = { salt: unhex(c["salt"] as string)!, bits: c["bits"] as number };
    expect(await solve(puzzle, unhex(c["mailbox"] as string)!).work).toEqual(bytesOf(c));
  });

  test("what was stopped never comes", async () => {
    const job = solve({ salt: new Uint8Array(16), bits: 8 }, new Uint8Array(32));
    job.stop();
    const late = new Promise((resolve) => setTimeout(resolve, 300, "nothing came"));
    expect(await Promise.race([job.work, late])).toBe("nothing came");
  });
});
