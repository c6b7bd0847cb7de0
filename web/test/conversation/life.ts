import { Crash, type Hooks } from "../../src/conversation/mailbox/steps.ts";
import type { Vault } from "../../src/conversation/vault/vault.ts";
import { newNet } from "./net.ts";

/** One life of an engine: from being built to its crash. After the crash it can neither store nor speak. */
export function newLife(dies: (step: string) => boolean, onCrash: () => void) {
  const net = newNet();
  let dead = false;
  const hooks: Hooks = {
    at(step) {
      if (dead) throw new Crash();
      if (!dies(step)) return;
      dead = true;
      net.down = true;
      onCrash();
      throw new Crash();
    },
  };
  const mortal = (vault: Vault): Vault => {
    const alive =
      <A extends unknown[], R>(f: (...a: A) => Promise<R>) =>
      (...a: A): Promise<R> =>
        dead ? Promise.reject(new Crash()) : f(...a);
    return {
      get: alive(vault.get),
      put: alive(vault.put),
      names: alive(vault.names),
      erase: async () => undefined,
      close: () => undefined,
    };
  };
  return {
    net,
    hooks,
    mortal,
    kill: () => {
      dead = true;
      net.down = true;
    },
  };
}
