import { type Joiner, checkKeyPackage } from "../../mls/keypackage.ts";
import { PolicyError } from "../../mls/policy.ts";
import { Reason } from "../../wire/payload.ts";
import type { MailboxContext } from "../mailbox/context.ts";
import { soundDevices } from "./opening.ts";
import { hands } from "../mailbox/proposing.ts";
import type { Proposed } from "../mailbox/state.ts";
import type { Directories } from "../directory/directories.ts";

/** Whom a proposal is about, by the rosters of the visitor's own client: nothing here goes by what the claimer says. */

type Inside = Pick<MailboxContext, "s" | "group">;

/** A claimer who names no kommun means their own. */
function kommunOf(p: Proposed, { s }: Inside, directories: Directories): string {
  return p.kommun || s.claimer?.kommun || directories.trust.kommun;
}

/**
 * The proposal with alias and role as the newest roster has them. Throws PolicyError where the device may not be
 * proposed.
 */
export async function knownProposal(p: Proposed, box: Inside, directories: Directories): Promise<Proposed> {
  const kommun = kommunOf(p, box, directories);
  const directory = directories.of(kommun);
  if (!directory) throw new PolicyError("kommun");
  await directory.load();
  if (p.device === undefined) return p;
  const listed = box.group?.proposed(kommun, p.device, hands(p.reason));
  return { ...p, alias: listed?.alias ?? "", role: listed?.role ?? "" };
}

/** Whom a yes lets in. Throws PolicyError where that is nobody, or not who was shown. */
export async function joinersOf(p: Proposed, box: Inside, directories: Directories): Promise<readonly Joiner[]> {
  const now = await knownProposal(p, box, directories);
  if (now.alias !== p.alias || now.role !== p.role) throw new PolicyError("proposed");
  const kommun = kommunOf(p, box, directories);
  if (p.reason === Reason.back) return colleaguesIn(kommun, box, directories);
  const dated = directories.of(kommun)?.keyPackages.find((k) => k.device === p.device);
  if (!dated) throw new PolicyError("lifetime");
  await checkKeyPackage(dated.device, dated.keyPackage, directories.trust);
  return [dated];
}

/** The intake devices of a kommun that are not members. Throws PolicyError where there is none. */
export async function colleaguesIn(
  kommun: string,
  { group }: Inside,
  directories: Directories,
): Promise<readonly Joiner[]> {
  const directory = directories.of(kommun) ?? directories.own;
  await directory.load();
  const inside = new Set(group?.members().map((m) => m.kind === "device" && m.device));
  const found = (await soundDevices(directory, directories.trust)).devices.filter((n) => !inside.has(n.device));
  if (found.length === 0) throw new PolicyError("proposed");
  return found;
}
