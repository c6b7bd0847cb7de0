import { useConsole } from "./context.ts";
import { listed } from "./shortcuts.ts";

/** Every shortcut, with the switch that turns the single-character ones off. */
export function KeyList() {
  const { tongue, prefs, setPrefs } = useConsole();
  const { say } = tongue;
  return (
    <>
      <p>{say("desk.keys.p")}</p>
      <label class="choice">
        <input type="checkbox" checked={prefs.singles} onChange={() => setPrefs({ singles: !prefs.singles })} />
        <span>{say("desk.menu.singles")}</span>
      </label>
      <dl class="keys">
        {listed.map(({ action, keys }) => (
          <div key={action}>
            <dt>
              {keys.map((key) => (
                <kbd key={key} class={!prefs.singles && key.length === 1 && key !== "↓" && key !== "↑" ? "off" : ""}>
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{say(`desk.keys.${action}`)}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>{say("desk.keys.enter")}</dd>
        </div>
        <div>
          <dt>
            <kbd>Ctrl+Enter</kbd>
          </dt>
          <dd>{say("desk.keys.send")}</dd>
        </div>
      </dl>
    </>
  );
}
