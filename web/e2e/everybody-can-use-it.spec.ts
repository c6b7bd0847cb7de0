import { type Examiner, newExaminer } from "./support/axe.ts";
import { newCoordinator } from "./support/coordinator.ts";
import { ask } from "./support/handover.ts";
import { lockKeys, unlock } from "./support/lock.ts";
import { enter, wordsOf } from "./support/phrase.ts";
import { flow } from "./support/rules.ts";
import { expect, newVisitor, story, type Visitor } from "./support/story.ts";
import { text } from "./support/texts.ts";
import { watch } from "./support/watch.ts";

// A server that is away is part of what must be usable.
story.use({
  expected: /ERR_FAILED|ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/,
});

/** Every screen and state of the visitor's page; the steps of the flow come from the flow itself. */
const visitorScreens = [
  "without JavaScript",
  "start",
  "start while closed",
  "good to know",
  "limits",
  "numbers",
  "accessibility",
  "the statement",
  "covered",
  "is anybody there",
  "hidden text",
  "practising",
  "practised",
  "stopped",
  "before sending",
  "before leaving a message",
  "something looks like a name",
  "too long a text",
  "nobody can receive it",
  "on its way",
  "waiting",
  "no contact",
  "a person answers",
  "may somebody be let in",
  "quick phrases",
  "end it?",
  "ended by the visitor",
  "ended by the coordinator",
  "made anew",
  "broken",
  "unsupported",
  ...Object.keys(flow.steps).map((step) => `step ${step}`),
];

/** And those of the way back. */
const wayScreens = [
  "a way back?",
  "seven words",
  "two of them again",
  "not those",
  "being saved",
  "kept",
  "changed for digits",
  "end it or keep it",
  "gone, with a code",
  "a code",
  "slips in it",
  "wrong digits",
  "a code that opens nothing",
  "back, and who answered is away",
  "kept through a reload",
  "coming back after a reload",
  "open somewhere else",
];

const consoleScreens = [
  "new",
  "new without a name",
  "a lock to be chosen",
  "a weak passphrase",
  "enrolling",
  "locked",
  "wrong passphrase",
  "locks",
  "opened to change a lock",
  "whose browser",
  "empty list",
  "list",
  "waiting case",
  "claiming",
  "no contact",
  "own case",
  "whom to let in",
  "a question that waits",
  "phrasebook",
  "no phrase found",
  "a reply before it goes",
  "a reply that cannot go",
  "someone sees the screen",
  "card",
  "menu",
  "people",
  "settings",
  "keys",
  "end it?",
  "covered",
  "signed out",
  "taken",
  "ended",
  "broken",
  "elsewhere",
  "veiled",
  "the statement",
];

/** Waits for a step of the flow, and looks at it. */
async function step(he: Visitor, eye: Examiner, id: string): Promise<void> {
  const { ask, texts } = flow.steps[id]!;
  await he.arrives(ask ?? texts?.[0] ?? "");
  await eye.look(he.page, `step ${id}`);
}

/** From step to step by these answers, looking at each. */
async function walk(
  he: Visitor,
  eye: Examiner,
  ways: readonly (readonly [id: string, answer: string])[],
): Promise<void> {
  for (const [id, answer] of ways) {
    await step(he, eye, id);
    await he.press(answer);
  }
}

