import { useConsole } from "./context.ts";
import { spoken } from "./phrases.ts";

/** What whoever sits here has chosen for this browser. */
export function Settings() {
  const { config, tongue, tongues, prefs, setPrefs } = useConsole();
  const { say } = tongue;
  const toggle = (name: "sound" | "count" | "singles" | "veil") => (
    <label class="choice">
      <input
        type="checkbox"
        checked={prefs[name]}
        aria-describedby={`${name}-hint`}
        onChange={() => setPrefs({ [name]: !prefs[name] })}
      />
      <span>
        {say(`desk.menu.${name}`)}
        <span id={`${name}-hint`} class="hint">
          {say(`desk.menu.${name}.hint`)}
        </span>
      </span>
    </label>
  );
  return (
    <>
      <fieldset class="field">
        <legend>{say("desk.menu.language")}</legend>
        <div class="row-of">
          {spoken(config.languages, tongues).map((one) => (
            <label class="choice" key={one.tag}>
              <input
                type="radio"
                name="language"
                checked={one.tag === tongue.tag}
                onChange={() => setPrefs({ lang: one.tag })}
              />
              <span lang={one.tag}>{one.name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <div class="field">
        {toggle("sound")}
        {toggle("count")}
        {toggle("veil")}
        {toggle("singles")}
      </div>
    </>
  );
}
