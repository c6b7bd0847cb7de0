import { base64, concat, hex, utf8 } from "../../src/wire/bytes.ts";
import { scriptEd25519 } from "../../src/mls/ed25519.ts";
import { Group, type Outgoing } from "../../src/mls/group.ts";
import { makeKeyPackage, type StoredKeyPackage } from "../../src/mls/keypackage.ts";
import type { Trust } from "../../src/mls/library.ts";
import { deviceIdOf, openRoster, type Role, type Roster } from "../../src/mls/roster.ts";
import { decode } from "../../src/wire/codec.ts";
import { encodePayload, decodePayload } from "../../src/wire/payload.ts";

/** A kommun with team keys and devices, for tests. The keys are real; only the people are not. */

export const kommun = "botkyrka";
export const now = Math.floor(Date.now() / 1000);
export const today = Math.floor(now / 86400);

export interface TeamKey {
  readonly name: string;
  readonly seed: Uint8Array;
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
  readonly pin: string;
}

export async function makeTeamKey(name = `team.${kommun}`): Promise<TeamKey> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const key = await scriptEd25519.publicKey(seed);
  const digest = await crypto.subtle.digest(
    "SHA-256",
    concat(utf8(`${name}\n`), Uint8Array.of(1), key) as BufferSource,
  );
  const hash = new Uint8Array(digest).slice(0, 4);
  return { name, seed, key, hash, pin: `${name}+${hex(hash)}+${base64(concat(Uint8Array.of(1), key))}` };
}

export async function signNote(text: string, ...keys: readonly TeamKey[]): Promise<string> {
  let note = `${text}\n`;
  for (const k of keys) note += `— ${k.name} ${base64(concat(k.hash, await scriptEd25519.sign(k.seed, utf8(text))))}\n`;
  return note;
}

export interface Staff {
  readonly id: string;
  readonly seed: Uint8Array;
  readonly key: Uint8Array;
  readonly alias: string;
  readonly role: Role;
  readonly own: StoredKeyPackage;
}

export async function makeStaff(
  alias: string,
  o: { role?: Role; kommun?: string; id?: string; day?: number } = {},
): Promise<Staff> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const key = await scriptEd25519.publicKey(seed);
  const id = o.id ?? (await deviceIdOf(key));
  const own = await makeKeyPackage({
    kommun: o.kommun ?? kommun,
    device: id,
    signatureSeed: seed,
    day: o.day ?? today,
  });
  return { id, seed, key, alias, role: o.role ?? "coordinator", own };
}

export const rfc3339 = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

export function deviceLine(s: Staff, expires = now + 30 * 86400): string {
  return `device ${s.id} ${s.role} sv,en ${rfc3339(expires)} ${base64(s.key)} ${s.alias}\n`;
}

export function rosterText(
  staff: readonly Staff[],
  o: { serial?: number; issued?: number; expires?: number; kommun?: string } = {},
): string {
  const issued = o.issued ?? now - 3600;
  const lines = [...staff].sort((a, b) => (a.id < b.id ? -1 : 1)).map((s) => deviceLine(s));
  return (
    `utvag roster 1\nkommun ${o.kommun ?? kommun}\nserial ${o.serial ?? 7}\nissued ${rfc3339(issued)}\n` +
    `expires ${rfc3339(o.expires ?? issued + 7 * 86400)}\n${lines.join("")}`
  );
}

export async function rosterOf(staff: readonly Staff[], serial = 7): Promise<Roster> {
  const team = await makeTeamKey();
  return openRoster(await signNote(rosterText(staff, { serial }), team), { kommun, pins: [team.pin], now });
}

/** Trust whose roster and clock a test may change. */
export interface TestTrust extends Trust {
  current: Roster;
  clock: number;
}

export function trustIn(roster: Roster): TestTrust {
  return {
    kommun,
    current: roster,
    clock: now,
    roster() {
      return this.current;
    },
    now() {
      return this.clock;
    },
  };
}

export interface Opened {
  readonly staff: readonly Staff[];
  readonly trust: TestTrust;
  readonly visitor: Group;
  readonly devices: readonly Group[];
  readonly welcome: Uint8Array;
}

/** A conversation that all these devices have joined. */
export async function openWith(staff: readonly Staff[], roster?: Roster): Promise<Opened> {
  const trust = trustIn(roster ?? (await rosterOf(staff)));
  const created = await Group.create(crypto.getRandomValues(new Uint8Array(32)), trust);
  const { next: visitor, welcome } = await created.add(
    staff.map((s) => ({ device: s.id, keyPackage: s.own.keyPackage })),
    0n,
  );
  const devices = await Promise.all(staff.map((s) => Group.join(welcome!, s.own, s.id, s.seed, trust)));
  return { staff, trust, visitor, devices, welcome: welcome! };
}

export async function makeTeam(count: number): Promise<Staff[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => makeStaff(`Sara ${i}`)));
}

/** The counter of a member's next frame, as its state has it. */
export function nextOf(group: Group): bigint {
  const counters = decode(group.encode(), (r) => {
    r.uint8();
    r.opaque();
    r.uint32();
    return new Map(r.vector((v): [number, bigint] => [v.uint32(), v.uint64()]));
  });
  return (counters.get(group.self.leaf) ?? 0n) + 1n;
}

export const claimOf = (group: Group): Promise<Outgoing> => group.claim(nextOf(group));
export const removeOf = (group: Group, devices: readonly string[]): Promise<Outgoing> =>
  group.remove(devices, nextOf(group));
export const addOf = (group: Group, ...staff: readonly Staff[]): Promise<Outgoing> =>
  group.add(
    staff.map((s) => ({ device: s.id, keyPackage: s.own.keyPackage })),
    group.epoch === 0n ? 0n : nextOf(group),
  );

/** The devices that the visitor's first message opens. */
export function opensOf(group: Group): string[] {
  const opening = group.self.kind === "visitor" && group.epoch === 1n && nextOf(group) === 1n;
  return opening ? group.members().flatMap((m) => (m.kind === "device" ? [m.device] : [])) : [];
}

export const sealText = (group: Group, text: string): Promise<Outgoing> =>
  group.seal(encodePayload({ kind: "text", text }), nextOf(group), opensOf(group));

/** Reads a text and its sender's leaf, and the group after it. */
export async function readText(
  group: Group,
  message: Uint8Array,
): Promise<{ text: string; leaf: number; next: Group }> {
  const incoming = await group.open(message);
  if (incoming.kind !== "application") throw new Error("not an application message");
  const payload = decodePayload(incoming.payload);
  if (payload.kind !== "text") throw new Error("not a text");
  return { text: payload.text, leaf: incoming.sender.leaf, next: incoming.next };
}

/** Processes a commit that must keep us in. */
export async function follow(group: Group, message: Uint8Array): Promise<Group> {
  const incoming = await group.open(message);
  if (incoming.kind !== "commit" || !incoming.next) throw new Error("not a commit that keeps us");
  return incoming.next;
}
