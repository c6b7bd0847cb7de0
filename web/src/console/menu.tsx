import type { DeskView } from "../conversation/api.ts";
import { useSurroundings } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { spoken } from "./phrases.ts";
import { listed } from "./shortcuts.ts";

/** Settings, who is signed in, and signing out. */
export function Menu({ view, onClose, onKeys, onSignOut }: { readonly view: DeskView; readonly onClose: () => void; readonly onKeys: () => void; readonly onSignOut: () => void }) {
  const { config, tongue, tongues, prefs, setPrefs } = useSurroundings();
  const { say } = tongue;
  const date = (seconds: number) => new Intl.DateTimeFormat(tongue.tag, { dateStyle: "long" }).format(new Date(seconds * 1000));
  const toggle = (name: "sound" | "count" | "singles" | "veil") => (
    <label class="choice">
      <input type="checkbox" checked={prefs[name]} aria-describedby={`${name}-hint`} onChange={() => setPrefs({ [name]: !prefs[name] })} />
      <span>
        {say(`desk.menu.${name}`)}
        <span id={`${name}-hint`} class="hint">
          {say(`desk.menu.${name}.hint`)}
        </span>
      </span>
    </label>
  );
  const own = view.cases.some((one) => one.state === "mine");
  return (
    <Dialog title={say("desk.menu")} onClose={onClose}>
      <fieldset class="field">
        <legend>{say("desk.menu.language")}</legend>
        <div class="row-of">
          {spoken(config.languages, tongues).map((one) => (
            <label class="choice" key={one.tag}>
              <input type="radio" name="language" checked={one.tag === tongue.tag} onChange={() => setPrefs({ lang: one.tag })} />
              <span lang={one.tag}>{one.name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset class="field">
        <legend>{say("desk.menu.settings")}</legend>
        {toggle("sound")}
        {toggle("count")}
        {toggle("veil")}
        {toggle("singles")}
      </fieldset>
      <button type="button" onClick={onKeys}>
        {say("desk.keys")}
      </button>
      <p>
        <a class="link" href="/tillganglighet" target="_blank" rel="noopener">
          {say("desk.menu.access")}
        </a>
      </p>
      {view.device && (
        <section class="device">
          <h3>{say("desk.menu.device")}</h3>
          <p>
            <bdi>{view.device.alias}</bdi>
            {tongue.has(`desk.role.${view.device.role}`) && `, ${say(`desk.role.${view.device.role}`)}`}
          </p>
          {view.device.expires > 0 && <p class="hint">{say("desk.menu.device.expires", { date: date(view.device.expires) })}</p>}
          {view.roster && <p class="hint">{say("desk.menu.roster.expires", { date: date(view.roster.expires) })}</p>}
          {own && <p class="hint">{say("desk.menu.signout.own")}</p>}
          <button type="button" onClick={onSignOut}>
            {say("desk.menu.signout")}
          </button>
        </section>
      )}
    </Dialog>
  );
}

/** Every shortcut, with the switch that turns the single-character ones off. */
export function Keys({ onClose }: { readonly onClose: () => void }) {
  const { tongue, prefs, setPrefs } = useSurroundings();
  const { say } = tongue;
  return (
    <Dialog title={say("desk.keys")} onClose={onClose}>
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
    </Dialog>
  );
}

/** The one question before a conversation is ended and deleted for both. */
export function EndQuestion({ onEnd, onClose }: { readonly onEnd: () => void; readonly onClose: () => void }) {
  const { say } = useSurroundings().tongue;
  return (
    <Dialog title={say("desk.end.h1")} onClose={onClose} small>
      <p>{say("desk.end.p")}</p>
      <p class="hint">{say("desk.end.tip")}</p>
      <div class="row-of">
        <button type="button" onClick={onClose}>
          {say("desk.end.stay")}
        </button>
        <button type="button" class="main grave" onClick={onEnd}>
          {say("desk.end.now")}
        </button>
      </div>
    </Dialog>
  );
}
