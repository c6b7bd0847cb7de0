import { useEffect, useRef, useState } from "preact/hooks";
import type { DeskView } from "../conversation/api.ts";
import { App, type AppProps, type TrainingSide } from "./app.tsx";
import { type Chime, newChime } from "./sound.ts";
import { isCalled } from "./words.ts";

/**
 * The console, or a training in its place while the real desk goes on behind it and ends the training when somebody
 * waits.
 */
export function Root(props: Omit<AppProps, "training" | "cut" | "onTrain">) {
  const { desk } = props;
  const [training, setTraining] = useState<TrainingSide>();
  const [cut, setCut] = useState(false);
  const chime = useRef<Chime>(undefined);

  useEffect(() => {
    if (!training) return;
    const look = (view: DeskView) => {
      if (!isCalled(view)) return;
      training.onLeave();
      setCut(true);
      // Whatever the setting says: whoever trains does not look at the real list.
      chime.current?.play();
    };
    look(desk.view);
    return desk.subscribe(look);
  }, [training]);

  async function train(lang: string, alias: string): Promise<void> {
    chime.current ??= newChime();
    const { setUp } = await import("./training/index.tsx");
    if (isCalled(desk.view)) return;
    setCut(false);
    const side = setUp({
      config: props.config,
      tongues: props.tongues,
      lang,
      alias,
      onLeave: () => {
        side.desk.stop();
        setTraining(undefined);
      },
    });
    setTraining(side);
    await side.desk.start();
  }

  if (training)
    return <App key="training" {...props} desk={training.desk} note={undefined} pass={undefined} training={training} />;
  return <App key="real" {...props} cut={cut} onTrain={train} />;
}
