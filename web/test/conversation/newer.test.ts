import { expect, test } from "vitest";
import { lookUp } from "../../src/conversation/visitor/returning.ts";
import { judgeRecords } from "../../src/conversation/mailbox/records.ts";
import { type TabKeeper, newTabKeeper } from "../../src/conversation/visitor/tabkeeper.ts";
import { type MovableVault, memoryVault, movableVault } from "../../src/conversation/vault/vault.ts";
import type { Answer, Link, Request } from "../../src/relay/link.ts";
import { Newer } from "../../src/stored/form.ts";
import { base64, unbase64, unhex, utf8 } from "../../src/wire/bytes.ts";
import { cases } from "../wire/vectors.ts";
import { tabStore } from "./world.ts";
import { freshState } from "../../src/conversation/mailbox/state.ts";
import { mailboxForm } from "../../src/conversation/mailbox/stored.ts";

/** What a later release has stored, met by this one: it is named, and lies there afterwards as before. */

const fields = ["name", "locator", "key", "version", "blob", "content", "error", "newer"];

test.each([
  ["of-a-later-form", "bug"],
  ["of-no-form", "lost"],
  ["changed", "lost"],
])("a sealed state %s is %s", async (name, trouble) => {
  const c = cases("sealed", fields).find((one) => one.name === name)!;
  const bytes = (field: string) => unhex(c[field] as string)!;
  const asked: Request["kind"][] = [];
  const link = {
    request: async (request: Request) => {
      asked.push(request.kind);
      return { kind: "blob", ref: 1, version: BigInt(c["version"] as string), blob: bytes("blob") } as Answer;
    },
  } as Link;
  const keys = { locator: bytes("locator"), capability: new Uint8Array(32), key: bytes("key") };
  expect(await lookUp(link, keys)).toEqual({ trouble });
  expect(asked, "nothing is put in its place").toEqual(["get"]);
});

interface Tab {
  readonly keeper: TabKeeper;
  readonly vault: MovableVault;
}

/** A relay that keeps what is put, and tabs before it. */
function relay(): { tab(): Tab } {
  let blob = new Uint8Array();
  const link = {
    up: true,
    ask: () => undefined,
    close: () => undefined,
    request: async (request: Request): Promise<Answer> => {
      if (request.kind === "put") blob = request.blob.slice();
      return request.kind === "get" ? { kind: "blob", ref: 1, version: 1n, blob } : { kind: "ready", ref: 1 };
    },
  } as unknown as Link;
  return {
    tab() {
      const vault = movableVault(memoryVault());
      const keeper = newTabKeeper({
        link,
        vault,
        at: async () => undefined,
        again: 1,
        reach: async () => true,
        over: () => false,
        changed: () => undefined,
        readable: (held) => judgeRecords(held, ""),
      });
      return { keeper, vault };
    },
  };
}

async function reloaded(state: Uint8Array) {
  const { tab } = relay();
  const before = tab();
  await before.vault.put({ state });
  const store = tabStore();
  expect(await before.keeper.begin(store)).toBeUndefined();
  return { after: tab(), store, kept: store.value };
}

test("a tab goes on with what this release has stored in it", async () => {
  const state = mailboxForm.encode(freshState({ id: "ab", side: "visitor", era: 0, since: 0, capability: "" }));
  const { after, store } = await reloaded(state);
  expect(await after.keeper.reopen(store)).toBe(true);
  expect(await after.vault.get("state")).toEqual(state);
});

test("a conversation that a later release keeps in a tab stays there", async () => {
  const { after, store, kept } = await reloaded(utf8('[99,{"hello":1}]'));
  await expect(after.keeper.reopen(store)).rejects.toThrow(Newer);
  expect(store.value).toBe(kept);
  expect(await after.vault.names("")).toEqual([]);
});

test("a tab that a later release has laid out is left, and nothing else is kept in its place", async () => {
  const { after, kept } = await reloaded(utf8("any"));
  const bytes = unbase64(kept!)!;
  bytes[0] = 99;
  const store = tabStore(base64(bytes));
  await expect(after.keeper.reopen(store)).rejects.toThrow(Newer);
  expect(await after.keeper.begin(store)).toBe("bug");
  expect(store.value).toBe(base64(bytes));
});

test("what is damaged opens nothing, and goes", async () => {
  const { after, kept } = await reloaded(utf8("any"));
  const store = tabStore(kept!.slice(0, -8));
  expect(await after.keeper.reopen(store)).toBe(false);
  expect(store.value).toBeUndefined();
});
