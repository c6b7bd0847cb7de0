import type { Hello } from "../../relay/link.ts";
import { type DeskContext, answerOf, guarded, halt, ownIn } from "./context.ts";
import { type Standing, nextLogin, nextSearch, nextUpkeep, openedIn, published, standingOf } from "./life.ts";
import { loginSignature, storeDevice } from "./device.ts";
import { currentPackages, dayOf } from "./packages.ts";
import { serialForm } from "./serial.ts";

/** From a device to a desk at work: it finds itself in the roster, logs in, and keeps its key packages current. */

const tick = 60_000;

/** Loads the roster and looks this device up in it. */
async function look(ctx: DeskContext): Promise<Standing> {
  const { own: directory, trust } = ctx.directories;
  const trouble = await directory.load();
  const own = openedIn(ctx.life);
  if (ctx.life.kind === "locked") return "unknown";
  ctx.remember({ notice: trouble });
  const { roster } = directory;
  if (!roster || !own) return "unknown";
  await own.vault.put({ serial: serialForm.encode(roster.serial) });
  const standing = standingOf(roster, own.device, trust.now(), trouble);
  const life = ctx.life;
  if (standing === "in" && !own.device.enrolled && "own" in life) {
    const device = { ...own.device, enrolled: true };
    ctx.become({ ...life, own: { device, vault: own.vault } });
    await storeDevice(own.vault, device);
  }
  return standing;
}

/** Looks until the device is in the roster, then goes to work. The first look is awaited. */
export async function seek(ctx: DeskContext, signal: AbortSignal): Promise<void> {
  const found = await look(ctx);
  if (signal.aborted) return;
  const step = nextSearch(found, ownIn(ctx).device.enrolled, ctx.rhythm.enrolment);
  switch (step.do) {
    case "work":
      return work(ctx, signal);
    case "stop":
      return halt(ctx, "device");
    case "wait":
      setTimeout(() => {
        if (!signal.aborted) void guarded(ctx, () => seek(ctx, signal));
      }, step.ms);
  }
}

async function work(ctx: DeskContext, signal: AbortSignal): Promise<void> {
  ctx.become({ kind: "offline", own: ownIn(ctx) });
  await ctx.inbox.restore();
  if (signal.aborted) return;
  clearInterval(ctx.ticker);
  ctx.ticker = setInterval(() => void guarded(ctx, () => keepCurrent(ctx)), tick);
  ctx.link.start();
  ctx.shown.changed();
}

export async function logIn(ctx: DeskContext, hello: Hello): Promise<void> {
  const { signal, config, hooks } = ctx;
  if (hello.kommun !== config.kommun.id) return halt(ctx, "roster_kommun");
  const { device } = ownIn(ctx);
  const signature = await loginSignature(device, {
    kommun: config.kommun.id,
    origin: config.origin,
    nonce: hello.nonce,
  });
  await hooks.at?.("login.signed");
  const answer = await answerOf(ctx, { kind: "login", device: device.id, signature });
  await hooks.at?.("login.answered");
  if (!answer || signal.aborted) return;
  let next = nextLogin(answer, undefined, ctx.session.refusedLogins);
  if (next === "look") {
    const standing = await look(ctx);
    if (signal.aborted) return;
    if (standing === "in") ctx.remember({ refusedLogins: ctx.session.refusedLogins + 1 });
    next = nextLogin(answer, standing, ctx.session.refusedLogins);
  }
  switch (next) {
    case "work":
      return goOnline(ctx);
    case "stop":
      return halt(ctx, "device");
    case "again":
    case "look":
      setTimeout(() => !signal.aborted && ctx.link.renew(), ctx.rhythm.again);
      return;
    default:
      next satisfies never;
  }
}

async function goOnline(ctx: DeskContext): Promise<void> {
  ctx.remember({ refusedLogins: 0 });
  ctx.become({ kind: "online", own: ownIn(ctx) });
  for (const { mailbox } of ctx.cases.values()) mailbox.connect();
  // A relay whose store was emptied has none of any day.
  await publish(ctx);
  if (ctx.now() - ctx.directories.own.loaded > tick) await keepCurrent(ctx);
}

async function publish(ctx: DeskContext): Promise<void> {
  const { signal, hooks } = ctx;
  const { vault, device } = ownIn(ctx);
  const day = dayOf(ctx.now());
  const packages = await currentPackages(vault, device, ctx.config, ctx.now(), hooks);
  const answer = await answerOf(ctx, {
    kind: "publish",
    keyPackages: packages.map((p) => ({ day: p.day, keyPackage: p.keyPackage })),
  });
  await hooks.at?.("publish.answered");
  if (signal.aborted) return;
  ctx.remember(
    published(
      ctx.session,
      answer,
      day,
      packages.map((p) => p.day),
    ),
  );
}

/** Once a minute: a new day's key packages, and a roster that is not old. */
async function keepCurrent(ctx: DeskContext): Promise<void> {
  for (const looked of [false, true]) {
    const age = ctx.now() - ctx.directories.own.loaded;
    const due = nextUpkeep(ctx.life, ctx.session, { age, day: dayOf(ctx.now()), looked });
    if (due === "wait") return;
    if (due === "publish") return publish(ctx);
    await obey(ctx);
  }
}

/** Looks at the roster again, and stops where this device is not in it any more. */
export async function obey(ctx: DeskContext): Promise<void> {
  const { signal } = ctx;
  if ((await look(ctx)) === "out" && !signal.aborted && openedIn(ctx.life)?.device.enrolled) halt(ctx, "device");
}
