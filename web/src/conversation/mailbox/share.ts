import { type Payload, type SharedLine, encodePayload } from "../../wire/payload.ts";
import { CodecError } from "../../wire/codec.ts";
import { foldTranscript } from "../../wire/transcript.ts";
import { hex } from "../../wire/bytes.ts";
import type { MailboxContext } from "./context.ts";
import { type Item, type MailboxState, type StoredLine, addLine, bytesOf } from "./state.ts";

/** How a thread comes to those whom the visitor's client lets in later (spec §8, «Joiners»). */

type Shared = Extract<Payload, { readonly kind: "shared" }>;

/**
 * What is sent to whom the commit of entry `seq` has added: where they stand, and the thread so far in as few messages
 * as hold it.
 */
export function toJoiners(s: MailboxState, seq: number): Item[] {
  const parts: { intake: boolean; lines: string[] }[] = [{ intake: true, lines: [] }];
  for (const line of s.lines) {
    if (!sharedLine(line) || line.delivery === "waiting" || line.delivery === "failed") continue;
    const last = parts.at(-1)!;
    if (fits(s, { ...last, lines: [...last.lines, line.id] })) last.lines.push(line.id);
    else parts.push({ intake: false, lines: [line.id] });
  }
  return [{ kind: "history", seq }, ...parts.map((part) => ({ kind: "shared" as const, ...part }))];
}

export function sharedPayload(
  { s, group }: MailboxContext,
  item: Extract<Item, { readonly kind: "history" | "shared" }>,
): Payload {
  if (item.kind === "shared") return sharedOf(s, item);
  const known = s.trail.find(([seq]) => seq === item.seq);
  if (!known) throw new CodecError("no transcript for a joiner");
  const claimer = group?.claimer;
  return {
    kind: "history",
    seq: BigInt(item.seq),
    transcript: bytesOf(known[1]),
    claimer: claimer?.kind === "device" ? [claimer.device] : [],
  };
}

function sharedOf(s: MailboxState, part: { readonly intake: boolean; readonly lines: readonly string[] }): Shared {
  const { lang, answers } = part.intake && s.intake ? s.intake : { lang: "", answers: [] };
  const lines = part.lines.flatMap((id) => {
    const line = s.lines.find((l) => l.id === id);
    return (line && sharedLine(line)) ?? [];
  });
  return { kind: "shared", lang, answers, lines };
}

function sharedLine(line: StoredLine): SharedLine | undefined {
  if (line.from === "system") return undefined;
  const said = { from: line.from, alias: line.from === "staff" ? (line.alias ?? "") : "" };
  if (line.phrase) return { ...said, key: line.phrase.key, slots: line.phrase.slots };
  return line.text === undefined ? undefined : { ...said, text: line.text };
}

function fits(s: MailboxState, part: { readonly intake: boolean; readonly lines: readonly string[] }): boolean {
  try {
    encodePayload(sharedOf(s, part));
    return true;
  } catch {
    return false;
  }
}

/** Takes in a part of the thread, as what was said before the joiner came in. */
export function readShared(s: MailboxState, shared: Shared, seq: number): void {
  if (shared.lang !== "") s.intake = { lang: shared.lang, answers: shared.answers, text: "" };
  for (const [i, said] of shared.lines.entries()) {
    const words = "text" in said ? { text: said.text } : { phrase: { key: said.key, slots: said.slots } };
    addLine(s, {
      id: `${s.era}.h${seq}.${i}`,
      era: s.era,
      seq,
      shared: true,
      from: said.from,
      ...(said.from === "staff" && { alias: said.alias }),
      ...words,
    });
  }
}

/** A joiner learns T of the entry that it begins after, and with it of all that it has read since. */
export async function anchor(s: MailboxState, transcript: Uint8Array): Promise<void> {
  const { from, hashes } = s.joiner ?? { from: s.seq, hashes: [] };
  let t = transcript;
  s.trail = [[from, hex(t)]];
  for (const [i, hash] of hashes.entries()) {
    t = await foldTranscript(t, BigInt(from + i + 1), bytesOf(hash));
    s.trail = [...s.trail, [from + i + 1, hex(t)]];
  }
  s.transcript = hex(t);
  s.joiner = undefined;
}
