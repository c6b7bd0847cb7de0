import type { ComponentChildren } from "preact";
import type { PageConfig } from "../../config.ts";
import type { Case } from "../../conversation/api.ts";
import type { TrainingSide } from "../app.tsx";
import { useConsole } from "../context.ts";
import { spoken, type Tongue } from "../phrases.ts";
import { scenarios } from "./scenarios.ts";
import { type Drill, newDrill } from "./simulated.ts";

interface SetUp {
  readonly config: PageConfig;
  readonly tongues: readonly Tongue[];
  /** The language that the trainee reads. */
  readonly lang: string;
  readonly alias: string;
  readonly onLeave: () => void;
}

/**
 * A training, ready to start. It takes the place of the real desk's page, and touches neither that desk nor anything
 * stored.
 */
export function setUp({ config, tongues, lang, alias, onLeave }: SetUp): TrainingSide {
  const own = spoken(config.languages, tongues);
  const foreign = config.languages.find(({ tag }) => !own.some((one) => one.tag === tag))?.tag;
  const desk = newDrill({ config, scenarios, alias, lang: lang === "sv" ? "sv" : "en", foreign });
  return {
    desk,
    onLeave,
    band: () => <Band onNext={() => desk.next()} onLeave={onLeave} />,
    after: (one: Case): ComponentChildren => (one.state === "ended" ? <Review desk={desk} one={one} /> : null),
  };
}

function Band({ onNext, onLeave }: { readonly onNext: () => void; readonly onLeave: () => void }) {
  const { say } = useConsole().tongue;
  return (
    <section class="training-band" aria-label={say("desk.train")}>
      <p>
        <strong>{say("desk.train")}</strong> {say("desk.train.band")}
      </p>
      <div class="training-tools">
        <button type="button" onClick={onNext}>
          {say("desk.train.next")}
        </button>
        <button type="button" onClick={onLeave}>
          {say("desk.train.leave")}
        </button>
      </div>
    </section>
  );
}

function Review({ desk, one }: { readonly desk: Drill; readonly one: Case }) {
  const { say } = useConsole().tongue;
  return (
    <section class="review" aria-labelledby="review-title">
      <h3 id="review-title">{say("desk.train.review")}</h3>
      <ul>
        {desk.review(one.id).map(({ text, done }) => (
          <li key={text} data-done={done}>
            <span class="strong">{say(done ? "desk.train.done" : "desk.train.missed")}</span> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
