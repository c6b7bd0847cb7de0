import type { Case } from "../conversation/api.ts";
import { chooseEd25519 } from "../mls/ed25519.ts";
import { readKey } from "../mls/notekey.ts";
import { list, pair, text, whole } from "../stored/check.ts";
import { Newer, jsonForm } from "../stored/form.ts";
import { unbase64, utf8 } from "../wire/bytes.ts";

/** Seconds: how long after its minute a mark is one, and how much earlier a clock may be (spec §8.6). */
const lasts = 15 * 60;
const ahead = 2 * 60;

const form = /^utvag-probe ([a-z0-9-]{1,40}) ([1-9][0-9]{0,9}) ([0-9a-f]{32}) ([A-Za-z0-9+/]{86}==)$/;

export interface Mark {
  readonly nonce: string;
  /** Unix seconds after which it is none. */
  readonly until: number;
}

/** The mark of a probe; undefined: whoever wrote this is a person. The twin of Check in intake/probe. */
export async function readMark(
  text: string,
  o: { readonly kommun: string; readonly key: string; readonly now: number },
): Promise<Mark | undefined> {
  const [, kommun, digits, nonce, encoded] = form.exec(text) ?? [];
  const signature = unbase64(encoded ?? "");
  if (kommun !== o.kommun || nonce === undefined || !signature) return undefined;
  const minute = Number(digits) * 60;
  if (o.now < minute - ahead || o.now > minute + lasts) return undefined;
  const key = await readKey(o.key, `probe.${o.kommun}`);
  if (!key) return undefined;
  const good = await (await chooseEd25519()).verify(
    key,
    utf8(`utvag.1 probe\n${kommun}\n${digits}\n${nonce}\n`),
    signature,
  );
  return good ? { nonce, until: minute + lasts + ahead } : undefined;
}

/** Whether the visitor has written nothing but the first message: a probe writes no other. */
export function onlyFirst(one: Pick<Case, "lines">): boolean {
  return one.lines.filter(({ from }) => from === "visitor").length <= 1;
}

const place = "probes";

/** Nonces that were met, with the second after which each is none. */
export const probesForm = jsonForm<readonly (readonly [string, number])[]>("probes", list(pair(text, whole)));

/** Tells probes from persons. Each mark counts for the one conversation in which this device met it first. */
export interface Probes {
  /** Answers the same for a conversation each time. */
  judge(one: Pick<Case, "id" | "intake">, now: number): Promise<boolean>;
}

/** What the page knows of the probes among its conversations. */
export interface Probing {
  readonly ids: ReadonlySet<string>;
  /** Claims and answers. */
  readonly acknowledge: (id: string) => void;
}

/**
 * `storage` remembers nonces past a reload, for as long as their marks hold, and no conversation with them: what cannot
 * be told from a copy after a reload counts as a person.
 */
export function newProbes(o: {
  readonly kommun: string;
  readonly key: string | undefined;
  readonly storage: () => Pick<Storage, "getItem" | "setItem">;
}): Probes {
  const judged = new Map<string, Promise<boolean>>();

  function meet(mark: Mark, now: number): boolean {
    try {
      const kept = read(o.storage().getItem(place)).filter(([, until]) => until >= now);
      if (kept.some(([nonce]) => nonce === mark.nonce)) return false;
      o.storage().setItem(place, probesForm.encode([...kept, [mark.nonce, mark.until]]));
      return true;
    } catch {
      // A browser that remembers nothing could be shown a copy; what a later release remembers is left to it.
      return false;
    }
  }

  return {
    judge({ id, intake }, now) {
      if (!intake || o.key === undefined) return Promise.resolve(false);
      const { key } = o;
      const before = judged.get(id);
      if (before !== undefined) return before;
      const verdict = readMark(intake.text, { kommun: o.kommun, key, now }).then(
        (mark) => mark !== undefined && meet(mark, now),
      );
      judged.set(id, verdict);
      return verdict;
    },
  };
}

/** Throws Newer; what is none of ours counts as nothing. */
function read(stored: string | null): readonly (readonly [string, number])[] {
  try {
    return stored === null ? [] : probesForm.decode(stored);
  } catch (error) {
    if (error instanceof Newer) throw error;
    return [];
  }
}
