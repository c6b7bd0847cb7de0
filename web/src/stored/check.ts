import { CodecError } from "../wire/codec.ts";

/** It is none of what this program stores: cut, changed, or never its own. Its text holds nothing of it. */
export class Damaged extends CodecError {}

/** Returns what it is given, typed, where every part of it is what it should be, and nothing more; throws Damaged. */
export type Check<T> = (value: unknown) => T;

function refuse(): never {
  throw new Damaged("a stored value is damaged");
}

export const any: Check<unknown> = (value) => value;
export const text: Check<string> = (value) => (typeof value === "string" ? value : refuse());
export const flag: Check<boolean> = (value) => (typeof value === "boolean" ? value : refuse());
export const whole: Check<number> = (value) => (Number.isSafeInteger(value) ? (value as number) : refuse());

/** Text of this form, such as hex. */
export function textLike(form: RegExp): Check<string> {
  return (value) => (form.test(text(value)) ? (value as string) : refuse());
}

export const hexText = textLike(/^([0-9a-f]{2})*$/);
export const base64Text = textLike(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

export function one<const T extends string | number | boolean>(...all: readonly T[]): Check<T> {
  return (value) => (all.includes(value as T) ? (value as T) : refuse());
}

export function list<T>(of: Check<T>): Check<T[]> {
  return (value) => (Array.isArray(value) ? value.map((each) => of(each)) : refuse());
}

export function pair<A, B>(first: Check<A>, second: Check<B>): Check<[A, B]> {
  return (value) => (Array.isArray(value) && value.length === 2 ? [first(value[0]), second(value[1])] : refuse());
}

/** Any keys, with values of one kind. */
export function record<T>(of: Check<T>): Check<Record<string, T>> {
  return (value) => Object.fromEntries(Object.entries(fields(value)).map(([key, each]) => [key, of(each)]));
}

type Checks = Readonly<Record<string, Check<unknown>>>;
type Fields<C extends Checks> = { [K in keyof C]: C[K] extends Check<infer T> ? T : never };

/** These fields, all of the first and any of the second, and no others. */
export function object<R extends Checks, O extends Checks = Record<never, never>>(
  required: R,
  optional?: O,
): Check<Fields<R> & Partial<Fields<O>>> {
  const known = new Map(Object.entries({ ...optional, ...required }));
  return (value) => {
    const found = fields(value);
    if (!Object.keys(required).every((key) => Object.keys(found).includes(key))) refuse();
    return Object.fromEntries(
      Object.entries(found).map(([key, each]) => [key, (known.get(key) ?? refuse)(each)]),
    ) as Fields<R> & Partial<Fields<O>>;
  };
}

/** One of several objects, told apart by their `kind`. */
export function kinds<C extends Readonly<Record<string, Check<object>>>>(
  of: C,
): Check<{ [K in keyof C]: { kind: K } & (C[K] extends Check<infer T> ? T : never) }[keyof C]> {
  const known = new Map<unknown, Check<object>>(Object.entries(of));
  return (value) => {
    const { kind, ...rest } = fields(value);
    return { kind, ...(known.get(kind) ?? refuse)(rest) } as never;
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse();
}
