import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, type CDPSession, chromium, type Page } from "@playwright/test";
import { erase } from "./support/erase.ts";
import { unlock } from "./support/lock.ts";
import { browserOf, found } from "./support/profile.ts";
import { type Coordinator, enrol, expect, story } from "./support/story.ts";
import { newCoordinator } from "./support/coordinator.ts";
import { enter, keeps } from "./support/phrase.ts";
import { text } from "./support/texts.ts";
import { watch } from "./support/watch.ts";

/** A coordinator's own computer: a browser whose profile is on the disk, and which can be killed. */
const laptop = story.extend<{ readonly profile: string; readonly openLaptop: () => Promise<BrowserContext> }>({
  profile: async ({ folder }, use) => {
    const profile = join(folder, "laptop");
    mkdirSync(profile);
    await use(profile);
  },
  openLaptop: async ({ launchOptions, contextOptions, profile }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await chromium.launchPersistentContext(profile, {
        ...launchOptions,
        ...contextOptions,
        locale: "sv-SE",
        viewport: { width: 1280, height: 800 },
      });
      opened.push(context);
      return context;
    });
    await Promise.all(opened.map((context) => context.close().catch(() => undefined)));
  },
});

// A passkey belongs to a name.
laptop.use({ serverOptions: { consoleHost: "localhost" } });

async function kill(context: BrowserContext, profile: string): Promise<void> {
  const closed = new Promise((resolve) => context.once("close", resolve));
  process.kill(browserOf(profile), "SIGKILL");
  await closed;
}

/** Every string that can be reached in the page, as the engine itself lists them. */
async function memory(session: CDPSession): Promise<string> {
  const parts: string[] = [];
  const take = ({ chunk }: { chunk: string }) => parts.push(chunk);
  session.on("HeapProfiler.addHeapSnapshotChunk", take);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  session.off("HeapProfiler.addHeapSnapshotChunk", take);
  return parts.join("");
}

