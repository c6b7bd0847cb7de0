import { decodeQR } from "qr/decode.js";
import { expect, test } from "vitest";
import { modules, outline } from "../../src/console/modules.ts";
import vectors from "../../../spec/vectors/enrolment.json";

/** What a camera sees of the path, four pixels to a module. */
function seen(path: string, size: number) {
  const width = size * 4;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let i = 0; i < 16; i++)
      data.fill(
        0,
        ((Number(y) * 4 + (i >> 2)) * width + Number(x) * 4 + (i & 3)) * 4,
        ((Number(y) * 4 + (i >> 2)) * width + Number(x) * 4 + (i & 3)) * 4 + 3,
      );
  return { width, height: width, data };
}

test.each(vectors.cases.filter((one) => one.ok).map((one) => one.request))(
  "what is drawn reads as the request %#",
  (request) => {
    const rows = modules(request);
    expect(decodeQR(seen(outline(rows), rows.length))).toBe(request);
    for (const row of [...rows.slice(0, 4), ...rows.slice(-4)]) expect(row.some(Boolean)).toBe(false);
  },
);
