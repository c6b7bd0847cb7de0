import type { ProposalReason } from "../../src/conversation/api.ts";
import type { Coordinator } from "./coordinator.ts";

/** Asks the visitor of the conversation that is open whether this colleague may be let in. */
export async function ask(
  coordinator: Coordinator,
  reason: Exclude<ProposalReason, "back" | "kommun">,
  alias: string,
): Promise<void> {
  await coordinator.press("desk.hand");
  await coordinator.page.getByLabel(coordinator.says(`desk.hand.${reason}`)).check();
  await coordinator.page.getByLabel(alias).check();
  await coordinator.press("desk.hand.ask");
}
