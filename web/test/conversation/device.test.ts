import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { deviceOf, enrolmentRequest, loginSignature, makeDevice } from "../../src/conversation/desk/device.ts";
import { scriptEd25519 } from "../../src/mls/ed25519.ts";
import { bytesOf } from "../../src/conversation/mailbox/state.ts";
import { concat, utf8 } from "../../src/wire/bytes.ts";

interface Case {
  name: string;
  ok: boolean;
  request: string;
  seed?: string;
  kommun?: string;
  languages?: string[];
  alias?: string;
  device?: string;
}
const file = JSON.parse(readFileSync(new URL("../../../spec/vectors/enrolment.json", import.meta.url), "utf8")) as {
  count: number;
  cases: Case[];
};
const written = file.cases.filter((c) => c.ok && c.seed !== undefined);

test("an enrolment request is the bytes that the vectors give", async () => {
  expect(file.cases.length).toBe(file.count);
  expect(written.length).toBeGreaterThanOrEqual(3);
  for (const c of written) {
    const device = await deviceOf(bytesOf(c.seed!), c.alias!, c.languages!);
    expect(device.id, c.name).toBe(c.device);
    expect(await enrolmentRequest(device, c.kommun!), c.name).toBe(c.request);
  }
});

test("two devices never share keys", async () => {
  const [a, b] = [await makeDevice("Sara", ["sv"]), await makeDevice("Sara", ["sv"])];
  expect(a.seed).not.toBe(b.seed);
  expect(a.id).not.toBe(b.id);
  expect(a.enrolled).toBe(false);
});

test("a login signs label, kommun, origin, nonce and device, in that order", async () => {
  const device = await makeDevice("Sara", ["sv"]);
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  const signature = await loginSignature(device, { kommun: "vidby", origin: "https://svar.example.se", nonce });
  const field = (text: string) => concat(Uint8Array.of(text.length), utf8(text));
  const tbs = concat(
    field("utvag.1 login"),
    field("vidby"),
    field("https://svar.example.se"),
    nonce,
    bytesOf(device.id),
  );
  expect(await scriptEd25519.verify(bytesOf(device.key), tbs, signature)).toBe(true);
  const elsewhere = await loginSignature(device, { kommun: "vidby", origin: "https://falsk.example", nonce });
  expect(await scriptEd25519.verify(bytesOf(device.key), tbs, elsewhere)).toBe(false);
});
