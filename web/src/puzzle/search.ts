/** Tries so many more nonces; gives the work once it is found. */
export type Search = (attempts: number) => Uint8Array | undefined;

/**
 * The first 32 bits of the fractions of the roots of the first primes: what SHA-256 begins with (square), and its
 * rounds (cube).
 */
const [start, rounds] = (() => {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fractions = (power: number): Int32Array => Int32Array.from(primes, (p) => (p ** power % 1) * 2 ** 32);
  return [fractions(1 / 2), fractions(1 / 3)];
})();

/**
 * Looks for work (spec §6.4). `seed` is SHA-256 of label, salt and mailbox. SHA-256 of its 36 bytes is one block, of
 * which only the first 32 bits are wanted: as its own loop it is faster than any library, which is what a slow phone
 * needs to be fair against fast machines. It hides nothing; the vectors judge it.
 */
export function newSearch(salt: Uint8Array, bits: number, seed: Uint8Array): Search {
  const block = new Int32Array(64);
  const words = new DataView(seed.buffer, seed.byteOffset);
  const work = new DataView(new ArrayBuffer(salt.length + 32));
  new Uint8Array(work.buffer).set(salt);
  let at = salt.length;
  let nonce = 0;

  function head(): number {
    for (let i = 0; i < 8; i++) block[i] = words.getInt32(4 * i);
    block.fill(0, 8, 16);
    block[8] = nonce;
    block[9] = 1 << 31;
    block[15] = 36 * 8;
    let [a, b, c, d, e, f, g, h] = start as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      if (i > 15) {
        const x = block[i - 15]!;
        const y = block[i - 2]!;
        block[i] =
          block[i - 16]! +
          (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) +
          block[i - 7]! +
          (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
      }
      const one =
        (h +
          (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
          (g ^ (e & (f ^ g))) +
          rounds[i]! +
          block[i]!) |
        0;
      const two =
        ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (c & (a ^ b)))) |
        0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    return (a + start[0]!) | 0;
  }

  return (attempts) => {
    for (const end = nonce + attempts; nonce < end; nonce++) {
      if (Math.clz32(head()) < bits) continue;
      work.setUint32(at, nonce);
      at += 4;
      if (at === work.byteLength) return new Uint8Array(work.buffer);
    }
    return undefined;
  };
}
