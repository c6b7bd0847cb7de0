import { keys, openDatabase, records, seal, settled, unseal, write } from "./database.ts";

/**
 * Where an engine keeps its state between crashes. Names are short and hold no secret; values are bytes.
 * A rejected promise means that nothing of that call was stored.
 */
export interface Vault {
  get(name: string): Promise<Uint8Array | undefined>;
  /** Stores and erases (undefined) all of these or none. */
  put(records: Readonly<Record<string, Uint8Array | undefined>>): Promise<void>;
  /** Names that begin with the prefix, sorted. */
  names(prefix: string): Promise<string[]>;
  /** Erases everything, the sealing key too. */
  erase(): Promise<void>;
  close(): void;
}

/** Keeps everything in this page's memory: a visitor's phone stores nothing. */
export function memoryVault(): Vault {
  const records = new Map<string, Uint8Array>();
  return {
    async get(name) {
      return records.get(name)?.slice();
    },
    async put(changes) {
      for (const [name, value] of Object.entries(changes)) {
        records.get(name)?.fill(0);
        if (value) records.set(name, value.slice());
        else records.delete(name);
      }
    },
    async names(prefix) {
      return [...records.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
    async erase() {
      for (const value of records.values()) value.fill(0);
      records.clear();
    },
    close() {},
  };
}

/** A vault that can be exchanged for another while it is in use. */
export interface MovableVault extends Vault {
  /** Takes everything over to `to`, and erases it here. */
  move(to: Vault): Promise<void>;
}

export function movableVault(first: Vault): MovableVault {
  let at = first;
  let erased = false;
  let line: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = line.then(work);
    line = done.catch(() => undefined);
    return done;
  }
  return {
    get: (name) => inTurn(() => at.get(name)),
    put: (changes) => inTurn(async () => void (erased || (await at.put(changes)))),
    names: (prefix) => inTurn(() => at.names(prefix)),
    // Not in turn: what is forgotten is forgotten now.
    erase() {
      erased = true;
      return at.erase();
    },
    close: () => at.close(),
    move: (to) =>
      inTurn(async () => {
        if (erased) return to.erase();
        const from = at;
        const all: Record<string, Uint8Array | undefined> = {};
        for (const name of await from.names("")) all[name] = await from.get(name);
        await to.put(all);
        at = to;
        await from.erase();
      }),
  };
}

/**
 * A vault in IndexedDB, one database for each name. Every value is sealed with AES-256-GCM under a key that the browser
 * keeps and does not hand out; the record's name is bound in, so that records cannot be exchanged. It keeps no secret
 * from whoever has the profile's files: that is what `safe.ts` is for. Rejects when the browser has no IndexedDB or
 * refuses it.
 */
export async function browserVault(name: string, factory: IDBFactory = globalThis.indexedDB): Promise<Vault> {
  const db = await openDatabase(name, factory);
  const key = await sealingKey(db);
  return {
    async get(record) {
      const store = db.transaction(records).objectStore(records);
      const sealed = (await settled(store.get(record))) as Uint8Array | undefined;
      return sealed && unseal(key, record, sealed);
    },
    async put(changes) {
      const sealed = await Promise.all(
        Object.entries(changes).map(
          async ([record, value]) => [record, value && (await seal(key, record, value))] as const,
        ),
      );
      await write(db, [records], ([store]) => {
        for (const [record, value] of sealed) {
          if (value) store.put(value, record);
          else store.delete(record);
        }
      });
    },
    async names(prefix) {
      const store = db.transaction(records).objectStore(records);
      const all = (await settled(store.getAllKeys())) as string[];
      return all.filter((n) => n.startsWith(prefix)).sort();
    },
    async erase() {
      await write(db, [records, keys], ([values, sealing]) => {
        values.clear();
        sealing.clear();
      });
      db.close();
    },
    close() {
      db.close();
    },
  };
}

/** The key is made once; `add` refuses a second one, so that two tabs that start together end with the same. */
async function sealingKey(db: IDBDatabase): Promise<CryptoKey> {
  const read = async () => (await settled(db.transaction(keys).objectStore(keys).get("seal"))) as CryptoKey | undefined;
  const known = await read();
  if (known) return known;
  if ((await settled(db.transaction(keys).objectStore(keys).count())) > 0) throw new Error("the vault is locked");
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await write(db, [keys], ([store]) => void store.add(made, "seal"));
    return made;
  } catch (error) {
    const other = await read();
    if (!other) throw error;
    return other;
  }
}
