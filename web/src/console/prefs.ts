/** What a coordinator has chosen, kept in this browser. It holds nothing about any conversation. */
export interface Prefs {
  /** BCP 47 tag; empty: the first that the page offers. */
  readonly lang: string;
  readonly sound: boolean;
  readonly count: boolean;
  /** Shortcuts of one character. */
  readonly singles: boolean;
  /** Each message of a visitor stays hidden until pressed. */
  readonly veil: boolean;
  /** Minutes without a touch after which the page locks itself; one of `idleMinutes`. */
  readonly idle: number;
}

export const idleMinutes = [5, 10, 15] as const;

export const defaults: Prefs = { lang: "", sound: false, count: false, singles: true, veil: false, idle: 10 };

const place = "console";

/** Takes each known field that has the right type; a browser without storage gives the defaults. */
export function readPrefs(storage: () => Pick<Storage, "getItem">): Prefs {
  try {
    const found: unknown = JSON.parse(storage().getItem(place) ?? "{}");
    if (typeof found !== "object" || found === null) return defaults;
    const fields = found as Record<string, unknown>;
    const flag = (name: "sound" | "count" | "singles" | "veil") =>
      typeof fields[name] === "boolean" ? fields[name] : defaults[name];
    return {
      lang: typeof fields["lang"] === "string" ? fields["lang"] : defaults.lang,
      sound: flag("sound"),
      count: flag("count"),
      singles: flag("singles"),
      veil: flag("veil"),
      idle: idleMinutes.find((one) => one === fields["idle"]) ?? defaults.idle,
    };
  } catch {
    return defaults;
  }
}

export function writePrefs(storage: () => Pick<Storage, "setItem">, prefs: Prefs): void {
  try {
    storage().setItem(place, JSON.stringify(prefs));
  } catch {
    // The choice then lasts until the page is reloaded, which is all that this browser allows.
  }
}
