import type { PageConfig } from "../../config.ts";
import type { Link } from "../../relay/link.ts";
import type { Trouble, VisitorView } from "../api.ts";
import type { Environment } from "../mailbox/context.ts";
import type { Directories } from "../directory/directories.ts";
import type { Mailbox } from "../mailbox/mailbox.ts";
import type { OpeningWork } from "./openingwork.ts";
import { Crash, type Rhythm } from "../mailbox/steps.ts";
import type { MovableVault } from "../vault/vault.ts";
import type { ViewStore } from "../viewstore.ts";
import type { Session, VisitorLife } from "./life.ts";

/** The visitor's engine, as its parts share it. */
export interface VisitorContext {
  readonly config: PageConfig;
  /** The browser has what a conversation needs. */
  readonly supported: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly rhythm: Rhythm;
  readonly at: (step: string) => Promise<void>;
  readonly vault: MovableVault;
  readonly link: Link;
  readonly directories: Directories;
  readonly work: OpeningWork;
  readonly env: Environment;
  readonly shown: ViewStore<VisitorView>;
  /** Changes by `become` alone. A part that waited goes on only where it is still the one that it left. */
  readonly life: VisitorLife<Mailbox>;
  become(next: VisitorLife<Mailbox>): void;
  session: Session;
  /** What is wrong and does not stop the conversation. */
  notice: Trouble | undefined;
}

/** Milliseconds until a relay that does not answer counts as unreachable. */
const timeout = 15_000;

/** Resolves once the relay has said hello; false when it does not. */
export function reach({ link }: VisitorContext): Promise<boolean> {
  link.start();
  return link.whenUp(timeout);
}

/** Takes up a mailbox. One that comes when everything has been wiped is not taken. */
export async function hold(ctx: VisitorContext, load: () => Promise<Mailbox | undefined>): Promise<void> {
  const mailbox = await load();
  if (ctx.life.kind === "wiped") return mailbox?.stop();
  if (ctx.link.up) mailbox?.connect();
  ctx.become(mailbox ? { kind: "held", mailbox } : { kind: "idle" });
}

/** A crash ends the engine where it stands; there is nobody to tell. */
export async function quietly(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}
