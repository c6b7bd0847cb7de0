import { Group } from "../../mls/group.ts";
import { beginning } from "../../wire/frames.ts";
import type { Trouble } from "../api.ts";
import { intakeDevices } from "../directory/directory.ts";
import { type Mailbox, makeMailbox } from "../mailbox/mailbox.ts";
import { makeOpening, successor } from "./opening.ts";
import { type MailboxState, addLine, bytesOf, troubleIn } from "../mailbox/state.ts";
import { Crash, pause } from "../mailbox/steps.ts";
import { type VisitorContext, quietly } from "./context.ts";
import { type OpeningProgress, mailboxIn, nextOpening } from "./life.ts";

/** Brings what was written to the relay: as a new conversation, or as the successor of one that broke. */

type Drafted = Extract<VisitorContext["life"], { readonly kind: "drafted" }>;

/** Loads the directory, begins to pay for the next opening, and says what stands in the way. */
export async function prepare(ctx: VisitorContext): Promise<{ trouble?: Trouble; readers: number }> {
  if (!ctx.supported) return { trouble: "unsupported", readers: 0 };
  const { own } = ctx.directories;
  const trouble = await own.load();
  if (!trouble) ctx.work.begin(own.puzzle);
  const readers = intakeDevices(own, ctx.now()).length;
  const found = trouble ?? (readers === 0 ? "nobody" : undefined);
  return found ? { trouble: found, readers } : { readers };
}

/** Opens what was drafted, and goes on trying until it is on its way or cannot be. */
export async function launch(ctx: VisitorContext, s: MailboxState): Promise<void> {
  const drafted: Drafted = { kind: "drafted", s };
  ctx.become(drafted);
  let progress: OpeningProgress = { attempt: 0, looked: false, trouble: undefined };
  while (ctx.life === drafted) {
    const { own } = ctx.directories;
    const step = nextOpening(progress, ctx.now() - own.loaded, own.roster !== undefined);
    switch (step.do) {
      case "look":
        progress = { ...progress, looked: true, trouble: (await prepare(ctx)).trouble };
        break;
      case "make": {
        const trouble = await make(ctx, drafted);
        if (trouble === "done") return;
        progress = { ...progress, trouble };
        break;
      }
      case "wait":
        ctx.notice = progress.trouble;
        ctx.shown.changed();
        await pause(step.ms);
        progress = { attempt: progress.attempt + 1, looked: false, trouble: undefined };
        break;
      case "break":
        s.stage = { kind: "broken", trouble: step.trouble };
        ctx.shown.changed();
        return;
      default:
        step satisfies never;
    }
  }
}

/** Pays, makes the group, and hands the state to a mailbox. done: it is on its way, or it is not wanted any more. */
async function make(ctx: VisitorContext, drafted: Drafted): Promise<Trouble | "done"> {
  const { at, directories, env, link } = ctx;
  const { s } = drafted;
  await at("open.begun");
  const work = await ctx.work.pay(s.id, directories.own.puzzle).catch(() => undefined);
  if (ctx.life !== drafted) return "done";
  const made = work
    ? await attempt(() => makeOpening(s, directories.own, directories.trust, work))
    : ("unsupported" as const);
  if (ctx.life !== drafted) return "done";
  if (!(made instanceof Group)) return made;
  await at("open.made");
  // From here on the mailbox owns the state; lines written meanwhile are in it.
  const mailbox = await makeMailbox(env, s, made);
  if (ctx.life !== drafted) {
    mailbox.stop();
    return "done";
  }
  ctx.notice = undefined;
  ctx.become({ kind: "held", mailbox });
  await at("open.stored");
  if (link.up) mailbox.connect();
  link.start();
  return "done";
}

async function attempt(work: () => Promise<Group | Trouble>): Promise<Group | Trouble> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Crash) throw error;
    return "bug";
  }
}

/** The devices that the opening named are not the relay's any more: the same conversation under a new id. */
export async function reopen(ctx: VisitorContext): Promise<void> {
  const old = mailboxIn(ctx.life);
  if (old?.s.stage.kind !== "opening") return;
  // What is written from here on goes into the successor.
  const next: Drafted = { kind: "drafted", s: successor(old.s, ctx.work.take(), ctx.now()) };
  ctx.become(next);
  old.stop();
  await old.rested;
  await ctx.directories.own.load();
  if (ctx.life === next) await launch(ctx, next.s);
}

/** Opens the successor of what broke; `only` for these devices. unasked: the person has not decided it, and is told. */
export async function openSuccessor(
  ctx: VisitorContext,
  old: MailboxState,
  only: readonly string[] | undefined,
  unasked: boolean,
): Promise<void> {
  const before = mailboxIn(ctx.life);
  const s = successor(old, ctx.work.take(), ctx.now());
  s.only = only;
  if (unasked) addLine(s, { id: `${s.era}.anew`, era: s.era, seq: 0, from: "system", event: "anew" });
  const next: Drafted = { kind: "drafted", s };
  ctx.notice = undefined;
  ctx.become(next);
  if (before) {
    await abandon(ctx, before);
    before.stop();
    await before.rested;
    // One connection serves one mailbox of a visitor (spec §9).
    ctx.link.close();
  }
  if (ctx.life === next) await quietly(launch(ctx, s));
}

/** Milliseconds that a deletion of what broke is waited for. */
const abandonTimeout = 2000;

/** Asks the relay to delete what broke, as far as it still can. */
async function abandon({ link }: VisitorContext, { s }: Mailbox): Promise<void> {
  const trouble = troubleIn(s);
  if (!link.up || trouble === "elsewhere" || trouble === "lost") return;
  const asked = link.request({
    kind: "end",
    mailbox: bytesOf(s.id),
    counter: 0n,
    read: beginning,
    message: new Uint8Array(),
  });
  await Promise.race([asked.catch(() => undefined), pause(abandonTimeout)]);
}
