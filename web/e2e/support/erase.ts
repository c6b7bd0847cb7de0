import { rmSync } from "node:fs";
import { setTimeout as passed } from "node:timers/promises";

/**
 * Deletes a folder into which the last process of a browser that was killed may still write. rmSync's own retries do
 * not look again at what there is, so that one new file makes all of them fail.
 */
export async function erase(folder: string): Promise<void> {
  for (let more = 100; ; more--) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (e) {
      if (more === 0) throw e;
      await passed(100);
    }
  }
}
