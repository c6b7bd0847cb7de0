import { type Box, fault } from "./box.ts";
import { type Pending, type Place, addLine, changeLine, markAccepted } from "./state.ts";

/**
 * An own frame is accepted: by its answer, or (`read`) because its entry has come. A commit takes effect when its entry is read,
 * since what lies before it in the mailbox belongs to the epoch before.
 */
export function settle(box: Box, counter: number, place: Place, read: boolean): void {
  const { s } = box;
  s.counter = Math.max(s.counter, counter);
  s.accepted = read ? s.accepted.filter((a) => a.counter !== counter) : s.accepted;
  const { pending } = s;
  if (!pending || pending.counter !== counter) return;
  if (pending.line !== undefined) markAccepted(s, pending.line, place.seq);
  if (pending.what === "receipt") s.confirmed = Math.max(s.confirmed, pending.covers ?? 0);
  s.replied = Math.max(s.replied, pending.answers ?? 0);
  if (pending.what === "end") return;
  const commit = pending.what === "claim" || pending.what === "remove";
  if (commit && !read) {
    s.pending = { ...pending, accepted: place };
    return;
  }
  s.pending = undefined;
  if (commit) takeEffect(box, place.seq);
  else if (!read) s.accepted = [...s.accepted, { counter, message: pending.message, ...place }];
}

function takeEffect(box: Box, seq: number): void {
  const { s } = box;
  if (!box.next) return fault(box, "bug");
  box.group = box.next;
  box.next = undefined;
  noteMembers(box, seq);
  if (s.side === "device") s.claimedAt = Date.now();
  const devices = box.group.members().flatMap((m) => (m.kind === "device" ? [m.device] : []));
  if (s.side !== "visitor") return;
  // Nobody is left who could answer.
  if (devices.length === 0) fault(box, "device");
}

/** After a commit: how many can read, and whether it was a claim (spec §8). */
export function noteMembers(box: Box, seq: number): void {
  const { s } = box;
  s.readers = (box.group?.members() ?? []).filter((m) => m.kind === "device").length;
  const claimer = box.group?.claimer;
  if (claimer?.kind !== "device") s.claimer = undefined;
  else if (s.claimer?.device !== claimer.device) {
    s.claimer = { device: claimer.device, alias: claimer.alias, role: claimer.role };
    addLine(s, { id: `${s.era}.s${seq}`, era: s.era, seq, from: "system", event: "claimed", alias: claimer.alias });
  }
}

/** Not accepted, and not to blame: the same thing is said again, in the new epoch and under the same counter. */
export function giveBack(box: Box, pending: Pending): void {
  const { s } = box;
  s.pending = undefined;
  box.next = undefined;
  const answers = pending.answers ?? 0;
  if (pending.what === "line") s.queue = [{ kind: "line", line: pending.line ?? "", answers }, ...s.queue];
  if (pending.what === "claim") s.queue = [{ kind: "claim", answers }, ...s.queue];
  if (pending.what === "remove") s.queue = [{ kind: "remove", devices: pending.devices ?? [] }, ...s.queue];
}

/** Refused for good. The text stays on the screen as failed. */
export function giveUp(box: Box, pending: Pending): void {
  const { s } = box;
  s.pending = undefined;
  box.next = undefined;
  if (pending.line !== undefined) failLine(box, pending.line);
  if (pending.what === "receipt") s.confirmed = Math.max(s.confirmed, pending.covers ?? 0);
  if (pending.what === "end" && s.ending) s.plain = true;
}

/** The line stays on the screen, and can be tried again. */
export function failLine(box: Box, id: string): void {
  changeLine(box.s, id, { delivery: "failed" });
  box.s.queue = box.s.queue.filter((queued) => queued.kind !== "line" || queued.line !== id);
}
