import { describe, expect, test } from "vitest";
import { unhex } from "../../src/wire/bytes.ts";
import { CodecError } from "../../src/wire/codec.ts";
import { decodeDirectory, encodeDirectory } from "../../src/wire/directory.ts";
import { decodeClientFrame, decodeFrame, encodeFrame, encodeRelayFrame } from "../../src/wire/frames.ts";
import { decodePayload, encodePayload } from "../../src/wire/payload.ts";
import { decodeReachable, encodeReachable } from "../../src/wire/reach.ts";
import { nextTranscript } from "../../src/wire/transcript.ts";
import { bytesOf, cases, plain, type Case } from "./vectors.ts";

const common = ["name", "comment", "expect", "hex", "zeros"];

function judge<T>(c: Case, value: unknown, decode: (bytes: Uint8Array) => T, encode: (value: T) => Uint8Array): void {
  const bytes = bytesOf(c);
  if (c["expect"] !== "ok") {
    expect(() => decode(bytes)).toThrow(CodecError);
    return;
  }
  const decoded = decode(bytes);
  expect(plain(decoded)).toEqual(value);
  expect(encode(decoded)).toEqual(bytes);
}

describe("frames", () => {
  const all = cases("frames", [...common, "side", "frame"]);
  test.each(all.filter((c) => c["side"] === "client"))("client: $name", (c) =>
    judge(c, c["frame"], decodeClientFrame, encodeFrame),
  );
  test.each(all.filter((c) => c["side"] === "relay"))("relay: $name", (c) =>
    judge(c, c["frame"], decodeFrame, encodeRelayFrame),
  );
  test("each has a side", () => {
    expect(all.every((c) => c["side"] === "client" || c["side"] === "relay")).toBe(true);
  });
});

describe("payload", () => {
  test.each(cases("payload", [...common, "payload"]))("$name", (c) =>
    judge(c, c["payload"], decodePayload, encodePayload),
  );
});

describe("directory", () => {
  test.each(cases("directory", [...common, "directory"]))("$name", (c) => {
    const value = c["directory"] as { time: string } | undefined;
    judge(c, value && { ...value, time: Number(value.time) }, decodeDirectory, encodeDirectory);
  });
});

describe("reach", () => {
  test.each(cases("reach", [...common, "reachable"]))("$name", (c) =>
    judge(c, c["reachable"], decodeReachable, encodeReachable),
  );
});

describe("transcript", () => {
  test.each(cases("transcript", [...common, "previous", "seq", "next"]))("$name", async (c) => {
    const [previous, next] = [unhex(c["previous"] as string)!, unhex(c["next"] as string)!];
    expect(await nextTranscript(previous, BigInt(c["seq"] as string), bytesOf(c))).toEqual(next);
  });
});
