import { Group } from "../../mls/group.ts";
import { type Joiner, checkKeyPackage } from "../../mls/keypackage.ts";
import type { Trust } from "../../mls/library.ts";
import { PolicyError } from "../../mls/policy.ts";
import { hex } from "../../wire/bytes.ts";
import { Limit } from "../../wire/codes.gen.ts";
import { encodePayload } from "../../wire/payload.ts";
import type { Intake, Trouble } from "../api.ts";
import { type DirectoryClient, intakeDevices } from "../directory/directory.ts";
import { type MailboxState, bytesOf, changeLine, freshState, messageText, write } from "../mailbox/state.ts";

/** A conversation that has not been opened yet: its capability is drawn, and what was written is in it. */
export function draft(intake: Intake, kind: "live" | "message", id: string, now: number): MailboxState {
  const s = blank(0, id, now);
  s.intake = intake;
  const retention = kind === "message" ? 1 : 0;
  s.opening = intake.text === "" ? { retention } : { retention, line: write(s, { text: intake.text }) };
  unqueueOpening(s);
  return s;
}

/**
 * The successor of a conversation that broke: the same intake, and every own line that nobody has confirmed (spec
 * §7.5).
 */
export function successor(old: MailboxState, id: string, now: number): MailboxState {
  const s = blank(old.era + 1, id, now);
  s.written = old.written;
  s.intake = old.intake;
  s.opening = old.opening;
  s.only = old.only;
  s.lines = old.lines;
  for (const line of old.lines) {
    if (line.from !== "visitor" || line.delivery === undefined) continue;
    // The first text goes with the intake even where it was confirmed: whoever answers now has not read it.
    if (line.delivery === "received" && line.id !== old.opening?.line) continue;
    const { seq: _, ...rest } = line;
    s.lines = s.lines.filter((l) => l.id !== line.id).concat({ ...rest, era: s.era, delivery: "waiting" });
    s.queue = [...s.queue, { kind: "line", line: line.id }];
  }
  unqueueOpening(s);
  return s;
}

function blank(era: number, id: string, now: number): MailboxState {
  return freshState({
    id,
    side: "visitor",
    era,
    since: Math.floor(now / 60_000) * 60,
    capability: hex(crypto.getRandomValues(new Uint8Array(32))),
  });
}

function unqueueOpening(s: MailboxState): void {
  s.queue = s.queue.filter((item) => item.kind !== "line" || item.line !== s.opening?.line);
}

/**
 * The devices that can be let in now, of `only` these where it is given, as many as an opening names, and why the
 * others cannot.
 */
export async function soundDevices(
  directory: DirectoryClient,
  trust: Trust,
  only?: readonly string[],
): Promise<{ devices: Joiner[]; refused: Trouble | undefined }> {
  const devices: Joiner[] = [];
  let refused: Trouble | undefined;
  for (const { device, keyPackage } of intakeDevices(directory, trust.now() * 1000)) {
    if (only && !only.includes(device.id)) continue;
    try {
      // One console with a wrong clock must not keep everybody else from answering.
      await checkKeyPackage(device.id, keyPackage, trust);
      devices.push({ device: device.id, keyPackage });
    } catch (error) {
      const rule = error instanceof PolicyError ? error.rule : undefined;
      // With nobody left, it is the clock of this page, or its roster, and not that nobody is there.
      if (rule === "lifetime") refused ??= "clock";
      if (rule === "roster_expired") refused = "roster_expired";
      continue;
    }
    if (devices.length === Limit.devices) break;
  }
  return { devices, refused };
}

/**
 * Makes the group and the opening frame, and puts it down as pending. Resolves with what stands in the way, if
 * anything.
 */
export async function makeOpening(
  s: MailboxState,
  directory: DirectoryClient,
  trust: Trust,
  work: Uint8Array,
): Promise<Group | Trouble> {
  const { devices, refused } = await soundDevices(directory, trust, s.only);
  if (devices.length === 0) return refused ?? "nobody";
  const created = await Group.create(bytesOf(s.id), trust);
  const { next, welcome } = await created.add(devices, 0n);
  created.forget(next);
  const {
    message,
    bound,
    next: group,
  } = await next.seal(
    intakePayload(s),
    1n,
    devices.map((d) => d.device),
  );
  next.forget(group);
  s.readers = devices.length;
  s.pending = {
    what: "open",
    counter: 1,
    message: messageText(message),
    welcome: messageText(welcome ?? new Uint8Array()),
    opens: bound.opens,
    retention: s.opening?.retention ?? 0,
    work: messageText(work),
    slot: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(s.capability) as BufferSource))),
    ...(s.opening?.line === undefined ? {} : { line: s.opening.line }),
  };
  return group;
}

function intakePayload(s: MailboxState): Uint8Array {
  const { lang, answers, text } = s.intake ?? { lang: "", answers: [], text: "" };
  try {
    return encodePayload({ kind: "intake", lang, answers, text });
  } catch {
    // The longest text in an alphabet of four bytes and all answers do not fit together: the text follows as its own
    // message.
    const line = s.opening?.line;
    if (s.opening) s.opening = { retention: s.opening.retention };
    if (line !== undefined) {
      changeLine(s, line, { delivery: "waiting" });
      s.queue = [{ kind: "line", line }, ...s.queue];
    }
    return encodePayload({ kind: "intake", lang, answers, text: "" });
  }
}
