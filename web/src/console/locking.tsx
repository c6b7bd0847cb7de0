import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Key, type Lock, WrongKey, newPassphraseKey, passphraseKey } from "../conversation/vault/keys.ts";
import { isStrong, suggestPassphrase } from "../conversation/vault/passphrase.ts";
import { quietField } from "../field.ts";
import { Newer } from "../stored/form.ts";
import { useConsole } from "./context.ts";
import { NoPrf, newPasskeyKey, passkeyOf, passkeysOffered } from "./passkey.ts";

/** What is in the way, as the end of a catalog key. */
type Wrong = "weak" | "wrong" | "noprf" | "passkey" | "newer" | "failed";

interface PassphraseProps {
  readonly id: string;
  readonly value: string;
  readonly set: (value: string) => void;
  /** A new one is shown as it is written: a slip would lock its owner out. */
  readonly shown: boolean;
  readonly wrong: boolean;
  readonly hint?: ComponentChildren;
}

/**
 * No field of the type that browsers offer to keep: kept in the browser, the passphrase would be there for whoever
 * takes the computer. Pasting, and a password manager that fills any field, work.
 */
function Passphrase({ id, value, set, shown: first, wrong, hint }: PassphraseProps) {
  const { say } = useConsole().tongue;
  const [shown, show] = useState(first);
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (wrong) box.current?.focus();
  }, [wrong]);
  return (
    <div class="field">
      <label for={id}>{say("desk.lock.passphrase")}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <input
        id={id}
        ref={box}
        type="text"
        class={shown ? "" : "masked"}
        value={value}
        maxLength={200}
        {...quietField}
        aria-describedby={`${hint !== undefined ? `${id}-hint ` : ""}${id}-wrong`}
        aria-invalid={wrong}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <label class="choice">
        <input type="checkbox" checked={shown} onChange={() => show(!shown)} />
        <span>{say("desk.lock.show")}</span>
      </label>
    </div>
  );
}

/** Does one thing at a time, and says what went wrong with it. */
function useTry(onKey: (key: Key) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Wrong>();
  async function attempt(make: () => Promise<Key>, otherwise: Wrong) {
    if (busy) return;
    setBusy(true);
    setWrong(undefined);
    let key: Key | undefined;
    try {
      key = await make();
      await onKey(key);
    } catch (error) {
      setWrong(
        error instanceof NoPrf
          ? "noprf"
          : error instanceof WrongKey
            ? "wrong"
            : error instanceof Newer
              ? "newer"
              : key === undefined
                ? otherwise
                : "failed",
      );
    } finally {
      setBusy(false);
    }
  }
  return { busy, wrong, setWrong, attempt };
}

interface NewLockProps {
  /** Which kinds can be chosen. */
  readonly kinds?: readonly Lock["kind"][];
  readonly alias: string;
  /** Rejects where the lock cannot be put on. */
  readonly onKey: (key: Key) => Promise<void>;
}

/** Chooses a lock: a passkey where the browser has them, a passphrase anywhere. */
export function NewLock({ kinds = ["passkey", "passphrase"], alias, onKey }: NewLockProps) {
  const { config, tongue } = useConsole();
  const { say } = tongue;
  const [passkeys, setPasskeys] = useState<boolean>();
  const [text, setText] = useState("");
  const { busy, wrong, setWrong, attempt } = useTry(onKey);

  useEffect(() => {
    let current = true;
    passkeysOffered().then(
      (found) => current && setPasskeys(found),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, []);

  function submit(event: Event) {
    event.preventDefault();
    if (!isStrong(text, [alias, config.kommun.name, "Utväg", "lösenord", "lösenfras", "password", "passphrase"]))
      return setWrong("weak");
    void attempt(() => newPassphraseKey(text), "failed");
  }

  return (
    <>
      {kinds.includes("passkey") && passkeys === false && <p class="hint">{say("desk.lock.nopasskey")}</p>}
      {kinds.includes("passkey") && passkeys && (
        <section class="card">
          <h2>{say("desk.lock.passkey.h2")}</h2>
          <p>{say("desk.lock.passkey.p")}</p>
          <button
            type="button"
            class="main"
            disabled={busy}
            onClick={() => void attempt(() => newPasskeyKey(alias), "passkey")}
          >
            {say("desk.lock.passkey.go")}
          </button>
        </section>
      )}
      {kinds.includes("passphrase") && (
        <form class="card" onSubmit={submit} noValidate>
          <h2>{say("desk.lock.passphrase.h2")}</h2>
          <Passphrase
            id="new-passphrase"
            value={text}
            set={setText}
            shown
            wrong={wrong === "weak"}
            hint={say("desk.lock.passphrase.hint")}
          />
          <button type="button" class="quiet" onClick={() => setText(suggestPassphrase())}>
            {say("desk.lock.suggest")}
          </button>
          <button type="submit" class="main" disabled={busy}>
            {say(busy ? "desk.lock.busy" : "desk.lock.passphrase.go")}
          </button>
        </form>
      )}
      <div class="alert" role="alert">
        {wrong !== undefined && (
          <p class="wrong" id="new-passphrase-wrong">
            {say(`desk.lock.${wrong}`)}
          </p>
        )}
      </div>
    </>
  );
}

interface OpenLockProps {
  readonly locks: readonly Lock[];
  /** Rejects with WrongKey where it does not fit. */
  readonly onKey: (key: Key) => Promise<void>;
  readonly go: string;
}

/** Opens one of the locks. */
export function OpenLock({ locks, onKey, go }: OpenLockProps) {
  const { say } = useConsole().tongue;
  const [text, setText] = useState("");
  const { busy, wrong, attempt } = useTry(onKey);
  const first = useRef<HTMLDivElement>(null);
  const passkey = locks.find((one) => one.kind === "passkey");
  const passphrase = locks.find((one) => one.kind === "passphrase");
  // Before the next key can be pressed.
  useLayoutEffect(() => first.current?.querySelector<HTMLElement>("button.main, input")?.focus(), []);

  return (
    <div class="card" ref={first}>
      {passkey && (
        <button
          type="button"
          class="main"
          disabled={busy}
          onClick={() => void attempt(() => passkeyOf(passkey), "passkey")}
        >
          {say("desk.lock.open.passkey")}
        </button>
      )}
      {passphrase && (
        <form
          class="unlock"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void attempt(() => passphraseKey(passphrase, text), "failed");
          }}
        >
          <Passphrase id="passphrase" value={text} set={setText} shown={false} wrong={wrong === "wrong"} />
          <button type="submit" class={passkey ? "" : "main"} disabled={busy}>
            {busy ? say("desk.lock.open.busy") : go}
          </button>
        </form>
      )}
      <div class="alert" role="alert">
        {wrong !== undefined && (
          <p class="wrong" id="passphrase-wrong">
            {say(`desk.lock.${wrong}`)}
          </p>
        )}
      </div>
    </div>
  );
}
