import type { Link, Request } from "../../relay/link.ts";
import type { TabStore, Trouble } from "../api.ts";
import { pause } from "../mailbox/steps.ts";
import { type Tab, holdEvery, isLater, newTab, reopenTab } from "./tab.ts";
import { type MovableVault, type Vault, memoryVault } from "../vault/vault.ts";

/** Whether the conversation outlives a reload of this tab, and what is to be done for it while it does. */
export interface TabKeeper {
  readonly on: boolean;
  /** Resolves once it stays, or with what stands in the way. */
  begin(store: TabStore): Promise<Trouble | undefined>;
  /** Not any more: nothing is left in the tab, nor at the relay. */
  end(): Promise<undefined>;
  /**
   * Moves what the store holds into the vault; false where nothing opens it, and the store is empty then. Waits for the
   * network. Rejects with Newer where a later release has stored it, and leaves it there.
   */
  reopen(store: TabStore): Promise<boolean>;
  /** What makes the relay forget its half. */
  lastRequests(): Request[];
  /** Empties the tab's storage, in one task. */
  forget(): void;
}

export function newTabKeeper(o: {
  readonly link: Link;
  readonly vault: MovableVault;
  readonly at: (step: string) => Promise<void>;
  /** Milliseconds before a request is made again. */
  readonly again: number;
  /** Brings the link up; false when it does not come. */
  readonly reach: () => Promise<boolean>;
  /** The conversation is over: nothing need stay. */
  readonly over: () => boolean;
  readonly changed: () => void;
  /** Rejects with Newer where a later release has stored any of it. */
  readonly readable: (vault: Vault) => Promise<void>;
}): TabKeeper {
  let tab: Tab | undefined;
  let holding: ReturnType<typeof setInterval> | undefined;

  /** Put until the relay has it. */
  async function hold(held: Tab): Promise<Trouble | undefined> {
    for (;;) {
      await o.at("half.begun");
      const found = await held.hold(o.link);
      await o.at("half.put");
      if (found !== "again") return found;
      if (o.over()) return "lost";
      await pause(o.again);
    }
  }

  function settle(held: Tab): void {
    tab = held;
    clearInterval(holding);
    holding = setInterval(() => void (tab === held && o.link.up && held.hold(o.link)), holdEvery);
    o.changed();
  }

  function forget(): void {
    clearInterval(holding);
    tab?.erase();
    tab = undefined;
  }

  /** Nothing stays any more; the conversation goes on. */
  function release(held: Tab): void {
    clearInterval(holding);
    if (o.link.up) o.link.ask(held.drop(), () => undefined);
    tab = undefined;
    o.changed();
  }

  return {
    get on() {
      return tab !== undefined;
    },
    async begin(store) {
      if (tab) return undefined;
      if (o.over()) return "lost";
      if (isLater(store)) return "bug";
      const made = await newTab(store, () => tab && release(tab));
      const trouble = await hold(made);
      if (trouble || o.over()) {
        made.erase();
        return trouble ?? "lost";
      }
      await o.vault.move(made.vault);
      await o.at("tab.moved");
      if (o.over()) {
        made.erase();
        return "lost";
      }
      if (made.lost) {
        release(made);
        return "unsupported";
      }
      settle(made);
      return undefined;
    },
    async end() {
      if (!tab) return undefined;
      release(tab);
      await o.vault.move(memoryVault());
      return undefined;
    },
    async reopen(store) {
      while (store.get() !== undefined) {
        const found = (await o.reach()) ? await reopenTab(store, o.link, () => tab && release(tab)) : "again";
        await o.at("resume.found");
        if (o.over()) return false;
        if (found === "again") {
          await pause(o.again);
          continue;
        }
        if (!found) {
          store.erase();
          o.link.close();
          return false;
        }
        await o.readable(found.vault);
        await o.vault.move(found.vault);
        settle(found);
        return true;
      }
      return false;
    },
    lastRequests: () => (tab ? [tab.drop()] : []),
    forget,
  };
}
