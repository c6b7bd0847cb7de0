import { IDBFactory } from "fake-indexeddb";
import { describe, expect, test } from "vitest";
import { type Vault, browserVault, memoryVault } from "../../src/conversation/vault/vault.ts";
import { fromUtf8, utf8 } from "../../src/wire/bytes.ts";

const kinds: [string, () => Promise<Vault>][] = [
  ["memory", async () => memoryVault()],
  ["browser", () => browserVault("test", new IDBFactory())],
];

describe.each(kinds)("%s vault", (_, make) => {
  test("keeps, replaces and erases records", async () => {
    const vault = await make();
    await vault.put({ "case/a": utf8("one"), "case/b": utf8("two"), other: utf8("three") });
    await vault.put({ "case/a": utf8("four"), "case/b": undefined });
    expect(fromUtf8((await vault.get("case/a"))!)).toBe("four");
    expect(await vault.get("case/b")).toBeUndefined();
    expect(await vault.names("case/")).toEqual(["case/a"]);
    expect(await vault.names("")).toEqual(["case/a", "other"]);
  });

  test("gives copies: whoever overwrites what it got changes nothing", async () => {
    const vault = await make();
    const value = utf8("secret");
    await vault.put({ a: value });
    value.fill(0);
    (await vault.get("a"))!.fill(0);
    expect(fromUtf8((await vault.get("a"))!)).toBe("secret");
  });
});

/** Everything that a database holds, as it lies there. */
async function raw(factory: IDBFactory, name: string): Promise<Map<string, Uint8Array>> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = factory.open(name);
    opening.onsuccess = () => resolve(opening.result);
  });
  const store = db.transaction("records").objectStore("records");
  const get = <T>(r: IDBRequest<T>) => new Promise<T>((resolve) => (r.onsuccess = () => resolve(r.result)));
  const [names, values] = await Promise.all([get(store.getAllKeys()), get(store.getAll())]);
  db.close();
  return new Map(names.map((n, i) => [n as string, values[i] as Uint8Array]));
}

describe("browser vault", () => {
  test("stores nothing readable, and the same value never twice alike", async () => {
    const factory = new IDBFactory();
    const vault = await browserVault("test", factory);
    await vault.put({ a: utf8("my brother owes them money"), b: utf8("my brother owes them money") });
    const records = await raw(factory, "test");
    expect(records.size).toBe(2);
    for (const value of records.values()) expect(fromLatin(value)).not.toContain("brother");
    expect(fromLatin(records.get("a")!)).not.toBe(fromLatin(records.get("b")!));
  });

  test("refuses a record that was exchanged or changed", async () => {
    const factory = new IDBFactory();
    const vault = await browserVault("test", factory);
    await vault.put({ a: utf8("one"), b: utf8("two") });
    const records = await raw(factory, "test");
    await overwrite(factory, "a", records.get("b")!);
    await expect(vault.get("a")).rejects.toThrow();
    const bent = records.get("b")!.slice();
    bent[bent.length - 1]! ^= 1;
    await overwrite(factory, "b", bent);
    await expect(vault.get("b")).rejects.toThrow();
  });

  test("two tabs that start together share one key, which cannot be taken out", async () => {
    const factory = new IDBFactory();
    const [a, b] = await Promise.all([browserVault("test", factory), browserVault("test", factory)]);
    await a.put({ x: utf8("from a") });
    expect(fromUtf8((await b.get("x"))!)).toBe("from a");
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = factory.open("test");
      opening.onsuccess = () => resolve(opening.result);
    });
    const key = await new Promise<CryptoKey>((resolve) => {
      const r = db.transaction("keys").objectStore("keys").get("seal");
      r.onsuccess = () => resolve(r.result as CryptoKey);
    });
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  });

  test("a put that fails stores none of its records", async () => {
    const factory = new IDBFactory();
    const vault = await browserVault("test", factory);
    await vault.put({ a: utf8("before") });
    vault.close();
    await expect(vault.put({ a: utf8("after"), b: utf8("new") })).rejects.toThrow();
    const again = await browserVault("test", factory);
    expect(fromUtf8((await again.get("a"))!)).toBe("before");
    expect(await again.get("b")).toBeUndefined();
  });

  test("erase leaves neither records nor key", async () => {
    const factory = new IDBFactory();
    const vault = await browserVault("test", factory);
    await vault.put({ a: utf8("one") });
    const before = await raw(factory, "test");
    await vault.erase();
    expect((await raw(factory, "test")).size).toBe(0);
    const again = await browserVault("test", factory);
    await again.put({ b: utf8("two") });
    await overwrite(factory, "a", before.get("a")!);
    await expect(again.get("a")).rejects.toThrow();
  });
});

async function overwrite(factory: IDBFactory, name: string, value: Uint8Array): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = factory.open("test");
    opening.onsuccess = () => resolve(opening.result);
  });
  await new Promise<void>((resolve) => {
    const transaction = db.transaction("records", "readwrite");
    transaction.objectStore("records").put(value, name);
    transaction.oncomplete = () => resolve();
  });
  db.close();
}

function fromLatin(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
