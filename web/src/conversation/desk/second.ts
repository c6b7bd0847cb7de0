import type { Roster } from "../../mls/roster.ts";
import type { DeviceMember } from "../mailbox/context.ts";

/**
 * The device that a claim made while the visitor is away keeps beside `own`, so that a laptop which dies does not
 * orphan the conversation: a valid one of a coordinator or lead, another person's before one of the same alias, then
 * the first by its id.
 */
export function secondOf(
  members: readonly DeviceMember[],
  own: string,
  roster: Roster | undefined,
  now: number,
): string | undefined {
  const listed = (id: string) =>
    roster?.devices.find((d) => d.id === id && d.expires > now && (d.role === "coordinator" || d.role === "lead"));
  const alias = roster?.devices.find((d) => d.id === own)?.alias;
  const may = members
    .filter((m) => m.device !== own && listed(m.device))
    .sort((a, b) => (a.device < b.device ? -1 : 1));
  return (may.find((m) => m.alias !== alias) ?? may[0])?.device;
}
