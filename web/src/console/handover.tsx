import { useEffect, useState } from "preact/hooks";
import type { Candidate, Case, ProposalReason } from "../conversation/api.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";

/**
 * Whom the visitor is asked to let in: what was asked, how it stands, and who reads beside this device. Always in sight
 * in an own case.
 */
export function Handover({ one }: { readonly one: Case }) {
  const {
    tongue: { say },
    desk,
  } = useConsole();
  const [asking, setAsking] = useState(false);
  const { proposal } = one;
  const open = proposal?.state === "sending" || proposal?.state === "waiting";
  return (
    <div class="handover">
      <div role="status">
        {one.beside?.map(({ device, alias }) => (
          <p key={device} class="hint">
            {say("desk.hand.beside", { alias })}
          </p>
        ))}
        {proposal && (
          <p class="hint">
            {proposal.alias === undefined
              ? say(`desk.hand.${proposal.reason}`)
              : say("desk.hand.about", { what: say(`desk.hand.${proposal.reason}`), alias: proposal.alias })}
            {". "}
            {say(`desk.hand.${proposal.state}`)}
          </p>
        )}
      </div>
      <div class="row-of">
        {open ? (
          <button type="button" class="quiet" onClick={() => desk.withdraw(one.id)}>
            {say("desk.hand.withdraw")}
          </button>
        ) : (
          <button type="button" class="quiet" aria-haspopup="dialog" onClick={() => setAsking(true)}>
            {say("desk.hand")}
          </button>
        )}
        {one.beside?.map(({ device, alias }) => (
          <button type="button" class="quiet" key={device} onClick={() => desk.dismiss(one.id, device)}>
            {say("desk.hand.dismiss", { alias })}
          </button>
        ))}
      </div>
      {asking && <Ask one={one} onClose={() => setAsking(false)} />}
    </div>
  );
}

const reasons: readonly ProposalReason[] = ["colleague", "shift", "back", "kommun"];

function Ask({ one, onClose }: { readonly one: Case; readonly onClose: () => void }) {
  const {
    tongue: { say, has },
    desk,
    config: { partners = [] },
  } = useConsole();
  const [reason, setReason] = useState<ProposalReason | undefined>(undefined);
  const [found, setFound] = useState<readonly Candidate[] | "failed" | undefined>(undefined);
  const [chosen, setChosen] = useState<Candidate | undefined>(undefined);
  const [partner, setPartner] = useState(partners.length === 1 ? partners[0]?.id : undefined);
  const [again, setAgain] = useState(0);
  const kommun = reason === "kommun" ? partner : "";
  useEffect(() => {
    let wanted = true;
    const show = (now: typeof found) => wanted && setFound(now);
    show(undefined);
    if (kommun !== undefined) desk.candidates(one.id, kommun).then(show, () => show("failed"));
    return () => {
      wanted = false;
    };
  }, [kommun, again]);
  const people =
    found === "failed" || found === undefined ? [] : found.filter((c) => reason === "colleague" || c.claims);
  const ready =
    reason !== undefined &&
    people.length > 0 &&
    (reason === "back" || (chosen !== undefined && people.includes(chosen)));
  return (
    <Dialog title={say("desk.hand")} onClose={onClose}>
      <p>{say("desk.hand.p")}</p>
      <fieldset class="field">
        <legend class="hidden">{say("desk.hand")}</legend>
        {reasons
          .filter((key) => key !== "kommun" || partners.length > 0)
          .map((key) => (
            <label class="choice" key={key}>
              <input
                type="radio"
                name="reason"
                checked={reason === key}
                aria-describedby={`hand-${key}`}
                onChange={() => setReason(key)}
              />
              <span>
                {say(`desk.hand.${key}`)}
                <span id={`hand-${key}`} class="hint">
                  {say(`desk.hand.${key}.p`)}
                </span>
              </span>
            </label>
          ))}
      </fieldset>
      {reason === "kommun" && (
        <fieldset class="field">
          <legend>{say("desk.hand.which")}</legend>
          {partners.map(({ id, name }) => (
            <label class="choice" key={id}>
              <input type="radio" name="which" checked={partner === id} onChange={() => setPartner(id)} />
              <bdi>{name}</bdi>
            </label>
          ))}
        </fieldset>
      )}
      <div role="status">
        {kommun !== undefined && found === undefined && <p class="hint">{say("desk.hand.loading")}</p>}
        {found !== undefined && found !== "failed" && found.length === 0 && <p>{say("desk.hand.none")}</p>}
      </div>
      {found === "failed" && (
        <button type="button" onClick={() => setAgain(again + 1)}>
          {say("desk.hand.failed")}
        </button>
      )}
      {reason !== undefined && reason !== "back" && people.length > 0 && (
        <fieldset class="field">
          <legend>{say("desk.hand.who")}</legend>
          {people.map((c) => (
            <label class="choice" key={c.device}>
              <input type="radio" name="who" checked={chosen === c} onChange={() => setChosen(c)} />
              <span>
                <bdi>{c.alias}</bdi>
                <span class="hint">
                  {[...(has(`desk.role.${c.role}`) ? [say(`desk.role.${c.role}`)] : []), c.languages.join(", ")].join(
                    " · ",
                  )}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <button
        type="button"
        class="main wide"
        disabled={!ready}
        onClick={() => {
          if (reason !== undefined) desk.propose(one.id, reason, reason === "back" ? undefined : chosen, kommun);
          onClose();
        }}
      >
        {say("desk.hand.ask")}
      </button>
    </Dialog>
  );
}
