import type { Page } from "@playwright/test";
import type { ProposalReason } from "../../src/conversation/api.ts";
import type { Coordinator } from "./coordinator.ts";

/**
 * A question that has just come cannot be answered for a moment, since a tap may have been meant for the one before.
 * The page's clock goes on by more than that; it was installed before the question came.
 */
export async function letStand(page: Page): Promise<void> {
  await page.clock.runFor(1000);
}

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
