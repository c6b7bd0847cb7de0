/** The coordinator asks whether somebody may be let in: who, why, and two answers of which neither is chosen. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Visitor, VisitorProposal } from "../conversation/api.ts";
import { usePage } from "./page.ts";
import { near } from "./near.ts";

/**
 * Milliseconds for which a question that has just come cannot be answered: a tap may have been meant for the one
 * before.
 */
const breath = 700;

export function Offer({ visitor, offer }: { readonly visitor: Visitor; readonly offer: VisitorProposal | undefined }) {
  // The live region stands before the question comes, so that it is read aloud.
  return (
    <div role="status" tabIndex={-1}>
      {offer && <Question key={offer.nonce} visitor={visitor} offer={offer} />}
    </div>
  );
}

function Question({ visitor, offer }: { readonly visitor: Visitor; readonly offer: VisitorProposal }) {
  const {
    texts: { t },
  } = usePage();
  const { nonce, reason, role, accepted } = offer;
  const [ready, setReady] = useState(false);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const at = section.current!;
    if (near(at, "top")) at.scrollIntoView({ block: "nearest" });
    const timer = setTimeout(() => setReady(true), breath);
    return () => clearTimeout(timer);
  }, []);
  const slots = { alias: offer.by, alias2: offer.alias ?? "", kommun: offer.kommun ?? "" };
  const answer = (yes: boolean) => () => {
    if (!ready) return;
    // The button that has the focus goes.
    section.current?.parentElement?.focus({ preventScroll: true });
    visitor.answer(nonce, yes);
  };
  return (
    <section class="panel" ref={section} aria-labelledby="offer">
      <p id="offer">
        {t(
          reason === "colleague"
            ? "offer.colleague"
            : reason === "shift"
              ? "offer.shift"
              : reason === "back"
                ? "offer.back"
                : "offer.kommun",
          slots,
        )}
      </p>
      {offer.alias !== undefined && role && (
        <p class="small">
          <bdi>{offer.alias}</bdi>: {t(`role.${role}`)}
        </p>
      )}
      <p>{t(reason === "colleague" ? "offer.both" : reason === "back" ? "chat.invite.p" : "offer.over", slots)}</p>
      {accepted ? (
        <p>{t("chat.invited")}</p>
      ) : (
        <>
          <p>{t("offer.p")}</p>
          <div class="choices row" role="group" aria-labelledby="offer">
            <button type="button" onClick={answer(true)}>
              {t("common.yes")}
            </button>
            <button type="button" onClick={answer(false)}>
              {t("common.no")}
            </button>
          </div>
        </>
      )}
    </section>
  );
}
