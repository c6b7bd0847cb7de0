import { useSurroundings } from "./context.ts";
import { Dialog } from "./dialog.tsx";

/** What to do when it is serious, each case with its steps in order and the replies that belong to it. */
const cases: readonly { readonly name: string; readonly steps: number; readonly replies: readonly string[] }[] = [
  { name: "danger", steps: 5, replies: ["pb.danger"] },
  { name: "suicide", steps: 4, replies: ["pb.suicide"] },
  { name: "child", steps: 4, replies: ["pb.minor", "pb.bris"] },
  { name: "probing", steps: 4, replies: ["pb.neither", "pb.nodetails"] },
  { name: "threat", steps: 3, replies: [] },
];

interface Props {
  readonly onClose: () => void;
  /** Shows the phrasebook's reply as it would be sent; absent when no own conversation is open. */
  readonly onReply: ((key: string) => void) | undefined;
}

/** The card for when someone's life, or a child, is at risk: wording, number and order, in one place. */
export function Card({ onClose, onReply }: Props) {
  const { config, tongue } = useSurroundings();
  const { say, has } = tongue;
  const report = config.links["report"];
  return (
    <Dialog title={say("desk.card")} onClose={onClose}>
      <p>{say("desk.card.p")}</p>
      {cases.map(({ name, steps, replies }, at) => (
        <details key={name} class="card-case" open={at === 0}>
          <summary>
            <h3>{say(`desk.card.${name}`)}</h3>
          </summary>
          <ol class="steps">
            {Array.from({ length: steps }, (_, step) => (
              <li key={step}>{say(`desk.card.${name}.${step + 1}`)}</li>
            ))}
          </ol>
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
    </Dialog>
  );
}
