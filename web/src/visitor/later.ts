/** What is loaded while the first screens are read, in one file: the conversation, and the screens that show one. */
import { ChatScreen } from "./chat.tsx";
import { ComeScreen } from "./come.tsx";
import { PartedScreen } from "./parted.tsx";

export { newVisitor } from "../conversation/visitor/visitor.ts";

export const screens = { chat: ChatScreen, come: ComeScreen, parted: PartedScreen };

export interface Later {
  readonly screens: typeof screens;
}
