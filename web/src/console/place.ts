import type { DeskView } from "../conversation/api.ts";

/** What a place is given. It can be closed at any moment: what somebody writes in it must outlive it elsewhere. */
export interface PlaceProps {
  readonly view: DeskView;
  readonly onClose: () => void;
}
