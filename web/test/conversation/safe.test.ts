import { IDBFactory } from "fake-indexeddb";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Key,
  type Wrapped,
  WrongKey,
  newPassphraseKey,
  newSalt,
  passkeyKey,
  passphraseKey,
} from "../../src/conversation/vault/keys.ts";
import { isStrong, stretch, suggestPassphrase } from "../../src/conversation/vault/passphrase.ts";
import { eraseSafe, makeSafe, openSafe, putLock, safeState, takeLock } from "../../src/conversation/vault/safe.ts";
import { browserVault } from "../../src/conversation/vault/vault.ts";
import { Newer } from "../../src/stored/form.ts";
import { fromUtf8, hex, utf8 } from "../../src/wire/bytes.ts";

const phrase = "fyra lugna ord ur en atlas";
const mailbox = "ab".repeat(32);
let byPhrase: Key;
let byPasskey: Key;
const output = () => new Uint8Array(32).fill(7);

beforeAll(async () => {
  byPhrase = await newPassphraseKey(phrase);
  byPasskey = await passkeyKey({ kind: "passkey", credential: utf8("credential"), salt: newSalt() }, output());
});

/** Everything that lies in the database, keys included, as text. */
async function everything(factory: IDBFactory, name: string): Promise<string> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = factory.open(name);
    opening.onsuccess = () => resolve(opening.result);
  });
  const get = <T>(r: IDBRequest<T>) => new Promise<T>((resolve) => (r.onsuccess = () => resolve(r.result)));
  const found: string[] = [];
  for (const store of db.objectStoreNames) {
    const at = db.transaction(store).objectStore(store);
    for (const value of [...(await get(at.getAllKeys())), ...(await get(at.getAll()))]) found.push(flat(value));
  }
  db.close();
  return found.join("\n");
}

function flat(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder("latin1").decode(value);
  if (value instanceof CryptoKey) return `CryptoKey ${value.type}`;
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([k, v]) => `${k} ${flat(v)}`)
      .join(" ");
  return String(value);
}

async function change(factory: IDBFactory, store: string, name: string, value: unknown): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = factory.open("device");
    opening.onsuccess = () => resolve(opening.result);
  });
  await new Promise<void>((resolve) => {
    const transaction = db.transaction(store, "readwrite");
    transaction.objectStore(store).put(value, name);
    transaction.oncomplete = () => resolve();
  });
  db.close();
}

