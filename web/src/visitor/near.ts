/** Whether an edge is not further below the screen than half of it: whoever has scrolled up to read is left there. */
export function near(at: Element, edge: "top" | "bottom"): boolean {
  return at.getBoundingClientRect()[edge] < 1.5 * document.documentElement.clientHeight;
}
