import type { ComponentType } from "preact";
import { Alarms } from "./alarms.tsx";
import { DutyPlace } from "./duty.tsx";
import { KeyList } from "./keys.tsx";
import { Locks } from "./locks.tsx";
import { People } from "./people.tsx";
import type { PlaceProps } from "./place.ts";
import { Settings } from "./settings.tsx";

export interface Place {
  /** Names its title in the catalog: `desk.place.<id>`. */
  readonly id: string;
  /** What stands below the title, in a sheet at the side, on a phone over the whole screen. */
  readonly Body: ComponentType<PlaceProps>;
  /** Is about this device or people who exist: not in a training. */
  readonly real?: true;
}

/**
 * Where the menu leads, in this order. The queue and the conversation are the page itself; ready replies and help cards
 * have keys of their own.
 */
export const places: readonly Place[] = [
  { id: "duty", Body: DutyPlace, real: true },
  { id: "people", Body: People, real: true },
  { id: "keys", Body: KeyList },
  { id: "alarms", Body: Alarms, real: true },
  { id: "locks", Body: Locks, real: true },
  { id: "settings", Body: Settings },
];

export function placeOf(id: string | undefined): Place | undefined {
  return places.find((one) => one.id === id);
}
