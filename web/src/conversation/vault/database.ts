import { Newer } from "../../stored/form.ts";
import { utf8 } from "../../wire/bytes.ts";

/** The databases of this browser in which vaults are, and how a value of theirs is sealed. */

/** The values. */
export const records = "records";
/** What opens them. */
export const keys = "keys";
/** What the values are called, where that is sealed as well. */
export const names = "names";

/** The version of how they are laid out. */
export const layout = 1;
const nonceLength = 12;

/** Rejects when the browser has no IndexedDB or refuses it, and with Newer where a later release has laid it out. */
export function openDatabase(name: string, factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = factory.open(name, layout);
    opening.onupgradeneeded = () => {
      const there = opening.result.objectStoreNames;
      for (const store of [records, keys, names]) if (!there.contains(store)) opening.result.createObjectStore(store);
    };
    opening.onsuccess = () => {
      // A newer page may want to change the layout: an old tab must not block it for ever.
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
    opening.onerror = () =>
      reject(
        opening.error?.name === "VersionError"
          ? new Newer("a later release has laid this store out")
          : (opening.error ?? new Error("the browser refused its store")),
      );
    opening.onblocked = () => reject(new Error("the store is open in another version"));
  });
}

export function deleteDatabase(name: string, factory: IDBFactory): Promise<void> {
  return new Promise((resolve, reject) => {
    const deleting = factory.deleteDatabase(name);
    deleting.onsuccess = () => resolve();
    deleting.onerror = () => reject(deleting.error ?? new Error("the browser refused its store"));
  });
}

export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the store did not answer"));
  });
}

/**
 * Resolves when the transaction is complete, not when its requests are: only then is it stored. What `change` throws
 * undoes it.
 */
export function write<const N extends readonly string[]>(
  db: IDBDatabase,
  stores: N,
  change: (stores: { readonly [K in keyof N]: IDBObjectStore }) => void | Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction([...stores], "readwrite", { durability: "strict" });
    let fault: unknown;
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(fault ?? transaction.error ?? new Error("the store refused"));
    const undo = (error: unknown) => {
      fault = error;
      transaction.abort();
    };
    try {
      Promise.resolve(change(stores.map((store) => transaction.objectStore(store)) as never)).catch(undo);
    } catch (error) {
      undo(error);
    }
  });
}

/** AES-256-GCM under a nonce of its own, which stands before it. `bound` must be the same to open it. */
export async function seal(key: CryptoKey, bound: string | Uint8Array, value: Uint8Array): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: bytes(bound) },
    key,
    value as BufferSource,
  );
  const all = new Uint8Array(nonceLength + sealed.byteLength);
  all.set(nonce);
  all.set(new Uint8Array(sealed), nonceLength);
  return all;
}

/** Rejects where the key, what is bound or the value is not what was sealed. */
export async function unseal(key: CryptoKey, bound: string | Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  const opened = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: sealed.slice(0, nonceLength), additionalData: bytes(bound) },
    key,
    sealed.slice(nonceLength) as BufferSource,
  );
  return new Uint8Array(opened);
}

function bytes(bound: string | Uint8Array): BufferSource {
  return (typeof bound === "string" ? utf8(bound) : bound) as BufferSource;
}
