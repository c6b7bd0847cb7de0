/** A value that lacks nothing that its type allows. */
export type Full<T> = T extends string | number | boolean | bigint | Uint8Array | undefined
  ? T
  : T extends readonly [infer A, infer B]
    ? readonly [A, B]
    : T extends readonly (infer E)[]
      ? readonly Full<E>[]
      : T extends Readonly<Record<string, string>>
        ? string extends keyof T
          ? T
          : { readonly [K in keyof T]-?: Full<Exclude<T[K], undefined>> }
        : { readonly [K in keyof T]-?: Full<Exclude<T[K], undefined>> };
