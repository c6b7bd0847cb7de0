import { type Newcomer, checkKeyPackage } from "../mls/keypackage.ts";
import { PolicyError } from "../mls/policy.ts";
import { Reason } from "../wire/payload.ts";
import type { MailboxContext } from "./context.ts";
import { soundDevices } from "./opening.ts";
import { hands } from "./proposing.ts";
import type { Proposed } from "./state.ts";
import type { Watches } from "./watches.ts";

/** Whom a proposal is about, by the rosters of the visitor's own client: nothing here goes by what the claimer says. */

type Inside = Pick<MailboxContext, "s" | "group">;

/** A claimer who names no kommun means their own. */
function kommunOf(p: Proposed, { s }: Inside, watches: Watches): string {
  return p.kommun || s.claimer?.kommun || watches.trust.kommun;
}

/**
 * The proposal with alias and role as the newest roster has them. Throws PolicyError where the device may not be
 * proposed.
 */
export async function knownProposal(p: Proposed, box: Inside, watches: Watches): Promise<Proposed> {
  const kommun = kommunOf(p, box, watches);
  const watch = watches.of(kommun);
  if (!watch) throw new PolicyError("kommun");
  await watch.load();
  if (p.device === undefined) return p;
  const listed = box.group?.proposed(kommun, p.device, hands(p.reason));
  return { ...p, alias: listed?.alias ?? "", role: listed?.role ?? "" };
}

/** Whom a yes lets in. Throws PolicyError where that is nobody, or not who was shown. */
export async function newcomersOf(p: Proposed, box: Inside, watches: Watches): Promise<readonly Newcomer[]> {
  const now = await knownProposal(p, box, watches);
  if (now.alias !== p.alias || now.role !== p.role) throw new PolicyError("proposed");
  const kommun = kommunOf(p, box, watches);
  if (p.reason === Reason.back) return colleaguesIn(kommun, box, watches);
  const dated = watches.of(kommun)?.keyPackages.find((k) => k.device === p.device);
  if (!dated) throw new PolicyError("lifetime");
  await checkKeyPackage(dated.device, dated.keyPackage, watches.trust);
  return [dated];
}

/** The intake devices of a kommun that are not members. Throws PolicyError where there is none. */
export async function colleaguesIn(kommun: string, { group }: Inside, watches: Watches): Promise<readonly Newcomer[]> {
  const watch = watches.of(kommun) ?? watches.own;
  await watch.load();
  const inside = new Set(group?.members().map((m) => m.kind === "device" && m.device));
  const found = (await soundDevices(watch, watches.trust)).devices.filter((n) => !inside.has(n.device));
  if (found.length === 0) throw new PolicyError("proposed");
  return found;
}
