// What is to be done next on the visitor's page, as a person would see it: {do: "press", at: number of the button} and so on.
(say) => {
  const buttons = [...document.querySelectorAll("button")].filter((one) => one.checkVisibility() && !one.disabled);
  const all = [...document.querySelectorAll("button")];
  const press = (one) => ({ do: "press", at: all.indexOf(one) });
  const within = (selector) => buttons.find((one) => one.matches(selector));
  const named = (name, area = "") => buttons.find((one) => one.textContent.trim() === name && (area === "" || one.closest(area)));
  if (document.documentElement.classList.contains("covered")) {
    const show = within(".cover button");
    return show ? press(show) : { do: "wait" };
  }
  const log = document.querySelector("[role=log]");
  if (log) {
    const ended = named(say.clear);
    const text = document.querySelector("#app")?.textContent ?? "";
    return {
      do: "chat",
      sent: [...log.querySelectorAll(".own .small")].some((one) => say.accepted.includes(one.textContent.trim())),
      broken: document.querySelector("section.panel[role=alert]") !== null,
      answered: log.querySelector(".bubble.staff") !== null,
      ended: ended !== undefined, deleted: ended !== undefined && text.includes(say.deleted), clear: ended ? all.indexOf(ended) : -1,
      end: all.indexOf(named(say.end) ?? null), now: all.indexOf(named(say.now) ?? null),
    };
  }
  const warned = within("section[aria-labelledby=warn] button:not(.first)");
  if (warned) return press(warned);
  if (document.querySelector("#w")) return { do: "write", at: all.indexOf(within(".composer button.first") ?? null) };
  const question = document.querySelector(".question");
  if (question?.classList.contains("channel")) {
    const chat = named(say.chat, ".question");
    return chat ? press(chat) : { do: "closed" };
  }
  if (document.querySelector("section.panel[role=alert]")) return { do: "blocked" };
  const next = question ? within(".question .choices button.first") ?? named(say.ask, ".question") ?? named(say.skip, ".question") ?? within(".question .choices button")
    : within(".choices button.first");
  return next ? press(next) : { do: "wait" };
}