const words = ["de vet var min bror bor", "Du kan bo skyddat hos oss", "ett utkast om hans bror"];
/** The private key of the device, as the engine stores it. */
const seed = /seed[\\": ]+[0-9a-f]{64}/;

laptop(
  "a laptop is stolen while it is locked, and gives nothing",
  async ({ openLaptop, profile, server, someone, team }) => {
    const context = await openLaptop();
    let authenticator = "";
    let keys: CDPSession | undefined;
    async function addAuthenticator(page: Page): Promise<void> {
      keys = await context.newCDPSession(page);
      await keys.send("WebAuthn.enable");
      const made = await keys.send("WebAuthn.addVirtualAuthenticator", {
        options: {
          protocol: "ctap2",
          ctap2Version: "ctap2_1",
          transport: "internal",
          hasResidentKey: true,
          hasUserVerification: true,
          hasPrf: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      authenticator = made.authenticatorId;
    }
    const withPasskey = (page: Page) =>
      page.getByRole("button", { name: text("sv", "desk.lock.open.passkey"), exact: true }).click();
    const sara: Coordinator = await enrol(
      context,
      { server, team },
      "Sara",
      async (page) => {
        await addAuthenticator(page);
        await page.getByRole("button", { name: text("sv", "desk.new.go"), exact: true }).click();
        await page.getByRole("button", { name: text("sv", "desk.lock.passkey.go"), exact: true }).click();
      },
      withPasskey,
    );

    // She adds a passphrase, for which the passkey is asked once more.
    await sara.press("desk.menu");
    await sara.press("desk.place.locks");
    await sara.press("desk.locks.passphrase.add");
    await sara.press("desk.lock.open.passkey");
    const field = sara.page.getByRole("textbox", { name: sara.says("desk.lock.passphrase") });
    await field.fill("fyra lugna ord ur en atlas");
    await sara.press("desk.lock.passphrase.go");
    await expect(sara.page.getByText(sara.says("desk.locks.on"), { exact: true })).toHaveCount(2);
    await sara.press("desk.close");

    const he = await someone();
    await he.ask(words[0]!);
    await sara.open();
    await sara.claim();
    // By the keyboard: what a test asks its own script in the page for would be found there afterwards.
    await sara.composer.focus();
    await sara.page.keyboard.insertText(words[1]!);
    await sara.page.keyboard.press("Enter");
    await expect(he.thread.last()).toHaveText(words[1]!);
    await expect(sara.thread).toHaveCount(2);
    await sara.page.keyboard.insertText(words[2]!);

    const session = await context.newCDPSession(sara.page);
    const before = await memory(session);
    for (const one of words) expect(before.includes(one), one).toBe(true);
    expect(seed.test(before) || /"[0-9a-f]{64}"/.test(before)).toBe(true);
    await sara.press("desk.cover.hide");
    await sara.press("desk.lock.now");
    await expect(sara.sees("desk.lock.connected")).toBeVisible();
    await expect(sara.thread).toHaveCount(0);
    // The view is empty at once; what was under way comes to rest first.
    await expect
      .poll(
        async () => {
          const after = await memory(session);
          return [...words.filter((one) => after.includes(one)), ...(seed.exec(after) ?? [])];
        },
        { message: "in the page's memory" },
      )
      .toEqual([]);
    // Whoever looks with the browser's own tools finds the records, and no key.
    const shown = await sara.page.evaluate(async () => {
      const settled = <T>(ask: IDBRequest<T>) =>
        new Promise<T>((resolve) => {
          ask.onsuccess = () => resolve(ask.result);
        });
      const textOf = (one: unknown) => {
        if (one instanceof Uint8Array) return new TextDecoder("latin1").decode(one);
        return one instanceof CryptoKey ? "CryptoKey" : JSON.stringify(one);
      };
      const all: unknown[] = [];
      for (const { name } of await indexedDB.databases()) {
        if (name!.split(".").length < 3) continue;
        const db = await settled(indexedDB.open(name!));
        for (const store of db.objectStoreNames) {
          const at = db.transaction(store).objectStore(store);
          all.push(...(await settled(at.getAllKeys())), ...(await settled(at.getAll())));
        }
        db.close();
      }
      return all.map(textOf).join("\n");
    });
    expect(shown.length).toBeGreaterThan(10_000);
    for (const word of [...words, "CryptoKey", "seed", "case/", "package/"])
      expect(shown.includes(word), word).toBe(false);

    // It rings all the same, and goes on with what she was writing.
    await he.write("är du kvar");
    await expect(sara.sees("desk.lock.stirred")).toBeVisible();
    await withPasskey(sara.page);
    await expect(sara.thread).toHaveText([words[0]!, words[1]!, "är du kvar"]);
    await expect(sara.composer).toHaveValue(words[2]!);

    // The passkey does not answer whoever else asks; the passphrase opens in its place.
    await sara.page.keyboard.press("F2");
    await sara.press("desk.lock.now");
    await keys!.send("WebAuthn.setUserVerified", { authenticatorId: authenticator, isUserVerified: false });
    await withPasskey(sara.page);
    await expect(sara.sees("desk.lock.passkey")).toBeVisible();
    await sara.unlock();
    await expect(sara.composer).toHaveValue(words[2]!);

    // The browser is killed; its files hold nothing, and the passphrase opens them.
    await kill(context, profile);
    expect(found(profile, [...words, "är du kvar", "fyra lugna ord"])).toEqual([]);
    const again = await openLaptop();
    const page = await again.newPage();
    await page.goto(sara.page.url());
    await unlock(page);
    const back = newCoordinator({ context: again, page, watch: watch(again) }, "Sara");
    await expect(back.phase("online")).toBeVisible();
    await back.open();
    await expect(back.thread).toHaveText([words[0]!, words[1]!, "är du kvar"]);
    await he.end();
  },
);

/** `send` in spec §3.1. */
const send = 0x04;

laptop(
  "a console that crashes in mid-claim goes on with the same claim, once",
  async ({ coordinator, openLaptop, profile, server, someone, team }) => {
    const omar = await coordinator("Omar");
    let context = await openLaptop();
    const first = await enrol(context, { server, team }, "Sara");
    const address = first.page.url();
    let sara = first;
    await sara.page.close();

    for (const reached of [false, true]) {
      const page = await context.newPage();
      let armed = false;
      let sent: () => void = () => undefined;
      const claimSent = new Promise<void>((resolve) => (sent = resolve));
      await page.routeWebSocket(/\/relay$/, (line) => {
        const server = line.connectToServer();
        line.onMessage((frame) => {
          const claim = armed && typeof frame !== "string" && frame[0] === send;
          if (!claim || reached) server.send(frame);
          if (claim) sent();
        });
        // From the claim on, nothing comes back.
        server.onMessage((frame) => void (armed || line.send(frame)));
      });
      await page.goto(address);
      await unlock(page);
      sara = newCoordinator({ context, page, watch: watch(context) }, "Sara");
      await expect(sara.phase("online")).toBeVisible();
      const he = await someone();
      await he.ask(`hej, ${reached ? "andra" : "första"} gången`);
      await sara.open();
      await expect(omar.rows.first()).toBeVisible();
      armed = true;
      await sara.press("desk.claim.go");
      await claimSent;
      await expect(he.sees("chat.join", { alias: "Sara" })).toHaveCount(reached ? 1 : 0);
      await kill(context, profile);

      context = await openLaptop();
      const next = await context.newPage();
      await next.goto(address);
      await unlock(next);
      sara = newCoordinator({ context, page: next, watch: watch(context) }, "Sara");
      await sara.open();
      await expect(sara.composer).toBeVisible();
      await sara.write("Nu är jag här.");
      await expect(he.thread.last()).toHaveText("Nu är jag här.");
      await expect(he.sees("chat.join", { alias: "Sara" })).toHaveCount(1);
      await he.write("bra");
      await expect(sara.thread.last()).toHaveText("bra");
      await omar.open();
      await expect(omar.conversation).toContainText(omar.says("desk.state.taken", { alias: "Sara" }));
      await he.end();
      await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));
      await sara.press("desk.clear");
      await omar.press("desk.clear");
      await next.close();
    }
  },
);

laptop(
  "the laptop of who has claimed is gone for good, and a colleague goes on",
  async ({ coordinator, openLaptop, profile, server, someone, team }) => {
    const omar = await coordinator("Omar");
    const context = await openLaptop();
    const sara = await enrol(context, { server, team }, "Sara");
    const he = await someone();
    await he.ask("jag har skulder till dem");
    const code = await keeps(he);
    await sara.open();
    await sara.claim();
    await sara.write("Jag hjälper dig i morgon.");
    await expect(he.thread.last()).toHaveText("Jag hjälper dig i morgon.");
    await expect(sara.delivery("Jag hjälper dig i morgon.")).toHaveText(sara.says("desk.delivery.received"));
    await he.page.context().close();
    await kill(context, profile);
    await erase(profile);

    const back = await someone();
    await enter(back, code.join(" "));
    await back.press("code.go");
    await expect(back.thread.last()).toHaveText("Jag hjälper dig i morgon.");
    await back.press("chat.invite");
    await omar.open();
    await expect(omar.conversation).toContainText("Jag hjälper dig i morgon.");
    await omar.claim();
    await omar.write("Saras dator är borta. Jag heter Omar.");
    await expect(back.thread.last()).toHaveText("Saras dator är borta. Jag heter Omar.");
  },
);
