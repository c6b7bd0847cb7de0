import { checkKeyPackage } from "../../mls/keypackage.ts";
import { takesIntake } from "../../mls/roster.ts";
import { hex } from "../../wire/bytes.ts";
import { Reason } from "../../wire/payload.ts";
import type { Candidate, Desk, ProposalReason } from "../api.ts";
import type { Mailbox } from "../mailbox/mailbox.ts";
import { longestProposal, reasons } from "../mailbox/proposing.ts";
import type { Directories } from "../directory/directories.ts";

/** What a coordinator can do with an own case besides answering: ask the visitor to let somebody in. */
export function newHandover(
  own: (id: string) => Mailbox | undefined,
  directories: Directories,
): Pick<Desk, "candidates" | "propose" | "withdraw" | "dismiss"> {
  function ask(id: string, reason: number, one?: Candidate, kommun = ""): void {
    const until = directories.trust.now() + longestProposal;
    own(id)?.propose({
      nonce: hex(crypto.getRandomValues(new Uint8Array(16))),
      reason,
      until,
      kommun,
      ...(one && { device: one.device, alias: one.alias, role: one.role }),
    });
  }

  return {
    async candidates(id, kommun = "") {
      const directory = directories.of(kommun);
      await directory?.load();
      const inside = new Set(
        own(id)
          ?.group?.members()
          .map((m) => m.kind === "device" && m.device),
      );
      const found: Candidate[] = [];
      for (const { id: device, alias, role, languages, expires } of directory?.roster?.devices ?? []) {
        const dated = directory?.keyPackages.find((k) => k.device === device);
        if (!dated || inside.has(device) || expires <= directories.trust.now()) continue;
        // Whoever the visitor's client would refuse is not offered.
        if (
          await checkKeyPackage(device, dated.keyPackage, directories.trust).then(
            () => true,
            () => false,
          )
        ) {
          found.push({ device, alias, role, languages, claims: takesIntake(role) });
        }
      }
      return found.sort((a, b) => a.alias.localeCompare(b.alias));
    },
    propose: (id, reason: ProposalReason, one, kommun) => ask(id, reasons.indexOf(reason), one, kommun),
    withdraw: (id) => ask(id, Reason.withdrawn),
    dismiss: (id, device) => own(id)?.dismiss(device),
  };
}
