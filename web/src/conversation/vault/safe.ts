import { Newer } from "../../stored/form.ts";
import { concat, fromUtf8, hex, utf8 } from "../../wire/bytes.ts";
import { deleteDatabase, keys, names, openDatabase, records, seal, settled, unseal, write } from "./database.ts";
import { type Key, type Lock, type Wrapped, WrongKey, lockForm, unwrap, wrap } from "./keys.ts";
import { type Vault, browserVault } from "./vault.ts";

/**
 * A device's vault, locked. A secret of 32 bytes, which lies here only wrapped, gives the keys to values and to their
 * names: the files of the browser show how many records there are, how large each is, and what would fit the locks.
 */

/**
 * empty: nothing lies under that name. bare: a vault that nobody has locked yet. damaged: locked, but not by a lock
 * that can be read. newer: a later release has locked it.
 */
export type SafeState =
  | { readonly state: "empty" | "bare" | "damaged" | "newer" }
  | { readonly state: "locked"; readonly locks: readonly Lock[] };

const place = (kind: Lock["kind"]) => `lock/${kind}`;

export async function safeState(name: string, factory: IDBFactory = globalThis.indexedDB): Promise<SafeState> {
  return within(name, factory, async (db) => {
    let locks: readonly Lock[];
    try {
      locks = (await wrapsIn(db)).map(({ lock }) => lock);
    } catch (error) {
      if (error instanceof Newer) return { state: "newer" };
      throw error;
    }
    if (locks.length > 0) return { state: "locked", locks };
    // A lock that cannot be read locks, all the same.
    const there = await settled(db.transaction(keys).objectStore(keys).getAllKeys());
    return { state: there.includes("seal") ? "bare" : there.length > 0 ? "damaged" : "empty" };
  });
}

/**
 * Locks an empty or a bare vault. What a bare one holds is taken over, all of it or, where it rejects, none. Nobody
 * else may use it meanwhile.
 */
export async function makeSafe(name: string, key: Key, factory: IDBFactory = globalThis.indexedDB): Promise<Vault> {
  const old = new Map<string, Uint8Array>();
  if ((await safeState(name, factory)).state === "bare") {
    const bare = await browserVault(name, factory);
    for (const record of await bare.names("")) old.set(record, (await bare.get(record))!);
    bare.close();
  }
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const inner = await innerKeys(name, secret);
  const wrapped = await wrap(name, key, secret);
  secret.fill(0);
  const sealed = await Promise.all([...old].map(([record, value]) => sealRecord(inner, record, value)));
  for (const value of old.values()) value.fill(0);
  const db = await openDatabase(name, factory);
  await write(db, [keys, records, names], async ([locks, values, called]) => {
    const there = (await settled(locks.getAllKeys())) as string[];
    if (there.some((one) => one.startsWith("lock/"))) throw new Error("the vault has a lock");
    for (const store of [locks, values, called]) store.clear();
    locks.put(lockForm.encode(wrapped), place(key.lock.kind));
    for (const one of sealed) {
      values.put(one.value, one.at);
      called.put(one.name, one.at);
    }
  });
  return lockable(db, inner);
}

