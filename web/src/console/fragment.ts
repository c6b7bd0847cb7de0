/**
 * What the address of the page says after `#`: a demo link, which of several stored devices this tab is, and what
 * unlocks a demo's.
 */
export interface Fragment {
  readonly device?: string;
  readonly enrol?: string;
  readonly alias?: string;
  /**
   * The passphrase of a demo's device: whoever tries a demo out has nothing to protect, and shall have nothing to
   * remember.
   */
  readonly pass?: string;
}

const devicePattern = /^[0-9a-f]{16}$/;
const passPattern = /^[a-z]{4}(?: [a-z]{4}){4}$/;
const tokenPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** Reads a fragment, with or without its `#`. What is malformed counts as absent. */
export function readFragment(hash: string): Fragment {
  const fields = new URLSearchParams(hash.startsWith("#") ? hash.slice(1) : hash);
  const device = fields.get("device") ?? "";
  const enrol = fields.get("enrol") ?? "";
  const pass = fields.get("pass") ?? "";
  const alias = cleanAlias(fields.get("alias") ?? "");
  return {
    ...(devicePattern.test(device) ? { device } : {}),
    ...(tokenPattern.test(enrol) ? { enrol } : {}),
    ...(alias === undefined ? {} : { alias }),
    ...(passPattern.test(pass) ? { pass } : {}),
  };
}

export function writeFragment(fragment: Fragment): string {
  const fields = new URLSearchParams();
  for (const name of ["device", "enrol", "alias", "pass"] as const) {
    const value = fragment[name];
    if (value !== undefined) fields.set(name, value);
  }
  const text = fields.toString();
  return text === "" ? "" : `#${text}`;
}

/**
 * An alias as the roster takes it (spec/protocol.md §6.1): 1 to 40 characters, no control characters; undefined if it
 * cannot be one.
 */
export function cleanAlias(alias: string): string | undefined {
  const trimmed = alias.normalize("NFC").replace(/\s+/gu, " ").trim();
  const length = [...trimmed].length;
  return length >= 1 && length <= 40 && !/\p{C}/u.test(trimmed) ? trimmed : undefined;
}
