import { useEffect, useRef, useState } from "preact/hooks";
import { quietField } from "../field.ts";
import { useConsole } from "./context.ts";
import { fingerprint } from "./fingerprint.ts";
import { makeSafe } from "../conversation/vault/safe.ts";
import type { Key } from "../conversation/vault/keys.ts";
import { cleanAlias } from "./fragment.ts";
import { NewLock } from "./locking.tsx";
import { Qr } from "./qr.tsx";

/** Phase new: says what a device is, asks for its lock, and makes one. */
export function NewDevice({ onTrain }: { readonly onTrain: (() => void) | undefined }) {
  const { config, desk, tongue } = useConsole();
  const { say } = tongue;
  const [alias, setAlias] = useState("");
  const [languages, setLanguages] = useState<readonly string[]>([config.languages[0]?.tag ?? "sv"]);
  const [wrong, setWrong] = useState<"alias" | "languages" | undefined>();
  const [named, setNamed] = useState<string>();
  const box = useRef<HTMLInputElement>(null);

  function submit(event: Event) {
    event.preventDefault();
    const clean = cleanAlias(alias);
    if (clean === undefined) {
      setWrong("alias");
      box.current?.focus();
      return;
    }
    if (languages.length === 0) {
      setWrong("languages");
      return;
    }
    setWrong(undefined);
    setNamed(clean);
  }

  async function make(key: Key) {
    await desk.enrol(named ?? "", languages, (name) => makeSafe(name, key));
    await desk.start();
  }

  // The form that is gone had the focus.
  useEffect(() => {
    if (named !== undefined) document.getElementById("main")?.focus();
  }, [named]);

  const toggle = (tag: string) =>
    setLanguages(
      config.languages
        .map((one) => one.tag)
        .filter((one) => (one === tag ? !languages.includes(tag) : languages.includes(one))),
    );

  if (named !== undefined)
    return (
      <main id="main" class="page" tabIndex={-1}>
        <h1>{say("desk.lock.make.h1")}</h1>
        <p>{say("desk.lock.make.p")}</p>
        <NewLock alias={named} onKey={make} />
        <p class="hint">{say("desk.lock.make.lost")}</p>
        <button type="button" class="quiet" onClick={() => setNamed(undefined)}>
          {say("desk.back")}
        </button>
      </main>
    );
  return (
    <main id="main" class="page" tabIndex={-1}>
      <h1>{say("desk.new.h1")}</h1>
      <p>{say("desk.new.p1", { kommun: config.kommun.name })}</p>
      <p>{say("desk.new.p2")}</p>
      <p>{say("desk.new.p3")}</p>
      <form class="card" onSubmit={submit} noValidate>
        <div class="field">
          <label for="alias">{say("desk.new.alias")}</label>
          <p id="alias-hint" class="hint">
            {say("desk.new.alias.hint")}
          </p>
          {wrong === "alias" && (
            <p id="alias-wrong" class="wrong">
              {say("desk.new.alias.wrong")}
            </p>
          )}
          <input
            id="alias"
            ref={box}
            type="text"
            value={alias}
            maxLength={40}
            {...quietField}
            required
            aria-describedby={wrong === "alias" ? "alias-hint alias-wrong" : "alias-hint"}
            aria-invalid={wrong === "alias"}
            onInput={(event) => setAlias(event.currentTarget.value)}
          />
        </div>
        <fieldset class="field">
          <legend>{say("desk.new.languages")}</legend>
          {wrong === "languages" && <p class="wrong">{say("desk.new.languages.wrong")}</p>}
          {config.languages.map((one) => (
            <label class="choice" key={one.tag}>
              <input type="checkbox" checked={languages.includes(one.tag)} onChange={() => toggle(one.tag)} />
              <span lang={one.tag}>{one.name}</span>
            </label>
          ))}
        </fieldset>
        <button type="submit" class="main">
          {say("desk.new.go")}
        </button>
      </form>
      <TrainFirst onTrain={onTrain} />
    </main>
  );
}

/**
 * Phase enrolling: the request, and what to do with it. The page goes on by itself once the roster holds the device.
 */
