import { concat, equal, hex, unbase64, utf8 } from "../wire/bytes.ts";
import { chooseEd25519 } from "./ed25519.ts";

export const roles = ["coordinator", "caseworker", "peer", "interpreter", "lead"] as const;
export type Role = (typeof roles)[number];

/** Whether devices of this role are added when a conversation is opened, and may claim one (spec §6.1). */
export function takesIntake(role: Role): boolean {
  return role !== "interpreter";
}

/** A device's id: the first 8 bytes of SHA-256 of its public key (spec §6.1). */
export async function deviceIdOf(key: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", key as BufferSource)).subarray(0, 8));
}

export interface RosterDevice {
  /** 16 lower-case hex digits. */
  readonly id: string;
  readonly role: Role;
  /** BCP 47 tags. */
  readonly languages: readonly string[];
  /** When the certificate ends, Unix seconds. */
  readonly expires: number;
  /** Ed25519 public key, 32 bytes. */
  readonly key: Uint8Array;
  readonly alias: string;
}

/** A roster whose signature, kommun and times were checked (spec §6.1). */
export interface Roster {
  readonly kommun: string;
  readonly serial: bigint;
  /** Unix seconds. */
  readonly issued: number;
  /** Unix seconds. */
  readonly expires: number;
  readonly devices: readonly RosterDevice[];
  /** The whole signed note, to keep and to show. */
  readonly note: string;
}

export type RosterTrouble =
  | "roster_signature"
  | "roster_kommun"
  | "roster_expired"
  | "roster_old"
  | "roster_malformed"
  | "clock";

export class RosterError extends Error {
  override readonly name = "RosterError";
  readonly trouble: RosterTrouble;
  constructor(trouble: RosterTrouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

export interface RosterOptions {
  readonly kommun: string;
  /** Note verifier keys, `name+hash+base64`. */
  readonly pins: readonly string[];
  /** This device's clock, Unix seconds. */
  readonly now: number;
  /** The highest serial seen in this session or sealed in the client's state. */
  readonly newest?: bigint;
  /** The relay's clock, Unix seconds: tells a wrong clock here from an old roster. */
  readonly relayTime?: number;
}

const hour = 3600;
const week = 7 * 24 * hour;
const longestNote = 16 * 1024;
const maxSignatures = 100;
const maxDevices = 64;
/** An opening names every device that takes part in intake, and has room for so many. */
const maxIntake = 32;
const maxLanguages = 16;

/**
 * Verifies a signed roster. Throws RosterError.
 * Nothing of the text is looked at before a pinned key has signed it: what stands in it cannot choose how it is judged.
 */
export async function openRoster(note: string, o: RosterOptions): Promise<Roster> {
  const text = await verifyNote(
    note,
    o.pins.map((pin) => parsePin(pin, o.kommun)),
  );
  const roster = { ...(await parseRoster(text)), note };
  if (roster.kommun !== o.kommun) throw new RosterError("roster_kommun");
  if (roster.issued > o.now + 24 * hour) throw new RosterError("clock");
  if (roster.expires <= o.now) {
    const behind =
      o.relayTime !== undefined && Math.abs(o.now - o.relayTime) > 12 * hour && roster.expires > o.relayTime;
    throw new RosterError(behind ? "clock" : "roster_expired");
  }
  if (o.newest !== undefined && roster.serial < o.newest) throw new RosterError("roster_old");
  return roster;
}

interface Pin {
  readonly name: string;
  readonly hash: Uint8Array;
  readonly key: Uint8Array;
}

/** A pin that does not parse, or is not of this kommun, is a fault of the page: it verifies nothing. */
function parsePin(pin: string, kommun: string): Pin | undefined {
  const [name, digits, encoded, more] = splitPin(pin);
  const bytes = unbase64(encoded ?? "");
  if (more !== undefined || name !== `team.${kommun}` || !/^[0-9a-f]{8}$/.test(digits ?? "")) return undefined;
  if (bytes?.length !== 33 || bytes[0] !== 1) return undefined;
  return { name, hash: Uint8Array.from(digits!.match(/../g)!, (d) => parseInt(d, 16)), key: bytes.slice(1) };
}

/** `+` is a digit of base64 too: only the first two part the fields. */
function splitPin(pin: string): string[] {
  const first = pin.indexOf("+");
  const second = pin.indexOf("+", first + 1);
  return first < 0 || second < 0 ? [pin] : [pin.slice(0, first), pin.slice(first + 1, second), pin.slice(second + 1)];
}

/** The signed text of a note (c2sp.org/signed-note), once at least one signature by a pinned key is good. */
async function verifyNote(note: string, pins: readonly (Pin | undefined)[]): Promise<string> {
  // The last blank line parts text and signatures; every line after it is a signature.
  const split = note.lastIndexOf("\n\n");
  // Control characters other than LF, and what was replaced on decoding, are never part of a note.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (split < 0 || utf8(note).length > longestNote || /[\u0000-\u0009\u000b-\u001f\u007f\ufffd]/.test(note))
    throw new RosterError("roster_malformed");
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0 || lines.length > maxSignatures)
    throw new RosterError("roster_malformed");

  const good = new Set<string>();
  for (const line of lines) {
    const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
    const bytes = unbase64(match?.[2] ?? "");
    if (!match || !bytes || bytes.length < 5) throw new RosterError("roster_malformed");
    const signer = `${match[1]}+${hex(bytes.slice(0, 4))}`;
    for (const pin of pins) {
      // Only a key's first signature is looked at.
      if (good.has(signer)) break;
      if (!pin || pin.name !== match[1] || !equal(bytes.slice(0, 4), pin.hash) || !equal(pin.hash, await keyHash(pin)))
        continue;
      // A pinned name and hash with a signature that does not verify is a forgery or a spoilt file: nothing else saves
      // it.
      if (!(await (await chooseEd25519()).verify(pin.key, utf8(text), bytes.slice(4))))
        throw new RosterError("roster_signature");
      good.add(signer);
    }
  }
  if (good.size === 0) throw new RosterError("roster_signature");
  return text;
}

async function keyHash(pin: Pin): Promise<Uint8Array> {
  const bytes = concat(utf8(`${pin.name}\n`), Uint8Array.of(1), pin.key);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource)).slice(0, 4);
}

