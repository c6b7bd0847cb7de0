import { useEffect, useState } from "preact/hooks";
import { vaultName } from "../conversation/desk/devices.ts";
import type { Key, Lock } from "../conversation/vault/keys.ts";
import { openSafe, putLock, safeState, takeLock } from "../conversation/vault/safe.ts";
import { useConsole } from "./context.ts";
import { NewLock, OpenLock } from "./locking.tsx";
import { passkeysOffered } from "./passkey.ts";
import type { PlaceProps } from "./place.ts";
import { idleMinutes } from "./prefs.ts";

/**
 * What this device is locked with. Whoever changes it must open it first, although it is open: the page may have been
 * left alone.
 */
export function Locks({ view }: PlaceProps) {
  const { config, tongue, announce, prefs, setPrefs } = useConsole();
  const { say } = tongue;
  const name = vaultName(config, view.device?.id ?? "");
  const [locks, setLocks] = useState<readonly Lock[]>();
  const [passkeys, setPasskeys] = useState(false);
  const [change, setChange] = useState<Lock["kind"]>();
  const [proof, setProof] = useState<Key>();
  const [failed, setFailed] = useState(false);

  async function look() {
    const found = await safeState(name);
    setLocks(found.state === "locked" ? found.locks : []);
  }
  useEffect(() => {
    look().catch(() => setFailed(true));
    passkeysOffered().then(setPasskeys, () => undefined);
  }, []);

  async function prove(key: Key) {
    (await openSafe(name, key)).close();
    setProof(key);
  }

  async function put(key: Key) {
    if (proof) await putLock(name, proof, key);
    await done();
  }

  async function done() {
    setProof(undefined);
    setChange(undefined);
    await look();
    announce(say("desk.locks.done"));
  }

  const has = (kind: Lock["kind"]) => (locks ?? []).some((one) => one.kind === kind);
  return (
    <>
      {change === undefined ? (
        <>
          <p>{say("desk.locks.p")}</p>
          {locks &&
            (["passkey", "passphrase"] as const).map((kind) => (
              <section class="device" key={kind}>
                <h3>{say(`desk.locks.${kind}`)}</h3>
                <p>{say(has(kind) ? "desk.locks.on" : "desk.locks.off")}</p>
                <div class="row-of">
                  {(kind === "passphrase" || passkeys || has(kind)) && (
                    <button type="button" onClick={() => setChange(kind)}>
                      {say(`desk.locks.${kind}.${has(kind) ? "change" : "add"}`)}
                    </button>
                  )}
                  {has(kind) && locks.length > 1 && (
                    <button
                      type="button"
                      class="quiet"
                      onClick={() => void takeLock(name, kind).then(done, () => setFailed(true))}
                    >
                      {say(`desk.locks.${kind}.remove`)}
                    </button>
                  )}
                </div>
              </section>
            ))}
          <fieldset class="field">
            <legend>{say("desk.menu.lock.idle")}</legend>
            <div class="row-of">
              {idleMinutes.map((n) => (
                <label class="choice" key={n}>
                  <input type="radio" name="idle" checked={prefs.idle === n} onChange={() => setPrefs({ idle: n })} />
                  <span>{say("desk.menu.lock.minutes", { n })}</span>
                </label>
              ))}
            </div>
          </fieldset>
          <p class="hint">{say("desk.lock.make.lost")}</p>
        </>
      ) : proof === undefined ? (
        <>
          <p>{say("desk.locks.prove")}</p>
          <OpenLock locks={locks ?? []} onKey={prove} go={say("desk.locks.next")} />
        </>
      ) : (
        <NewLock kinds={[change]} alias={view.device?.alias ?? ""} onKey={put} />
      )}
      <div class="alert" role="alert">
        {failed && <p class="wrong">{say("desk.lock.failed")}</p>}
      </div>
    </>
  );
}