/** Rejects with WrongKey where the key does not fit. */
export async function openSafe(name: string, key: Key, factory: IDBFactory = globalThis.indexedDB): Promise<Vault> {
  const db = await openDatabase(name, factory);
  try {
    const secret = await secretOf(name, db, key);
    const inner = await innerKeys(name, secret);
    secret.fill(0);
    return lockable(db, inner);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Puts a lock on, in the place of the one of its kind. `proof` fits one that is on it. */
export async function putLock(
  name: string,
  proof: Key,
  key: Key,
  factory: IDBFactory = globalThis.indexedDB,
): Promise<void> {
  await within(name, factory, async (db) => {
    const secret = await secretOf(name, db, proof);
    const wrapped = await wrap(name, key, secret);
    secret.fill(0);
    await write(db, [keys], ([store]) => void store.put(lockForm.encode(wrapped), place(key.lock.kind)));
  });
}

/** Takes a lock off; the last one stays. */
export async function takeLock(
  name: string,
  kind: Lock["kind"],
  factory: IDBFactory = globalThis.indexedDB,
): Promise<void> {
  await within(name, factory, (db) =>
    write(db, [keys], async ([store]) => {
      if ((await settled(store.count())) < 2) throw new Error("the last lock stays");
      store.delete(place(kind));
    }),
  );
}

/** Erases a vault, locked or not. */
export function eraseSafe(name: string, factory: IDBFactory = globalThis.indexedDB): Promise<void> {
  return deleteDatabase(name, factory);
}

async function within<T>(name: string, factory: IDBFactory, work: (db: IDBDatabase) => Promise<T>): Promise<T> {
  const db = await openDatabase(name, factory);
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/** Those that can be read. Rejects with Newer where a later release has put one on. */
async function wrapsIn(db: IDBDatabase): Promise<readonly Wrapped[]> {
  const all: unknown[] = await settled(db.transaction(keys).objectStore(keys).getAll());
  return all.flatMap((one) => {
    try {
      return [lockForm.decode(one)];
    } catch (error) {
      if (error instanceof Newer) throw error;
      return [];
    }
  });
}

async function secretOf(name: string, db: IDBDatabase, key: Key): Promise<Uint8Array> {
  const wrapped = (await wrapsIn(db)).find(({ lock }) => lock.kind === key.lock.kind);
  if (!wrapped) throw new WrongKey("the vault has no such lock");
  return unwrap(name, key, wrapped);
}

interface InnerKeys {
  readonly values: CryptoKey;
  readonly names: CryptoKey;
}

async function innerKeys(name: string, secret: Uint8Array): Promise<InnerKeys> {
  const base = await crypto.subtle.importKey("raw", secret as BufferSource, "HKDF", false, ["deriveKey"]);
  const way = (info: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: utf8(name) as BufferSource,
    info: utf8(info) as BufferSource,
  });
  return {
    values: await crypto.subtle.deriveKey(way("utvag.1 vault values"), base, { name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]),
    names: await crypto.subtle.deriveKey(
      way("utvag.1 vault names"),
      base,
      { name: "HMAC", hash: "SHA-256", length: 256 },
      false,
      ["sign"],
    ),
  };
}

async function placeOf(inner: InnerKeys, record: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", inner.names, utf8(record) as BufferSource)));
}

async function sealRecord(inner: InnerKeys, record: string, value: Uint8Array) {
  const at = await placeOf(inner, record);
  return {
    at,
    value: await seal(inner.values, boundTo(at, "value"), value),
    name: await seal(inner.values, boundTo(at, "name"), utf8(record)),
  };
}

function boundTo(at: string, what: "value" | "name"): Uint8Array {
  return concat(utf8(`${what} `), utf8(at));
}

/** An open vault. Closed, it holds no key any more, and everything asked of it rejects. */
function lockable(db: IDBDatabase, opened: InnerKeys): Vault {
  let inner: InnerKeys | undefined = opened;
  const current = (): InnerKeys => {
    if (!inner) throw new Error("the vault is locked");
    return inner;
  };
  return {
    async get(record) {
      const held = current();
      const at = await placeOf(held, record);
      const sealed = (await settled(db.transaction(records).objectStore(records).get(at))) as Uint8Array | undefined;
      return sealed && unseal(held.values, boundTo(at, "value"), sealed);
    },
    async put(changes) {
      const held = current();
      const made = await Promise.all(
        Object.entries(changes).map(async ([record, value]) =>
          value ? sealRecord(held, record, value) : placeOf(held, record),
        ),
      );
      await write(db, [records, names], ([values, called]) => {
        for (const one of made) {
          if (typeof one === "string") {
            values.delete(one);
            called.delete(one);
          } else {
            values.put(one.value, one.at);
            called.put(one.name, one.at);
          }
        }
      });
    },
    async names(prefix) {
      const held = current();
      const store = db.transaction(names).objectStore(names);
      const [places, sealed] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
      const all = await Promise.all(
        sealed.map(async (one, i) =>
          fromUtf8(await unseal(held.values, boundTo(places[i] as string, "name"), one as Uint8Array)),
        ),
      );
      return all.filter((one) => one.startsWith(prefix)).sort();
    },
    async erase() {
      inner = undefined;
      await write(db, [records, names, keys], (stores) => stores.forEach((store) => void store.clear()));
      db.close();
    },
    close() {
      inner = undefined;
      db.close();
    },
  };
}