describe("a locked vault", () => {
  test("keeps, lists and erases records, and gives them only to what fits its lock", async () => {
    const factory = new IDBFactory();
    expect(await safeState("device", factory)).toEqual({ state: "empty" });
    const vault = await makeSafe("device", byPhrase, factory);
    await vault.put({ "case/a": utf8("one"), "case/b": utf8("two"), other: utf8("three") });
    await vault.put({ "case/b": undefined });
    vault.close();
    expect(await safeState("device", factory)).toEqual({ state: "locked", locks: [byPhrase.lock] });

    const again = await openSafe(
      "device",
      await passphraseKey(byPhrase.lock as never, ` ${phrase.replace(" ", "  ")}`),
      factory,
    );
    expect(fromUtf8((await again.get("case/a"))!)).toBe("one");
    expect(await again.names("")).toEqual(["case/a", "other"]);
    const wrong = await passphraseKey(byPhrase.lock as never, `${phrase}x`);
    await expect(openSafe("device", wrong, factory)).rejects.toThrow(WrongKey);
    await expect(openSafe("device", byPasskey, factory)).rejects.toThrow(WrongKey);
    await expect(openSafe("nobody", byPhrase, factory)).rejects.toThrow(WrongKey);
    await expect(makeSafe("device", byPasskey, factory)).rejects.toThrow("has a lock");
    await expect(browserVault("device", factory)).rejects.toThrow("locked");
  });

  test("shows neither what it holds nor what that is called, and no key", async () => {
    const factory = new IDBFactory();
    const vault = await makeSafe("device", byPhrase, factory);
    await vault.put({
      [`case/${mailbox}/state`]: utf8("my brother owes them money"),
      device: utf8('{"seed":"5eed00d5eed5"}'),
    });
    const found = await everything(factory, "device");
    for (const word of ["brother", "5eed00d5eed5", mailbox, "case/", "CryptoKey", phrase])
      expect(found, word).not.toContain(word);
    expect(found.length).toBeGreaterThan(300);
  });

  test("closed, it has forgotten its keys", async () => {
    const vault = await makeSafe("device", byPhrase, new IDBFactory());
    await vault.put({ a: utf8("one") });
    vault.close();
    await expect(vault.get("a")).rejects.toThrow("locked");
    await expect(vault.put({ a: utf8("two") })).rejects.toThrow("locked");
    await expect(vault.names("")).rejects.toThrow("locked");
  });

  test("can have a passkey and a passphrase; either opens it, and one stays", async () => {
    const factory = new IDBFactory();
    const vault = await makeSafe("device", byPasskey, factory);
    await vault.put({ a: utf8("one") });
    vault.close();
    await expect(putLock("device", byPhrase, byPhrase, factory)).rejects.toThrow(WrongKey);
    await putLock("device", byPasskey, byPhrase, factory);
    for (const key of [byPhrase, byPasskey]) {
      const opened = await openSafe("device", key, factory);
      expect(fromUtf8((await opened.get("a"))!)).toBe("one");
      opened.close();
    }
    const other = await newPassphraseKey("helt andra ord i annan ordning");
    await putLock("device", byPasskey, other, factory);
    await expect(openSafe("device", byPhrase, factory)).rejects.toThrow(WrongKey);
    await takeLock("device", "passkey", factory);
    await expect(openSafe("device", byPasskey, factory)).rejects.toThrow(WrongKey);
    await expect(takeLock("device", "passphrase", factory)).rejects.toThrow("last lock");
    expect(fromUtf8((await (await openSafe("device", other, factory)).get("a"))!)).toBe("one");
  });

  test("takes over what a bare vault held, and leaves nothing of that readable", async () => {
    const factory = new IDBFactory();
    const bare = await browserVault("device", factory);
    await bare.put({ [`case/${mailbox}/state`]: utf8("one"), device: utf8("two") });
    bare.close();
    expect(await safeState("device", factory)).toEqual({ state: "bare" });
    const vault = await makeSafe("device", byPhrase, factory);
    expect(await vault.names("")).toEqual([`case/${mailbox}/state`, "device"]);
    expect(fromUtf8((await vault.get("device"))!)).toBe("two");
    const found = await everything(factory, "device");
    expect(found).not.toContain(mailbox);
    expect(found).not.toContain("CryptoKey");
  });

  test("refuses records that were exchanged", async () => {
    const factory = new IDBFactory();
    const vault = await makeSafe("device", byPhrase, factory);
    await vault.put({ a: utf8("one") });
    const [place] = await places(factory);
    await vault.put({ b: utf8("two") });
    const other = (await places(factory)).find((one) => one !== place)!;
    await change(factory, "records", place!, await raw(factory, "records", other));
    await expect(vault.get("a")).rejects.toThrow();
    await change(factory, "names", place!, await raw(factory, "names", other));
    await expect(vault.names("")).rejects.toThrow();
  });

  test("takes no lock that was made cheap, or that is none", async () => {
    const factory = new IDBFactory();
    (await makeSafe("device", byPhrase, factory)).close();
    const [version, stored] = (await raw(factory, "keys", "lock/passphrase")) as [number, Wrapped];
    for (const lock of [
      { ...stored.lock, cost: 10 },
      { ...stored.lock, cost: 21 },
      { ...stored.lock, cost: "17" },
      { ...stored.lock, salt: new Uint8Array(3) },
      { ...stored.lock, kind: "other" },
      null,
    ]) {
      await change(factory, "keys", "lock/passphrase", [version, { lock, sealed: stored.sealed }]);
      expect(await safeState("device", factory)).toEqual({ state: "damaged" });
      await expect(openSafe("device", byPhrase, factory)).rejects.toThrow(WrongKey);
      await expect(
        makeSafe("device", byPhrase, factory),
        "an altered lock is no leave to write over what it locks",
      ).rejects.toThrow();
    }
    const salted = { lock: { ...stored.lock, salt: newSalt() }, sealed: stored.sealed };
    await change(factory, "keys", "lock/passphrase", [version, salted]);
    await expect(openSafe("device", byPhrase, factory)).rejects.toThrow(WrongKey);
    await change(factory, "keys", "lock/passphrase", [version + 1, stored]);
    expect(await safeState("device", factory)).toEqual({ state: "newer" });
    await expect(openSafe("device", byPhrase, factory)).rejects.toThrow(Newer);
    await expect(putLock("device", byPhrase, byPhrase, factory), "a later release's lock stays").rejects.toThrow(Newer);
  });

  test("erased, it is empty", async () => {
    const factory = new IDBFactory();
    (await makeSafe("device", byPhrase, factory)).close();
    await eraseSafe("device", factory);
    expect(await safeState("device", factory)).toEqual({ state: "empty" });
  });
});

