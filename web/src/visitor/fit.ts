/**
 * Keeps the way out in what can be seen: where a keyboard is drawn over the page, or the page is enlarged, the browser
 * moves only a window over it.
 */
export function followVisible(view: Window): void {
  const seen = view.visualViewport;
  const follow = (): void =>
    view.document.documentElement.style.setProperty("--above", `${Math.max(0, Math.round(seen?.offsetTop ?? 0))}px`);
  seen?.addEventListener("resize", follow);
  seen?.addEventListener("scroll", follow);
}
