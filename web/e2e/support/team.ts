import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { utvag } from "./binary.ts";

/** The kommun of every test. */
export const kommun = { id: "vidby", name: "Vidby" } as const;

/** Two team leads with a key each, made through the command line, as a kommun would. */
export interface Team {
  /** Verifier keys, for the configuration. */
  readonly pins: readonly [string, string];
  /** Begins a roster without devices, so that a server can start. */
  begin(roster: string): void;
  /** Adds the device of an enrolment request to a roster file, and signs it. `lead` chooses whose key signs. */
  add(roster: string, request: string, lead?: 0 | 1): void;
  /** Takes a device out, by its id in hex. */
  revoke(roster: string, device: string): void;
}

/** Opens the tests' team keys beside the passphrase, which costs most of a second each time. */
const identity = {
  recipient: "age14j75nmmp69srcczkfy9h5lsjp4j0xpnn6mlaaut54ztu9hd6wuyqykpjyu",
  secret: "AGE-SECRET-KEY-18RYZUGAU6ASWKSGAZHGUJDHUC4FQ4AY0T5CAKZTNSDRGGJ3TER8SYHKFL7",
} as const;

/** Slow, since the key files are protected by a costly function: make one team for many tests. */
export function makeTeam(folder: string, id: string = kommun.id): Team {
  const passphrase = join(folder, "passphrase");
  writeFileSync(passphrase, "five invented words for tests\n", { mode: 0o600 });
  const opener = join(folder, "identity");
  writeFileSync(opener, `${identity.secret}\n`, { mode: 0o600 });
  const keys = [join(folder, "lead-one.age"), join(folder, "lead-two.age")] as const;
  const make = (key: string): string =>
    utvag(
      ...["team", "init", "--kommun", id, "--out", key],
      ...["--passphrase-file", passphrase, "--recipient", identity.recipient],
    ).trim();
  const pins = [make(keys[0]), make(keys[1])] as const;
  const signing = (roster: string, lead: 0 | 1): string[] => [
    "--team-key",
    keys[lead],
    "--identity",
    opener,
    "--pin",
    pins[lead === 0 ? 1 : 0],
    "--roster",
    roster,
    "--yes",
  ];
  let requests = 0;
  return {
    pins,
    begin(roster) {
      utvag("roster", "renew", ...signing(roster, 0));
    },
    add(roster, request, lead = 0) {
      const file = join(folder, `request-${++requests}`);
      writeFileSync(file, request);
      utvag("roster", "add", ...signing(roster, lead), "--request", file);
    },
    revoke(roster, device) {
      utvag("roster", "revoke", ...signing(roster, 0), "--device", device);
    },
  };
}
