import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { fingerprint } from "../../src/console/fingerprint.ts";
import vectors from "../../../spec/vectors/enrolment.json";

test("the fingerprint of each valid request is the one that the team lead is shown", async () => {
  let seen = 0;
  for (const one of vectors.cases) {
    if (!one.ok || !one.device) continue;
    const read = await fingerprint(one.request);
    const key = Buffer.from(/^key (.*)$/m.exec(one.request)![1]!, "base64");
    const digest = createHash("sha256").update(key).digest("hex").slice(0, 20);
    expect(read).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){4}$/);
    expect(read?.replaceAll(" ", "")).toBe(digest);
    expect(digest.startsWith(one.device)).toBe(true);
    seen++;
  }
  expect(seen).toBeGreaterThanOrEqual(4);
});

test.each(["", "key ", "key AAAA", "alias key x", "key lt5ek96xpip5sE1nayTJqJ45ZMvCRsViXm8F7mj83O="])(
  "there is none in %j",
  async (text) => expect(await fingerprint(text)).toBeUndefined(),
);
