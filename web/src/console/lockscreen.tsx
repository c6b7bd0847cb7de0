import { useEffect, useState } from "preact/hooks";
import type { DeskView } from "../conversation/api.ts";
import { forgetDevice, vaultName } from "../conversation/desk/devices.ts";
import type { Key } from "../conversation/vault/keys.ts";
import { holdLock } from "../conversation/vault/lock.ts";
import { type SafeState, eraseSafe, makeSafe, openSafe, safeState } from "../conversation/vault/safe.ts";
import { Newer } from "../stored/form.ts";
import { useConsole } from "./context.ts";
import { NewLock, OpenLock } from "./locking.tsx";
import { dateOf } from "./words.ts";

interface Props {
  readonly view: DeskView;
  /** The coordinator has signed out, and knows that nobody is alarmed here. */
  readonly signedOut: boolean;
  /** What unlocks a demo's device. */
  readonly pass: string | undefined;
  readonly onUnlocked: (memo: string | undefined) => void;
}

/** A locked desk: nothing of a conversation, but that somebody may be waiting. */
export function LockScreen({ view, signedOut, pass, onUnlocked }: Props) {
  const { config, desk, tongue, now } = useConsole();
  const { say } = tongue;
  const until = view.packagesUntil;
  const { id = "", alias = "" } = view.device ?? {};
  const name = vaultName(config, id);
  const [safe, setSafe] = useState<SafeState>();
  const [elsewhere, setElsewhere] = useState(false);

  useEffect(() => {
    let current = true;
    safeState(name).then(
      (found) => current && setSafe(found),
      (error: unknown) => current && setSafe({ state: error instanceof Newer ? "newer" : "damaged" }),
    );
    return () => {
      current = false;
    };
  }, [name]);

  async function unlock(key: Key) {
    const vault = await openSafe(name, key);
    onUnlocked(await desk.unlock(vault));
  }

  /** A vault from before there were locks. */
  async function lockFirst(key: Key) {
    const release = await holdLock(name, undefined);
    setElsewhere(!release);
    if (!release) throw new Error("another tab uses the vault");
    try {
      (await makeSafe(name, key)).close();
    } finally {
      release();
    }
    await unlock(key);
  }

  if (safe?.state === "bare")
    return (
      <main id="main" class="page" tabIndex={-1}>
        <h1>{say("desk.lock.make.h1")}</h1>
        <p>{say("desk.lock.bare")}</p>
        <p>{say("desk.lock.make.p")}</p>
        {elsewhere && <p class="wrong">{say("desk.trouble.elsewhere")}</p>}
        <NewLock alias={alias} onKey={lockFirst} />
        <p class="hint">{say("desk.lock.make.lost")}</p>
      </main>
    );
  const { connected = false, waiting = false, stirred = false } = view.locked ?? {};
  return (
    <main id="main" class="page locked" tabIndex={-1}>
      <h1>{say(signedOut ? "desk.out.h1" : "desk.lock.h1")}</h1>
      <div role="status">
        {waiting && <p class="strong">{say("desk.lock.waiting")}</p>}
        {stirred && <p class="strong">{say("desk.lock.stirred")}</p>}
        {connected ? (
          !waiting && !stirred && <p>{say("desk.lock.connected")}</p>
        ) : (
          <p>{say(signedOut ? "desk.out.p" : "desk.lock.cut")}</p>
        )}
      </div>
      {until !== undefined && until - now < 2 * 86_400 && (
        <p>{say("desk.soon.packages", { date: dateOf(tongue, until) })}</p>
      )}
      {pass !== undefined && (
        <p>
          {say("desk.lock.demo")} <code>{pass}</code>
        </p>
      )}
      {safe?.state === "locked" && <OpenLock locks={safe.locks} onKey={unlock} go={say("desk.lock.open")} />}
      {safe?.state === "newer" && <p class="wrong">{say("desk.lock.newer")}</p>}
      {(safe?.state === "damaged" || safe?.state === "empty") && <p class="wrong">{say("desk.lock.damaged")}</p>}
      <Lost onErase={() => startOver(name, id)} />
    </main>
  );

  async function startOver(vault: string, device: string) {
    // The connection that still stands is this device's: nobody is called on it any more.
    desk.stop();
    await eraseSafe(vault);
    await forgetDevice(config, device);
    location.replace(location.pathname);
  }
}

/** For whoever cannot get in: what is lost, and how to begin anew. */
function Lost({ onErase }: { readonly onErase: () => Promise<void> }) {
  const { say } = useConsole().tongue;
  const [sure, setSure] = useState(false);
  const [failed, setFailed] = useState(false);
  return (
    <details class="card-case">
      <summary>{say("desk.lock.lost")}</summary>
      <p>{say("desk.lock.lost.p1")}</p>
      <p>{say("desk.lock.lost.p2")}</p>
      <label class="choice">
        <input type="checkbox" checked={sure} onChange={() => setSure(!sure)} />
        <span>{say("desk.lock.lost.sure")}</span>
      </label>
      <button type="button" class="grave" disabled={!sure} onClick={() => void onErase().catch(() => setFailed(true))}>
        {say("desk.lock.lost.go")}
      </button>
      <div class="alert" role="alert">
        {failed && <p class="wrong">{say("desk.lock.failed")}</p>}
      </div>
    </details>
  );
}
