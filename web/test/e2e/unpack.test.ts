import { expect, test } from "vitest";
import { contents, lz4, snappy } from "../../e2e/support/unpack.ts";

const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

test("snappy: literals, and copies of each width, into themselves too", () => {
  expect(snappy(bytes([5, 4 << 2], `${"hallå".slice(0, 4)}a`)).toString()).toBe("halla");
  // "ab", then eight bytes from two back.
  expect(snappy(bytes([10, 1 << 2], "ab", [((8 - 4) << 2) | 1, 2])).toString()).toBe("ababababab");
  expect(snappy(bytes([9, 2 << 2], "abc", [(5 << 2) | 2, 3, 0])).toString()).toBe("abcabcabc");
  expect(snappy(bytes([9, 2 << 2], "abc", [(5 << 2) | 3, 3, 0, 0, 0])).toString()).toBe("abcabcabc");
  const long = "x".repeat(100);
  expect(snappy(bytes([100, 60 << 2, 99], long)).toString()).toBe(long);
  expect(() => snappy(bytes([7, 1 << 2], "ab"))).toThrow("announced");
  expect(() => snappy(bytes([7, 1 << 2], "ab", [1, 9]))).toThrow("before the beginning");
});

test("LZ4: literals and copies, with long lengths", () => {
  expect(lz4(bytes([0x23], "ab", [2, 0, 0x10], "c"), 10).toString()).toBe("ababababa" + "c");
  const long = "y".repeat(300);
  expect(lz4(bytes([0xf0, 255, 30], long), 300).toString()).toBe(long);
  expect(lz4(bytes([0x1f], "z", [1, 0, 255, 1, 0x00]), 276).toString()).toBe("z".repeat(276));
});

test("a LevelDB table gives its blocks, and a Firefox file what is packed in it", () => {
  const packed = bytes([11, 10 << 2], "hemligheten");
  const index = bytes([0, 1, 2], "k", [0, packed.length], [0, 0, 0, 0], [1, 0, 0, 0]);
  const footer = Buffer.alloc(48);
  footer.set([0, 0, packed.length + 5, index.length]);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  const table = bytes([...packed], [1, 0, 0, 0, 0], [...index], [0, 0, 0, 0, 0], [...footer]);
  expect([...contents(table)].map((part) => part.toString("latin1"))).toEqual([
    table.toString("latin1"),
    "hemligheten",
  ]);
  const session = bytes("mozLz40\0", [4, 0, 0, 0], [0x40], "test");
  expect([...contents(session)].map((part) => part.toString("latin1")).slice(1)).toEqual(["test"]);
  expect([...contents(Buffer.from("plain"))]).toHaveLength(1);
});
