import { describe, expect, test } from "vitest";
import { unhex, utf8 } from "../../src/wire/bytes.ts";
import { platformEd25519, scriptEd25519, works } from "../../src/mls/ed25519.ts";
import { suite } from "../../src/mls/provider.ts";
import { cases } from "../wire/vectors.ts";

describe("X-Wing, as Go does it", () => {
  const all = cases("xwing", ["name", "comment", "ikm", "private", "public", "info", "plaintext", "sealed"]);
  test.each(all)("$name", async (c) => {
    const bytes = (field: string) => unhex(c[field] as string)!;
    const pair = await suite.hpke.deriveKeyPair(bytes("ikm"));
    expect(await suite.hpke.exportPublicKey(pair.publicKey)).toEqual(bytes("public"));
    expect(await suite.hpke.exportPrivateKey(pair.privateKey)).toEqual(bytes("private"));
    const key = await suite.hpke.importPrivateKey(bytes("private"));
    const [enc, ciphertext] = [bytes("sealed").slice(0, 1120), bytes("sealed").slice(1120)];
    expect(await suite.hpke.open(key, enc, ciphertext, bytes("info"))).toEqual(bytes("plaintext"));
    await expect(suite.hpke.open(key, enc, ciphertext, utf8("other"))).rejects.toThrow();
  });

  test("four cases at least", () => {
    expect(all.length).toBeGreaterThanOrEqual(4);
  });
});

describe("HPKE both ways", () => {
  test("what is sealed or exported to a key is opened with it", async () => {
    const pair = await suite.hpke.generateKeyPair();
    const [info, aad, text] = [utf8("info"), utf8("aad"), utf8("text")];
    const sealed = await suite.hpke.seal(pair.publicKey, text, info, aad);
    expect(await suite.hpke.open(pair.privateKey, sealed.enc, sealed.ct, info, aad)).toEqual(text);
    await expect(suite.hpke.open(pair.privateKey, sealed.enc, sealed.ct, info)).rejects.toThrow();
    const exported = await suite.hpke.exportSecret(pair.publicKey, utf8("context"), 48, info);
    expect(await suite.hpke.importSecret(pair.privateKey, utf8("context"), exported.enc, 48, info)).toEqual(
      exported.secret,
    );
  });
});

describe("HKDF-SHA512", () => {
  // The platform's own HKDF, which joins both steps, is the judge of ours.
  test.each([1, 64, 65, 200])("extract and expand to %i bytes", async (length) => {
    const [ikm, salt, info] = [utf8("key material"), utf8("salt"), utf8("info")];
    for (const s of [salt, new Uint8Array()]) {
      const key = await crypto.subtle.importKey("raw", ikm as BufferSource, "HKDF", false, ["deriveBits"]);
      const params = { name: "HKDF", hash: "SHA-512", salt: s as BufferSource, info: info as BufferSource };
      const expected = new Uint8Array(await crypto.subtle.deriveBits(params, key, 8 * length));
      expect(await suite.kdf.expand(await suite.kdf.extract(s, ikm), info, length)).toEqual(expected);
    }
  });
});

describe("Ed25519", () => {
  test("the platform's and the script's give the known answers and accept each other's signatures", async () => {
    expect(await works(platformEd25519)).toBe(true);
    expect(await works(scriptEd25519)).toBe(true);
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const key = await platformEd25519.publicKey(seed);
    expect(await scriptEd25519.publicKey(seed)).toEqual(key);
    for (const [signer, reader] of [
      [platformEd25519, scriptEd25519],
      [scriptEd25519, platformEd25519],
    ] as const) {
      const signature = await signer.sign(seed, utf8("x"));
      expect(await reader.verify(key, utf8("x"), signature)).toBe(true);
      expect(await reader.verify(key, utf8("y"), signature)).toBe(false);
    }
  });

  test("neither throws on keys and signatures of a wrong form", async () => {
    for (const ed of [platformEd25519, scriptEd25519]) {
      for (const key of [new Uint8Array(), new Uint8Array(31), new Uint8Array(32).fill(255)]) {
        expect(await ed.verify(key, utf8("x"), new Uint8Array(64).fill(1))).toBe(false);
      }
      expect(await ed.verify(await ed.publicKey(new Uint8Array(32)), utf8("x"), new Uint8Array(63))).toBe(false);
    }
  });

  test("an implementation that accepts everything, or lacks the algorithm, is not chosen", async () => {
    expect(await works({ ...scriptEd25519, verify: async () => true })).toBe(false);
    expect(await works({ ...scriptEd25519, sign: () => Promise.reject(new Error("NotSupportedError")) })).toBe(false);
  });
});
