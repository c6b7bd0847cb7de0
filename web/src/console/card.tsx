import { useLayoutEffect, useRef } from "preact/hooks";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";

/**
 * What to do when it is serious: each case with its steps in order, the replies that belong to it, and the numbers, as
 * ids of the configuration.
 */
export const cards: readonly {
  readonly name: string;
  readonly steps: number;
  readonly replies: readonly string[];
  readonly numbers: readonly string[];
}[] = [
  { name: "danger", steps: 5, replies: ["pb.danger"], numbers: ["emergency"] },
  { name: "suicide", steps: 4, replies: ["pb.suicide"], numbers: ["emergency", "suicide"] },
  { name: "child", steps: 4, replies: ["pb.minor", "pb.bris"], numbers: ["emergency", "report", "children"] },
  { name: "third", steps: 3, replies: ["pb.family", "pb.secrecy"], numbers: ["emergency", "police"] },
  { name: "staff", steps: 4, replies: ["pb.bye"], numbers: ["emergency", "kommun"] },
  { name: "probing", steps: 4, replies: ["pb.neither", "pb.nodetails"], numbers: ["kommun"] },
];

interface Props {
  readonly onClose: () => void;
  /** Shows the phrasebook's reply as it would be sent; absent when no own conversation is open. */
  readonly onReply: ((key: string) => void) | undefined;
  /** Stands beside the conversation, which stays in use; otherwise over it. */
  readonly beside: boolean;
}

/** The card for when someone's life, or a child, is at risk: wording, number, order and who decides, in one place. */
export function Card({ onClose, onReply, beside }: Props) {
  const { say } = useConsole().tongue;
  if (!beside)
    return (
      <Dialog title={say("desk.card")} onClose={onClose}>
        <Cases onReply={onReply} />
      </Dialog>
    );
  return <Beside onClose={onClose} onReply={onReply} />;
}

function Beside({ onClose, onReply }: Omit<Props, "beside">) {
  const { say } = useConsole().tongue;
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    // Whoever closes it goes on where they were.
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <aside class="beside-card" aria-labelledby="card-title">
      <header class="dialog-head">
        <h2 id="card-title" ref={heading} tabIndex={-1}>
          {say("desk.card")}
        </h2>
        <button type="button" class="quiet" onClick={onClose}>
          {say("desk.close")}
        </button>
      </header>
      <div class="dialog-body">
        <Cases onReply={onReply} />
      </div>
    </aside>
  );
}

function Cases({ onReply }: Pick<Props, "onReply">) {
  const { config, tongue } = useConsole();
  const { say, has } = tongue;
  const report = config.links["report"];
  return (
    <>
      <p>{say("desk.card.p")}</p>
      {cards.map(({ name, steps, replies, numbers }, at) => (
        <details key={name} class="card-case" open={at === 0}>
          <summary>
            <h3>{say(`desk.card.${name}`)}</h3>
          </summary>
          <ol class="steps">
            {Array.from({ length: steps }, (_, step) => (
              <li key={step}>{say(`desk.card.${name}.${step + 1}`)}</li>
            ))}
          </ol>
          <dl class="facts">
            <Numbers ids={numbers} />
            <div>
              <dt>{say("desk.card.decides")}</dt>
              <dd>{say(`desk.card.${name}.decides`)}</dd>
            </div>
            <div>
              <dt>{say("desk.card.stop")}</dt>
              <dd>{say(`desk.card.${name}.stop`)}</dd>
            </div>
          </dl>
          {name === "child" && report !== undefined && (
            <p>
              <a href={report} rel="noreferrer noopener" target="_blank">
                {say("desk.card.report")}
              </a>
            </p>
          )}
          {onReply && (
            <div class="replies">
              {replies.filter(has).map((key) => (
                <button type="button" key={key} class="phrase" onClick={() => onReply(key)}>
                  <span class="hint">{say("desk.card.insert")}</span>
                  <span>{say(key)}</span>
                </button>
              ))}
            </div>
          )}
        </details>
      ))}
    </>
  );
}

/**
 * Only numbers that the configuration has, and that somebody verified within their time: the server leaves the others
 * out.
 */
function Numbers({ ids }: { readonly ids: readonly string[] }) {
  const { config, tongue } = useConsole();
  const found = ids.flatMap((id) => config.numbers.filter((one) => one.id === id));
  if (found.length === 0) return null;
  return (
    <div>
      <dt>{tongue.say("desk.card.numbers")}</dt>
      {found.map(({ id, number, label, hours }) => (
        <dd key={id}>
          <bdi class="strong">{number}</bdi> {label[tongue.tag] ?? ""}{" "}
          <span class="hint">{hours[tongue.tag] ?? ""}</span>
        </dd>
      ))}
    </div>
  );
}