async function parseRoster(text: string): Promise<Omit<Roster, "note">> {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.shift() !== "utvag roster 1") throw new RosterError("roster_malformed");
  const kommun = field(lines.shift(), /^kommun ([a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)$/);
  const serial = BigInt(field(lines.shift(), /^serial ([1-9][0-9]{0,19})$/));
  if (serial >= 1n << 64n) throw new RosterError("roster_malformed");
  const issued = time(field(lines.shift(), /^issued (\S+)$/));
  const expires = time(field(lines.shift(), /^expires (\S+)$/));
  if (expires <= issued || expires - issued > week) throw new RosterError("roster_malformed");

  if (lines.length > maxDevices) throw new RosterError("roster_malformed");
  const devices = lines.map(parseDevice);
  const sorted = devices.every((d, i) => i === 0 || devices[i - 1]!.id < d.id);
  const keys = new Set(devices.map((d) => d.key.join()));
  if (!sorted || keys.size !== devices.length) throw new RosterError("roster_malformed");
  if (devices.filter((d) => takesIntake(d.role)).length > maxIntake) throw new RosterError("roster_malformed");
  for (const d of devices) if (d.id !== (await deviceIdOf(d.key))) throw new RosterError("roster_malformed");
  return { kommun, serial, issued, expires, devices };
}

function parseDevice(line: string): RosterDevice {
  const match = /^device ([0-9a-f]{16}) ([a-z]+) (\S+) (\S+) (\S+) (.+)$/u.exec(line);
  if (!match) throw new RosterError("roster_malformed");
  const [, id, role, tags, expires, encoded, alias] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const languages = tags.split(",");
  const key = unbase64(encoded);
  const known = (roles as readonly string[]).includes(role);
  if (!known || !areLanguages(languages) || !isAlias(alias) || key?.length !== 32)
    throw new RosterError("roster_malformed");
  return { id, role: role as Role, languages, expires: time(expires), key, alias };
}

function areLanguages(tags: readonly string[]): boolean {
  if (tags.length > maxLanguages || new Set(tags).size !== tags.length) return false;
  return tags.every((tag) => tag.length <= 35 && /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag));
}

/**
 * 1 to 40 characters, none of them invisible or turning the direction: an alias is what a visitor judges a device by.
 */
function isAlias(alias: string): boolean {
  return [...alias].length <= 40 && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(alias) && !/^\p{Zs}|\p{Zs}$/u.test(alias);
}

function field(line: string | undefined, form: RegExp): string {
  const value = form.exec(line ?? "")?.[1];
  if (value === undefined) throw new RosterError("roster_malformed");
  return value;
}

/** Unix seconds of RFC 3339 in UTC with whole seconds; a date that does not exist is refused. */
function time(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== text.replace("Z", ".000Z"))
    throw new RosterError("roster_malformed");
  return ms / 1000;
}