async function inStore<T>(factory: IDBFactory, store: string, ask: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = factory.open("device");
    opening.onsuccess = () => resolve(opening.result);
  });
  const request = ask(db.transaction(store).objectStore(store));
  return new Promise((resolve) => {
    request.onsuccess = () => {
      db.close();
      resolve(request.result);
    };
  });
}
const places = (factory: IDBFactory) => inStore(factory, "records", (s) => s.getAllKeys() as IDBRequest<string[]>);
const raw = (factory: IDBFactory, store: string, name: string) =>
  inStore(factory, store, (s) => s.get(name) as IDBRequest<unknown>);

describe("a passphrase", () => {
  test.each([
    "",
    "lösenord",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abcdefghijklmnopqrstuvwxyzåäö",
    "1234567890 1234567890",
    "hej hej hej hej hej hej hej",
    "Botkyrka Sara Botkyrka Sara!",
    "sommaren 2026 ok",
  ])("is too easy: %j", (text) => expect(isStrong(text, ["Sara", "Botkyrka"])).toBe(false));

  test.each([phrase, "lampa klöver tisdag grind", "kaksi vanhaa kissaa ja kuu", "x9!Kq2$vL7@pW4#tZ8"])(
    "will do: %j",
    (text) => expect(isStrong(text, ["Sara", "Botkyrka"])).toBe(true),
  );

  test("that the page suggests is strong, and never the same", () => {
    const made = Array.from({ length: 200 }, suggestPassphrase);
    expect(new Set(made).size).toBe(200);
    for (const one of made) expect(one).toMatch(/^([bdfghjklmnprstvx][aiou]){2}( ([bdfghjklmnprstvx][aiou]){2}){4}$/);
    expect(made.filter((one) => !isStrong(one, []))).toEqual([]);
  });

  test("is stretched as scrypt says, and never for less than the floor", async () => {
    // From another implementation: Python's hashlib.scrypt(b"fyra lugna ord ur en atlas", salt=bytes(32), n=2**17, r=8,
    // p=1, maxmem=2**28, dklen=32).
    expect(hex(await stretch(phrase, new Uint8Array(32), 17))).toBe(
      "172eb68f2563c86d6b45e9556f9679fa313236ff2c504729f40a581fe7372de8",
    );
    for (const cost of [0, 1, 16, 17.5, 21, Number.NaN])
      await expect(stretch(phrase, newSalt(), cost)).rejects.toThrow(RangeError);
  });
});

describe("a key", () => {
  test("cannot be taken out, and leaves nothing of what it was made from", async () => {
    const secret = output();
    const { wrapping } = await passkeyKey({ kind: "passkey", credential: utf8("c"), salt: newSalt() }, secret);
    expect(secret.every((byte) => byte === 0)).toBe(true);
    await expect(crypto.subtle.exportKey("raw", wrapping)).rejects.toThrow();
  });
});