for (const lang of ["sv", "en"] as const) {
  story(
    `axe finds nothing on any screen of the visitor's questions, in ${lang}`,
    async ({ browser, server, someone }) => {
      const eye = newExaminer(44);
      const he = await someone(lang);
      await expect(he.sees("start.closed.all")).toBeVisible();
      await eye.look(he.page, "start while closed");
      await he.press("start.limits");
      await eye.look(he.page, "limits");
      await he.press("common.back");
      await he.press("start.call");
      await eye.look(he.page, "numbers");
      await he.press("common.back");
      await he.press("acc.h1");
      await eye.look(he.page, "accessibility");
      await he.press("common.back");
      await he.page.evaluate(() => {
        document.dispatchEvent(new Event("freeze"));
        document.dispatchEvent(new Event("resume"));
      });
      await eye.look(he.page, "covered");
      await he.press("chat.show");

      // Every question and page, once.
      await he.press("start.go");
      await eye.look(he.page, "good to know");
      await he.press("info.ok");
      await walk(he, eye, [
        ["who", "who.rel"],
        ["dng", "dng.now"],
        ["dng.now", "common.back"],
        ["dng", "dng.soon"],
        ["dng.soon", "common.next"],
        ["scr", "common.yes"],
        ["scr.tips", "common.next"],
        ["rel", "rel.child"],
        ["rel.age", "common.yes"],
        ["rel.aware", "common.no"],
        ["place", "place.other"],
        ["place.other", "common.next"],
        ["rel.want", "common.skip"],
        ["rel.info", "common.next"],
        ["chan", "chan.stop"],
      ]);
      await eye.look(he.page, "stopped");
      await he.press("stop.again");
      await he.press("start.preview");
      await he.press("info.ok");
      await eye.look(he.page, "practising");
      await walk(he, eye, [
        ["who", "who.pro"],
        ["pro", "pro.just"],
      ]);
      await step(he, eye, "pro.just");
      await he.press("common.back");
      await walk(he, eye, [
        ["pro", "pro.care"],
        ["pro.info", "common.next"],
        ["pro.age", "common.skip"],
      ]);
      await step(he, eye, "chan.pro");
      await he.press("common.back");
      for (let i = 0; i < 3; i++) await he.press("common.back");
      await walk(he, eye, [
        ["who", "who.self"],
        ["dng", "common.no"],
        ["scr", "common.no"],
        ["age", "age.u15"],
        ["minor", "common.next"],
        ["place", "common.skip"],
        ["need", "common.skip"],
      ]);

      const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
      const page = await context.newPage();
      // A page whose scripts never come, and what stands in it for those who have none, which axe could not look at
      // without them.
      await page.route(`${server.visitor}/`, async (route) => {
        const answer = await route.fetch();
        const body = (await answer.text())
          .replaceAll(/<script[^>]*src[^>]*><\/script>/g, "")
          .replaceAll("noscript>", "div>");
        await route.fulfill({ response: answer, body });
      });
      await page.goto(server.visitor);
      if (lang !== "sv") await page.getByText("English", { exact: true }).click();
      await expect(
        page.getByText(text(lang, "start.nojs"), { exact: true }).filter({ visible: true }).first(),
      ).toBeVisible();
      await eye.look(page, "without JavaScript");
      await page.unrouteAll();
      await page.goto(`${server.visitor}/tillganglighet`);
      if (lang !== "sv") await page.getByText("English", { exact: true }).click();
      await expect(page.getByText(text(lang, "acc.status"), { exact: true })).toBeVisible();
      await eye.look(page, "the statement");
      await page.addInitScript(() => Object.defineProperty(globalThis, "WebSocket", { value: undefined }));
      await page.goto(server.visitor);
      const she = newVisitor({ context, page, watch: watch(context) });
      if (lang !== "sv") await she.reads(lang);
      await expect(she.sees("trouble.unsupported")).toBeVisible();
      await eye.look(page, "unsupported");
      await context.close();
      expectSeen(eye, visitorScreens, isBefore);
    },
  );

  story(
    `axe finds nothing on any screen of a conversation, in ${lang}`,
    async ({ browser, coordinator, redis, server, someone }) => {
      const eye = newExaminer(44);
      const desk = newExaminer();

      // A browser that is not a device yet, then one, then two.
      const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
      const page = await context.newPage();
      await page.goto(server.console);
      if (lang !== "sv") await page.getByRole("button", { name: "English", exact: true }).click();
      const say = (key: string): string => text(lang, key);
      for (const alias of ["Kim", "Alex"]) {
        await page.goto(`${server.console}/#device=0000000000000000`);
        await page.reload();
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("desk.new.h1"));
        if (alias === "Kim") {
          await desk.look(page, "new");
          await page.getByRole("button", { name: say("desk.new.go"), exact: true }).click();
          await expect(page.getByText(say("desk.new.alias.wrong"))).toBeVisible();
          await desk.look(page, "new without a name");
          await page.getByLabel(say("desk.new.alias")).fill(alias);
          await page.getByRole("button", { name: say("desk.new.go"), exact: true }).click();
          await desk.look(page, "a lock to be chosen");
          await page.getByRole("textbox", { name: say("desk.lock.passphrase") }).fill("hej hej hej hej hej");
          await page.getByRole("button", { name: say("desk.lock.passphrase.go"), exact: true }).click();
          await expect(page.getByText(say("desk.lock.weak"))).toBeVisible();
          await desk.look(page, "a weak passphrase");
          await page.getByRole("button", { name: say("desk.back"), exact: true }).click();
        }
        await page.getByLabel(say("desk.new.alias")).fill(alias);
        await lockKeys(page, lang);
        await expect(page.getByLabel(say("desk.enrolling.request"))).not.toHaveValue("");
        if (alias === "Kim") await desk.look(page, "enrolling");
      }
      await page.goto("about:blank");
      await page.goto(server.console);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("desk.choose.h1"));
      await desk.look(page, "whose browser");
      await page.goto(`${server.console}/tillganglighet`);
      await desk.look(page, "the statement");
      await context.close();

      const [sara, omar] = await Promise.all([coordinator("Sara"), coordinator("Omar")]);
      for (const one of [sara, omar]) if (lang !== "sv") await one.reads(lang);
      await expect(sara.sees("desk.list.empty")).toBeVisible();
      await desk.look(sara.page, "empty list");

      const phone = { viewport: { width: 360, height: 640 } };
      const she = await someone(lang, phone);
      await she.page.route("**/directory", (route) => route.abort());
      await she.page.reload();
      if (lang !== "sv") await she.reads(lang);
      await expect(she.sees("start.now")).toBeVisible();
      await eye.look(she.page, "start");
      await she.press("start.preview");
      await she.press("info.ok");
      await she.answer("who.h1", "who.ask");
      await she.answer("chan.h1", "chan.chat");
      await expect(she.sees("practice.h1")).toBeVisible();
      await eye.look(she.page, "practised");
      await she.press("start.go");
      await she.press("info.ok");
      await she.answer("who.h1", "who.ask");
      await she.answer("chan.h1", "chan.msg");
      await expect(she.sees("trouble.unreachable")).toBeVisible();
      await eye.look(she.page, "nobody can receive it");
      await she.page.unroute("**/directory");
      await she.press("send.retry");
      await expect(she.page.getByLabel(she.says("send.text"))).toBeVisible();
      await eye.look(she.page, "before leaving a message");

      const idler = await someone(lang, phone);
      await idler.page.clock.install();
      await idler.page.reload();
      if (lang !== "sv") await idler.reads(lang);
      await expect(idler.sees("start.h1")).toBeVisible();
      await idler.page.clock.fastForward(4 * 60_000);
      await expect(idler.sees("chat.idle", { min: 1 })).toBeVisible();
      await eye.look(idler.page, "is anybody there");
      await idler.page.close();

      const he = await someone(lang, phone);
      await he.begin();
      await he.answer("who.h1", "who.self");
      await he.answer("dng.h1", "dng.now");
      await he.press("dng.now.go");
      await expect(he.sees("send.readers", { n: 2 })).toBeVisible();
      await eye.look(he.page, "before sending");
      await he.composer.fill(lang === "sv" ? "Han heter Adam" : "His name is Adam");
      await he.press("chat.send");
      await expect(he.sees("warn.h1")).toBeVisible();
      await eye.look(he.page, "something looks like a name");
      await he.press("warn.change");
      await he.composer.fill("a".repeat(4003));
      await expect(he.sees("chat.long", { n: 3 })).toBeVisible();
      await eye.look(he.page, "too long a text");

      await he.open("de är utanför");
      await expect(he.delivery("de är utanför")).toHaveText(he.says("chat.sent"));
      await eye.look(he.page, "waiting");
      await expect(sara.rows).toHaveCount(1);
      await desk.look(sara.page, "list");
      await sara.open();
      await omar.open();
      await desk.look(sara.page, "waiting case");

      await server.kill();
      await expect(he.sees("chat.lost")).toBeVisible();
      await eye.look(he.page, "no contact");
      await expect(sara.sees("desk.away")).toBeVisible();
      await desk.look(sara.page, "no contact");
      await sara.press("desk.claim.go");
      await expect(sara.sees("desk.claim.busy")).toBeVisible();
      await desk.look(sara.page, "claiming");
      await she.open("hej");
      await expect(she.sees("chat.lost")).toBeVisible();
      await eye.look(she.page, "on its way");
      await server.start();
      await expect(sara.composer).toBeVisible({ timeout: 30_000 });

      await sara.write("Ring 112.");
      await he.write("jag ringer nu");
      await expect(sara.thread.last()).toHaveText("jag ringer nu");
      await expect(sara.delivery("Ring 112.")).toHaveText(sara.says("desk.delivery.received"));
      await desk.look(sara.page, "own case");
      await eye.look(he.page, "a person answers");
      await he.press("chat.hide");
      await eye.look(he.page, "hidden text");
      await he.press("chat.show");
      await expect(omar.sees("desk.taken.p")).toBeVisible();
      await desk.look(omar.page, "taken");

      // Whether somebody may be let in.
      await sara.press("desk.hand");
      await sara.page.getByLabel(sara.says("desk.hand.colleague")).check();
      await expect(sara.page.getByLabel("Omar")).toBeVisible();
      await desk.look(sara.page, "whom to let in");
      await sara.press("desk.close");
      await ask(sara, "colleague", "Omar");
      await expect(sara.page.getByText(sara.says("desk.hand.waiting"))).toBeVisible();
      await desk.look(sara.page, "a question that waits");
      await expect(he.sees("offer.colleague", { alias: "Sara", alias2: "Omar" })).toBeVisible();
      await eye.look(he.page, "may somebody be let in");
      await sara.press("desk.hand.withdraw");
      await expect(he.sees("offer.p")).toHaveCount(0);

      await sara.press("desk.phrases.button");
      await desk.look(sara.page, "phrasebook");
      await sara.page.getByRole("searchbox").fill("xyzzy");
      await expect(sara.sees("desk.phrases.none")).toBeVisible();
      await desk.look(sara.page, "no phrase found");
      await sara.page.getByRole("searchbox").fill("4");
      await sara.page.keyboard.press("Enter");
      await expect(sara.page.getByRole("button", { name: sara.says("desk.phrases.send") })).toBeFocused();
      await desk.look(sara.page, "a reply before it goes");
      await sara.press("desk.phrases.back");
      await sara.page.getByRole("searchbox").fill("6");
      await sara.page.keyboard.press("Enter");
      await expect(sara.sees("desk.phrases.held.code")).toBeVisible();
      await desk.look(sara.page, "a reply that cannot go");
      await sara.press("desk.close");
      await he.press("chat.quick");
      await eye.look(he.page, "quick phrases");
      await he.press("q.seen");
      await expect(sara.sees("desk.care.seen")).toBeVisible();
      await desk.look(sara.page, "someone sees the screen");
      await sara.press("desk.card.short");
      await desk.look(sara.page, "card");
      await sara.press("desk.close");
      await sara.press("desk.menu");
      await desk.look(sara.page, "menu");
      await sara.press("desk.place.people");
      await desk.look(sara.page, "people");
      await sara.press("desk.close");
      await sara.press("desk.menu");
      await sara.press("desk.place.settings");
      await desk.look(sara.page, "settings");
      await sara.page.getByRole("checkbox", { name: sara.says("desk.menu.veil") }).check();
      await sara.press("desk.close");
      await sara.press("desk.menu");
      await sara.press("desk.place.keys");
      await desk.look(sara.page, "keys");
      await sara.press("desk.close");
      await desk.look(sara.page, "veiled");
      await sara.press("desk.menu");
      await sara.press("desk.place.locks");
      await desk.look(sara.page, "locks");
      await sara.press("desk.locks.passphrase.change");
      await desk.look(sara.page, "opened to change a lock");
      await sara.press("desk.close");
      await sara.page.locator("section.conversation").getByRole("heading").first().focus();
      await sara.page.keyboard.press("l");
      await expect(sara.sees("desk.lock.h1")).toBeVisible();
      await sara.page.getByText(sara.says("desk.lock.lost"), { exact: true }).click();
      await desk.look(sara.page, "locked");
      const field = sara.page.getByRole("textbox", { name: sara.says("desk.lock.passphrase") });
      await field.fill("something else altogether");
      await field.press("Enter");
      await expect(sara.sees("desk.lock.wrong")).toBeVisible();
      await desk.look(sara.page, "wrong passphrase");
      await sara.unlock();
      await expect(sara.composer).toBeVisible();
      await sara.press("desk.end");
      await desk.look(sara.page, "end it?");
      await sara.press("desk.end.stay");
      await sara.press("desk.cover.hide");
      await desk.look(sara.page, "covered");
      await sara.press("desk.cover.show.long");

      await he.press("chat.end");
      await eye.look(he.page, "end it?");
      await he.press("chat.end.now");
      await expect(he.sees("chat.done")).toBeVisible();
      await eye.look(he.page, "ended by the visitor");
      await expect(sara.conversation).toContainText(sara.says("desk.ended.deleted"));
      await desk.look(sara.page, "ended");
      await sara.press("desk.clear");

      // Another, which the coordinator ends, and a third, which the store forgets.
      await sara.open();
      await sara.claim();
      await sara.end();
      await expect(she.sees("chat.left")).toBeVisible();
      await eye.look(she.page, "ended by the coordinator");
      await sara.press("desk.clear");
      await she.press("chat.clear");
      await she.ask("hej igen");
      await sara.open();
      await sara.claim();
      await sara.write("Hej.");
      await expect(she.thread.last()).toHaveText("Hej.");
      await redis.command("FLUSHALL");
      await she.write("hör du mig");
      await expect(she.sees("chat.anew")).toBeVisible();
      await eye.look(she.page, "made anew");
      await expect(she.delivery("hör du mig")).toHaveText(she.says("chat.sent"), { timeout: 60_000 });
      // The relay has had more from this side than the page knows of: what it holds is older, and only a person can
      // decide.
      await redis.command(
        "EVAL",
        "for _, k in ipairs(redis.call('KEYS', 'u:*:m:*')) do redis.call('HSET', k, 'c0', string.rep('x', 24) .. '999 1') end return 1",
        "0",
      );
      await she.write("hallå");
      await expect(she.sees("trouble.lost")).toBeVisible();
      await eye.look(she.page, "broken");
      await sara.reload();
      await sara.rows.last().click(); // what is over stands last
      await expect(sara.sees("desk.trouble.lost")).toBeVisible();
      await desk.look(sara.page, "broken");

      const second = newCoordinator(
        { ...sara, page: await sara.page.context().newPage(), context: sara.page.context() },
        "Sara",
      );
      await second.page.goto(sara.page.url());
      await unlock(second.page, lang);
      await expect(second.page.getByText(sara.says("desk.trouble.elsewhere"), { exact: true })).toBeVisible();
      await desk.look(second.page, "elsewhere");
      await second.page.close();
      await sara.press("desk.menu");
      await sara.press("desk.menu.signout");
      await desk.look(sara.page, "signed out");

      expectSeen(desk, consoleScreens, () => true);
      expectSeen(eye, visitorScreens, (name) => !isBefore(name));
    },
  );

  story(`axe finds nothing on any screen of the way back, in ${lang}`, async ({ coordinator, server, someone }) => {
    const eye = newExaminer();
    const sara = await coordinator("Sara");
    const phone = { viewport: { width: 360, height: 640 } };
    const he = await someone(lang, phone);
    await he.ask("hej");
    await expect(he.sees("code.ask")).toBeVisible();
    await eye.look(he.page, "a way back?");
    await he.press("code.words");
    await expect(he.sees("code.h1")).toBeFocused();
    await eye.look(he.page, "seven words");
    const words = await wordsOf(he);
    await he.press("code.written");
    await expect(he.sees("code.check")).toBeFocused();
    await eye.look(he.page, "two of them again");
    await he.press("common.next");
    await expect(he.sees("code.check.bad")).toBeVisible();
    await eye.look(he.page, "not those");
    await server.kill();
    await expect(he.sees("chat.lost")).toBeVisible();
    await he.press("code.check.skip");
    await expect(he.sees("code.saving")).toBeVisible();
    await eye.look(he.page, "being saved");
    await server.start();
    await expect(he.sees("code.stands")).toBeVisible({ timeout: 30_000 });
    await eye.look(he.page, "kept");
    await he.press("code.change");
    await he.press("code.digits");
    await expect(he.sees("code.h1")).toBeFocused();
    await eye.look(he.page, "changed for digits");
    await he.press("common.back");
    await expect(sara.phase("online")).toBeVisible({ timeout: 30_000 });
    await sara.open();
    await sara.claim();
    await sara.write("Hej.");
    await expect(he.thread.last()).toHaveText("Hej.");
    await he.press("chat.end");
    await expect(he.sees("chat.end.h1")).toBeFocused();
    await eye.look(he.page, "end it or keep it");
    await he.page.getByRole("button", { name: he.says("chat.end.keep"), exact: true }).click();
    await expect(he.sees("code.away.h1")).toBeVisible();
    await eye.look(he.page, "gone, with a code");
    await sara.press("desk.menu");
    await sara.press("desk.menu.signout");

    const she = await someone(lang, phone);
    await enter(she, "");
    await eye.look(she.page, "a code");
    await she.page.getByRole("textbox").fill(`${words[0]} ${words[1]}x qqqq ${words[2]} `);
    await expect(she.page.locator(".picks button").first()).toBeVisible();
    await eye.look(she.page, "slips in it");
    await she.page.getByRole("textbox").fill(`${"0".repeat(23)}1`);
    await expect(she.sees("code.wrong")).toBeVisible();
    await eye.look(she.page, "wrong digits");
    await she.page.getByRole("textbox").fill("0".repeat(24));
    await she.press("code.go");
    await expect(she.sees("code.bad")).toBeVisible();
    await eye.look(she.page, "a code that opens nothing");
    await she.page.getByRole("textbox").fill(words.join(" "));
    await she.press("code.go");
    await expect(she.sees("chat.gone", { alias: "Sara" })).toBeVisible();
    await eye.look(she.page, "back, and who answered is away");
    await she.page.getByRole("checkbox").check();
    await expect(she.page.getByRole("checkbox")).toBeChecked();
    await eye.look(she.page, "kept through a reload");
    let cut = true;
    await she.page.routeWebSocket(/\/relay$/, (socket) => void (cut || socket.connectToServer()));
    await she.page.reload();
    await expect(she.page.getByRole("heading", { level: 1 })).toHaveText(text("sv", "exit.overlay"));
    await eye.look(she.page, "coming back after a reload");
    cut = false;
    await she.page.reload();
    await expect(she.thread.last()).toHaveText("Hej.", { timeout: 30_000 });
    if (lang !== "sv") await she.reads(lang);

    const third = await someone(lang, phone);
    await enter(third, words.join(" "));
    await third.press("code.go");
    await expect(third.thread.last()).toHaveText("Hej.");
    await expect(she.sees("trouble.elsewhere")).toBeVisible();
    await eye.look(she.page, "open somewhere else");
    await third.end();
    expectSeen(eye, wayScreens, () => true);
  });
}

/** Whether a screen comes before anything can be sent. */
function isBefore(name: string): boolean {
  return (
    name.startsWith("step ") ||
    [
      "without JavaScript",
      "start while closed",
      "good to know",
      "limits",
      "numbers",
      "accessibility",
      "the statement",
      "covered",
      "practising",
      "stopped",
      "unsupported",
    ].includes(name)
  );
}

function expectSeen(eye: Examiner, screens: readonly string[], which: (name: string) => boolean): void {
  expect([...eye.seen].sort(), "every screen was looked at").toEqual(screens.filter(which).sort());
}
