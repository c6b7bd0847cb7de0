import type { DeskView } from "../conversation/api.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { places } from "./places.tsx";
import { dateOf } from "./words.ts";

interface Props {
  readonly view: DeskView;
  readonly onClose: () => void;
  /** Goes to a place by its id, or to the ready replies. */
  readonly onGo: (panel: string) => void;
  /** Begins a training; absent where one goes on. */
  readonly onTrain: (() => void) | undefined;
  /** Somebody waits, or something is being written: no training now. */
  readonly busy: boolean;
  readonly onLock: () => void;
  readonly onSignOut: () => void;
}

/** Where one can go from here, who is signed in, and signing out. */
export function Menu({ view, onClose, onGo, onTrain, busy, onLock, onSignOut }: Props) {
  const { tongue, training } = useConsole();
  const { say } = tongue;
  const own = view.cases.some((one) => one.state === "mine");
  return (
    <Dialog title={say("desk.menu")} onClose={onClose}>
      <nav aria-label={say("desk.menu")}>
        <ul class="places">
          <li>
            <button type="button" onClick={() => onGo("phrases")}>
              {say("desk.phrases")}
            </button>
          </li>
          {places
            .filter(({ real }) => !real || !training)
            .map(({ id }) => (
              <li key={id}>
                <button type="button" onClick={() => onGo(id)}>
                  {say(`desk.place.${id}`)}
                </button>
              </li>
            ))}
          {onTrain && (
            <li>
              <button type="button" disabled={busy} aria-describedby="train-hint" onClick={onTrain}>
                {say("desk.train.go")}
              </button>
              <p id="train-hint" class="hint">
                {say(busy ? "desk.train.busy" : "desk.train.hint")}
              </p>
            </li>
          )}
          <li>
            <a class="link" href="/tillganglighet" target="_blank" rel="noopener">
              {say("desk.menu.access")}
            </a>
          </li>
        </ul>
      </nav>
      {view.device && !training && <ThisBrowser view={view} own={own} onLock={onLock} onSignOut={onSignOut} />}
    </Dialog>
  );
}

function ThisBrowser({
  view,
  own,
  onLock,
  onSignOut,
}: Pick<Props, "view" | "onLock" | "onSignOut"> & { readonly own: boolean }) {
  const { tongue } = useConsole();
  const { say } = tongue;
  const { device, roster } = view;
  if (!device) return null;
  const date = (seconds: number) => dateOf(tongue, seconds);
  return (
    <section class="device">
      <h3>{say("desk.menu.device")}</h3>
      <p>
        <bdi>{device.alias}</bdi>
        {tongue.has(`desk.role.${device.role}`) && `, ${say(`desk.role.${device.role}`)}`}
      </p>
      {device.expires > 0 && <p class="hint">{say("desk.menu.device.expires", { date: date(device.expires) })}</p>}
      {roster && <p class="hint">{say("desk.menu.roster.expires", { date: date(roster.expires) })}</p>}
      {view.packagesUntil !== undefined && (
        <p class="hint">{say("desk.menu.device.packages", { date: date(view.packagesUntil) })}</p>
      )}
      <p class="hint">{say("desk.menu.device.lost")}</p>
      {own && <p class="hint">{say("desk.menu.signout.own")}</p>}
      <div class="row-of">
        <button type="button" onClick={onLock}>
          {say("desk.lock.now")}
        </button>
        <button type="button" onClick={onSignOut}>
          {say("desk.menu.signout")}
        </button>
      </div>
    </section>
  );
}

/** The one question before a conversation is ended and deleted for both. */
export function EndQuestion({ onEnd, onClose }: { readonly onEnd: () => void; readonly onClose: () => void }) {
  const { say } = useConsole().tongue;
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
