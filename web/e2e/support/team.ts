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

/** Slow, since the key files are protected by a costly function: make one team for many tests. */
export function makeTeam(folder: string, id: string = kommun.id): Team {
  const passphrase = join(folder, "passphrase");
  writeFileSync(passphrase, "five invented words for tests\n", { mode: 0o600 });
  const keys = [join(folder, "lead-one.age"), join(folder, "lead-two.age")] as const;
  const make = (key: string): string =>
    utvag("team", "init", "--kommun", id, "--out", key, "--passphrase-file", passphrase).trim();
  const pins = [make(keys[0]), make(keys[1])] as const;
  const signing = (roster: string, lead: 0 | 1): string[] => [
    "--team-key",
    keys[lead],
    "--passphrase-file",
    passphrase,
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
