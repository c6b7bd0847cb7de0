import { IDBFactory } from "fake-indexeddb";
import { expect, test } from "vitest";
import { type Copy, decodeContent, newCopy, sealNext } from "../../src/conversation/mailbox/copy.ts";
import { layout } from "../../src/conversation/vault/database.ts";
import { newPassphraseKey, passphraseKey } from "../../src/conversation/vault/keys.ts";
import { makeSafe, openSafe, safeState } from "../../src/conversation/vault/safe.ts";
import { openState, sealedVersion } from "../../src/conversation/mailbox/sealed.ts";
import { mailboxForm } from "../../src/conversation/mailbox/stored.ts";
import { Group, groupForm } from "../../src/mls/group.ts";
import { Newer } from "../../src/stored/form.ts";
import { base64, fromUtf8, unbase64, utf8 } from "../../src/wire/bytes.ts";
import { makeTeam, openWith } from "../mls/world.ts";
import { goldenOf, lacks, plain } from "./files.ts";
import { copy as kept, keys, mailboxes } from "./samples.ts";

/** What lies in several places, or is sealed, or made of chance: opened from golden files, as far as it can be. */

const bytesIn = (text: string): Uint8Array => unbase64(text)!;

async function seal(copy: Copy, group: Uint8Array): Promise<Uint8Array> {
  await sealNext(copy, mailboxes[0]!, group, undefined);
  return copy.flight!.blob;
}

test.each(Array.from({ length: sealedVersion }, (_, i) => i + 1))(
  "a sealed state of form %i is opened",
  async (form) => {
    const group = utf8("a group");
    const blob = lacks("sealed", form) ? base64(await seal(newCopy(keys, kept.before), group)) : "";
    const golden = goldenOf("sealed", form, () => ({ blob, opens: plain(mailboxes[0]) }));
    const content = decodeContent((await openState(keys, 1n, bytesIn(golden.blob)))!);
    expect(plain(mailboxForm.decode(content.records.state!))).toEqual(golden.opens);
    expect(content.records.group).toEqual(group);
    expect(content.records.next).toBeUndefined();
    expect(content.before.map((one) => one.keys.locator)).toEqual(kept.before.map((one) => one.keys.locator));
    if (form < sealedVersion) return;
    const again = await openState(keys, 1n, await seal(newCopy(keys, kept.before), group));
    expect(again, "what is sealed today").toEqual(await openState(keys, 1n, bytesIn(golden.blob)));
  },
);

test("a group of real keys is opened, and stored again byte for byte", async () => {
  const { trust, visitor } = await openWith(await makeTeam(2));
  const version = groupForm.version;
  const golden = goldenOf("group-real", version, () => ({
    stored: base64(visitor.encode()),
    mailbox: plain(visitor.mailbox),
    epoch: plain(visitor.epoch),
  }));
  const group = Group.decode(bytesIn(golden.stored), trust);
  expect(plain(group.mailbox)).toBe(golden.mailbox);
  expect(plain(group.epoch)).toBe(golden.epoch);
  expect(group.encode()).toEqual(bytesIn(golden.stored));
});

const passphrase = "vinter bakom grinden sju lyktor";
const stores = ["keys", "records", "names"] as const;
type Dump = Readonly<Record<(typeof stores)[number], readonly (readonly [string, string])[]>>;

function open(factory: IDBFactory, version?: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = factory.open("device", version);
    opening.onupgradeneeded = () => {
      for (const store of stores)
        if (!opening.result.objectStoreNames.contains(store)) opening.result.createObjectStore(store);
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error("refused"));
  });
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("refused"));
  });

const frozen = (_: string, value: unknown) => (value instanceof Uint8Array ? `bytes ${base64(value)}` : value);
const thawed = (_: string, value: unknown) =>
  typeof value === "string" && value.startsWith("bytes ") ? bytesIn(value.slice(6)) : value;

/** All that the browser's files hold of a safe with one record. */
async function dumped(): Promise<Dump> {
  const factory = new IDBFactory();
  const vault = await makeSafe("device", await newPassphraseKey(passphrase), factory);
  await vault.put({ "case/ab/state": utf8("one") });
  vault.close();
  const db = await open(factory);
  const all: Record<string, [string, string][]> = {};
  for (const store of stores) {
    const at = db.transaction(store).objectStore(store);
    const [names, values] = [await settled(at.getAllKeys()), await settled(at.getAll())];
    all[store] = names.map((name, i) => [name as string, JSON.stringify(values[i], frozen)]);
  }
  db.close();
  return all as unknown as Dump;
}

async function restored(dump: Dump, version: number): Promise<IDBFactory> {
  const factory = new IDBFactory();
  const db = await open(factory, version);
  for (const store of stores)
    for (const [name, value] of dump[store])
      await settled(db.transaction(store, "readwrite").objectStore(store).put(JSON.parse(value, thawed), name));
  db.close();
  return factory;
}

test("a locked vault of every layout is opened, and one of a later release left alone", async () => {
  const fresh = lacks("safe", layout) ? await dumped() : undefined;
  const golden = goldenOf("safe", layout, () => fresh!);
  const factory = await restored(golden, layout);
  const found = await safeState("device", factory);
  if (found.state !== "locked") throw new Error(found.state);
  const [lock] = found.locks;
  if (lock?.kind !== "passphrase") throw new Error("another lock");
  const key = await passphraseKey(lock, passphrase);
  const vault = await openSafe("device", key, factory);
  expect(await vault.names("")).toEqual(["case/ab/state"]);
  expect(fromUtf8((await vault.get("case/ab/state"))!)).toBe("one");
  vault.close();

  const later = await restored(golden, layout + 1);
  await expect(openSafe("device", key, later)).rejects.toThrow(Newer);
  await expect(makeSafe("device", key, later)).rejects.toThrow(Newer);
});
