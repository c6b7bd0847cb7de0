/**
 * What `wire` and `mls` may use of a browser: cryptography and encodings, nothing that knows a page, a network or a
 * store. tsconfig.core.json compiles them against this instead of the browser's own types.
 */

type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;

interface CryptoKey {
  readonly type: "private" | "public" | "secret";
}

interface JsonWebKey {
  x?: string;
}

interface AesGcmParams {
  name: string;
  iv: BufferSource;
  additionalData?: BufferSource;
}

type KeyAlgorithm = string | { readonly name: string; readonly hash?: string };

interface SubtleCrypto {
  digest(algorithm: string, data: BufferSource): Promise<ArrayBuffer>;
  encrypt(algorithm: AesGcmParams, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  decrypt(algorithm: AesGcmParams, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  sign(algorithm: KeyAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  verify(algorithm: KeyAlgorithm, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean>;
  importKey(
    format: "raw" | "pkcs8",
    data: BufferSource,
    algorithm: KeyAlgorithm,
    extractable: boolean,
    uses: readonly ("encrypt" | "decrypt" | "sign" | "verify")[],
  ): Promise<CryptoKey>;
  exportKey(format: "jwk", key: CryptoKey): Promise<JsonWebKey>;
}

declare const crypto: {
  readonly subtle: SubtleCrypto;
  getRandomValues<T extends Uint8Array>(array: T): T;
};

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

declare function atob(text: string): string;
declare function btoa(text: string): string;
