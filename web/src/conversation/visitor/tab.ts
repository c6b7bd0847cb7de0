import { Refusal } from "../../wire/codes.gen.ts";
import { Newer, bytesForm, isNewer } from "../../stored/form.ts";
import { base64, concat, unbase64, utf8 } from "../../wire/bytes.ts";
import { Writer, decode } from "../../wire/codec.ts";
import type { Answer, Link, Request } from "../../relay/link.ts";
import type { TabStore, Trouble } from "../api.ts";
import type { Vault } from "../vault/vault.ts";

/**
 * A conversation that outlives a reload of its tab, and nothing else (spec §8, «A reload»). The tab's storage holds the
 * state, sealed under a key made of two random halves: one beside it, the other at the relay, where it is kept for
 * minutes. Neither opens anything alone.
 */
export interface Tab {
  readonly vault: Vault;
  /** Puts the half again, so that it is kept on; resolves with what stands in the way for good. */
  hold(link: Link): Promise<Trouble | "again" | undefined>;
  /** Empties the tab's storage. */
  erase(): void;
  /** What makes the relay forget its half. */
  drop(): Request;
  /** The browser took the storage away: nothing is kept in it. */
  readonly lost: boolean;
}

/** How often the half is put anew: well within the time that the relay keeps it. */
export const holdEvery = 180_000;

interface Place {
  readonly locator: Uint8Array;
  readonly capability: Uint8Array;
  readonly here: Uint8Array;
  readonly there: Uint8Array;
}

/** For a store that is new to this. `lost` is called where the browser takes the storage away. */
export async function newTab(store: TabStore, lost: () => void): Promise<Tab> {
  const random = () => crypto.getRandomValues(new Uint8Array(32));
  const place = { locator: random(), capability: random(), here: random(), there: random() };
  return tabAt(store, place, await keyOf(place), 0n, [], lost);
}

/**
 * What a tab's storage holds; "again" where only the network is in the way, undefined where nothing opens it. Rejects
 * with Newer.
 */
export async function reopenTab(store: TabStore, link: Link, lost: () => void): Promise<Tab | "again" | undefined> {
  const kept = readKept(store.get());
  if (!kept) return undefined;
  let answer: Answer;
  try {
    answer = await link.request({ kind: "get", locator: kept.locator });
  } catch {
    return "again";
  }
  if (answer.kind === "refused" && (answer.code === Refusal.busy || answer.code === Refusal.unavailable))
    return "again";
  if (answer.kind !== "blob" || answer.blob.length !== 32) return undefined;
  const place = { ...kept, there: answer.blob };
  const key = await keyOf(place);
  const records = await openRecords(key, kept.sealed);
  return records && tabAt(store, place, key, answer.version, records, lost);
}

function tabAt(
  store: TabStore,
  place: Place,
  key: CryptoKey,
  known: bigint,
  first: readonly (readonly [string, Uint8Array])[],
  lost: () => void,
): Tab {
  const records = new Map(first);
  let version = known;
  let dead = false;

  function erase(): void {
    // What has been taken away, another tab's state may lie in by now.
    if (!dead) store.erase();
    dead = true;
    for (const value of records.values()) value.fill(0);
    records.clear();
    for (const secret of [place.here, place.there, place.capability]) secret.fill(0);
  }

  const vault: Vault = {
    async get(name) {
      return records.get(name)?.slice();
    },
    async put(changes) {
      for (const [name, value] of Object.entries(changes)) {
        if (value) records.set(name, value.slice());
        else records.delete(name);
      }
      if (dead) return;
      const sealed = await sealRecords(key, [...records]);
      // Leaving empties the store while this is under way.
      if (dead) return;
      try {
        store.set(base64(tabForm.encode({ ...place, sealed })));
      } catch {
        // An older state would be taken for this one after a reload: better none.
        dead = true;
        store.erase();
        lost();
      }
    },
    async names(prefix) {
      return [...records.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
    async erase() {
      erase();
    },
    close() {},
  };

  return {
    vault,
    erase,
    get lost() {
      return dead;
    },
    drop: () => ({ kind: "drop", locator: place.locator.slice(), capability: place.capability.slice() }),
    async hold(link) {
      const next = version + 1n;
      try {
        const answer = await link.request({
          kind: "put",
          locator: place.locator,
          capability: place.capability,
          version: next,
          keep: 0,
          blob: place.there,
        });
        if (answer.kind === "ready") version = next;
        else if (answer.kind === "refused") {
          if (answer.code === Refusal.full) return "full";
          // An answer that was lost, or an expiry: from what the relay has.
          if (answer.code === Refusal.stale) version = answer.detail;
          if (answer.code === Refusal.no_blob) version = 0n;
          return "again";
        }
        return undefined;
      } catch {
        return "again";
      }
    },
  };
}

type Kept = Omit<Place, "there"> & { readonly sealed: Uint8Array };

export const tabForm = bytesForm<Kept>("tab", {
  put: (w, kept) => w.fixed(kept.locator, 32).fixed(kept.capability, 32).fixed(kept.here, 32).opaque(kept.sealed),
  get: (r) => ({ locator: r.fixed(32), capability: r.fixed(32), here: r.fixed(32), sealed: r.opaque() }),
});

/** Whether a later release keeps a conversation there. */
export function isLater(store: TabStore): boolean {
  const bytes = unbase64(store.get() ?? "");
  return bytes !== undefined && isNewer(tabForm, bytes);
}

/** Throws Newer. */
function readKept(value: string | undefined): Kept | undefined {
  try {
    return tabForm.decode(unbase64(value ?? "") ?? new Uint8Array());
  } catch (error) {
    if (error instanceof Newer) throw error;
    return undefined;
  }
}

const label = utf8("utvag.1 tab");
const nonceLength = 12;

async function keyOf({ here, there }: Place): Promise<CryptoKey> {
  const both = concat(here, there);
  const base = await crypto.subtle.importKey("raw", both as BufferSource, "HKDF", false, ["deriveKey"]);
  both.fill(0);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: label as BufferSource },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

async function sealRecords(key: CryptoKey, records: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array> {
  const plain = new Writer().vector(records, (w, [name, value]) => w.text(name).opaque(value)).bytes();
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, plain as BufferSource);
  plain.fill(0);
  return concat(nonce, new Uint8Array(sealed));
}

async function openRecords(key: CryptoKey, sealed: Uint8Array): Promise<[string, Uint8Array][] | undefined> {
  try {
    const iv = sealed.slice(0, nonceLength);
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: iv as BufferSource },
      key,
      sealed.slice(nonceLength) as BufferSource,
    );
    return decode(new Uint8Array(plain), (r) => r.vector((v): [string, Uint8Array] => [v.text(), v.opaque()]));
  } catch {
    return undefined;
  }
}
