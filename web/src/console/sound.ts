/** A soft two-note tone, made here: nothing is loaded. */
export interface Chime {
  /** Plays, if the browser allows sound by now; a page may not make any before its first click or key press. */
  play(): void;
}

export function newChime(): Chime {
  let context: AudioContext | undefined;
  const wake = () => {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  };
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, wake, { once: true, passive: true });
  return {
    play() {
      if (context?.state !== "running") return;
      const start = context.currentTime;
      for (const [at, pitch] of [
        [0, 523.25],
        [0.18, 659.25],
      ] as const) {
        const tone = context.createOscillator();
        const gain = context.createGain();
        tone.frequency.value = pitch;
        gain.gain.setValueAtTime(0, start + at);
        gain.gain.linearRampToValueAtTime(0.12, start + at + 0.02);
        gain.gain.exponentialRampToValueAtTime(0.001, start + at + 0.5);
        tone.connect(gain).connect(context.destination);
        tone.start(start + at);
        tone.stop(start + at + 0.5);
      }
    },
  };
}