export function Enrolling({
  request,
  alias,
  note,
  onTrain,
}: {
  readonly request: string;
  readonly alias: string;
  readonly note: "sending" | "used" | "failed" | undefined;
  readonly onTrain: (() => void) | undefined;
}) {
  const { tongue } = useConsole();
  const { say } = tongue;
  const [copied, setCopied] = useState<"yes" | "no" | undefined>();
  const box = useRef<HTMLTextAreaElement>(null);
  const [digits, setDigits] = useState<string>();

  useEffect(() => {
    let current = true;
    fingerprint(request).then(
      (found) => current && setDigits(found),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [request]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(request);
      setCopied("yes");
    } catch {
      // Without leave to use the clipboard, a selection is one key press away from it.
      box.current?.focus();
      box.current?.select();
      setCopied("no");
    }
  }

  if (note === "sending")
    return (
      <main id="main" class="page" tabIndex={-1}>
        <h1>{say("desk.enrolling.demo.h1")}</h1>
        <p role="status">{say("desk.enrolling.demo.p", { alias })}</p>
      </main>
    );
  return (
    <main id="main" class="page" tabIndex={-1}>
      <h1>{say("desk.enrolling.h1")}</h1>
      {note !== undefined && (
        <div class="notice warn" role="alert">
          <p>{say(note === "used" ? "desk.enrolling.used" : "desk.enrolling.failed")}</p>
        </div>
      )}
      <p>{say("desk.enrolling.p1", { alias })}</p>
      <ol class="steps">
        <li>{say("desk.enrolling.s1")}</li>
        <li>
          {say("desk.enrolling.s2")} <code>utvag roster add</code>
        </li>
        <li>
          {say("desk.enrolling.read")}
          {digits !== undefined && (
            <span class="digits" data-fingerprint>
              {digits}
            </span>
          )}
        </li>
        <li>{say("desk.enrolling.s3")}</li>
      </ol>
      <div class="card">
        <div class="field">
          <label for="request">{say("desk.enrolling.request")}</label>
          <textarea
            id="request"
            ref={box}
            class="request"
            readOnly
            rows={6}
            value={request}
            spellcheck={false}
            onFocus={(event) => event.currentTarget.select()}
          />
        </div>
        <button type="button" class="main" onClick={copy}>
          {say("desk.enrolling.copy")}
        </button>
        <p class="hint" role="status">
          {copied === "yes" && say("desk.enrolling.copied")}
          {copied === "no" && say("desk.enrolling.selected")}
        </p>
        <Qr text={request} name={say("desk.enrolling.qr")} />
      </div>
      <p class="hint">{say("desk.enrolling.p2")}</p>
      <TrainFirst onTrain={onTrain} />
    </main>
  );
}

/** A first day has no keys yet, and nothing to wait for. */
function TrainFirst({ onTrain }: { readonly onTrain: (() => void) | undefined }) {
  const { say } = useConsole().tongue;
  if (!onTrain) return null;
  return (
    <section class="train-first">
      <p>{say("desk.train.hint")}</p>
      <button type="button" onClick={onTrain}>
        {say("desk.train.go")}
      </button>
    </section>
  );
}

/** A device that this browser holds keys for. */
export interface Stored {
  readonly id: string;
  readonly alias: string;
}

/** Several coordinators share this browser: asks which of them sits here. Drawn before there is a desk. */
export function Choose({
  stored,
  say,
  onChoose,
}: {
  readonly stored: readonly Stored[];
  readonly say: (key: string) => string;
  readonly onChoose: (id: string | undefined) => void;
}) {
  return (
    <main id="main" class="page" tabIndex={-1}>
      <h1>{say("desk.choose.h1")}</h1>
      <p>{say("desk.choose.p")}</p>
      <ul class="choices">
        {stored.map((one) => (
          <li key={one.id}>
            <button type="button" class="wide" onClick={() => onChoose(one.id)}>
              <bdi>{one.alias}</bdi> <span class="hint">{one.id.slice(0, 4)}</span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="quiet" onClick={() => onChoose(undefined)}>
        {say("desk.choose.new")}
      </button>
    </main>
  );
}
