import { expectNothingKept } from "./support/kept.ts";
import { expect, story, type Visitor } from "./support/story.ts";

/** What this browser asked for: while the page loaded, which goes several ways at once, and then in order. */
function asked(
  who: Visitor,
  origin: string,
  loaded: number,
): { readonly loading: readonly string[]; readonly later: readonly string[] } {
  const requests = who.watch.requests.map((request) =>
    request.replace(origin.replace("http", "ws"), "").replace(origin, ""),
  );
  return { loading: requests.slice(0, loaded).sort(), later: requests.slice(loaded) };
}

/** Waits until everything is loaded that comes by itself, and says how many requests that took. */
async function loaded(who: Visitor): Promise<number> {
  await expect.poll(() => who.watch.requests.some((request) => request.endsWith("/directory"))).toBe(true);
  await who.page.waitForLoadState("networkidle");
  return who.watch.requests.length;
}

story("nobody who holds the server can be told who wrote, or what", async ({ coordinator, someone, server, redis }) => {
  const sara = await coordinator("Sara");

  // Two people could hardly answer more differently.
  const he = await someone();
  const his = await loaded(he);
  await he.begin();
  await he.answer("who.h1", "who.self");
  await he.answer("dng.h1", "dng.soon");
  await he.read("dng.soon.p");
  await he.answer("scr.h1", "common.yes");
  await he.read("scr.tips");
  await he.answer("age.h1", "age.u15");
  await he.read("minor.h1");
  await he.answer("place.h1", "place.other");
  await expect(he.sees("place.other.p")).toBeVisible();
  await he.press("common.next");
  await he.answer("need.h1", "need.safe", "need.home", "need.debt", "need.drug");
  await he.answer("chan.h1", "chan.chat");
  await he.open("de säger att jag är skyldig dem fyrtio tusen");
  await sara.open();
  await sara.claim();
  await sara.write("Du behöver inte betala i dag.");
  await expect(he.thread.last()).toHaveText("Du behöver inte betala i dag.");
  await he.write("hur vet du det 🙏");
  await expect(he.delivery("hur vet du det 🙏")).toHaveText(he.says("chat.received"));

  const she = await someone();
  const hers = await loaded(she);
  await she.begin();
  await she.answer("who.h1", "who.pro");
  await she.answer("pro.h1", "pro.school");
  await expect(she.page.getByRole("heading", { level: 1 })).toHaveText(she.says("pro.h2"));
  await she.press("common.next");
  await she.answer("rel.age.h1");
  await she.answer("chan.h1", "chan.chat");
  await she.open("");
  await expect(she.sees("wait.sent")).toBeVisible();
  await sara.rows.filter({ hasText: sara.says("desk.priority.3") }).click();
  await expect(sara.conversation).toContainText(sara.says("pro.school"));
  await sara.claim();
  await expect(she.sees("chat.join", { alias: "Sara" })).toBeVisible();

  // The same was asked for, in the same order, whatever was answered.
  const { loading, later } = asked(he, server.visitor, his);
  expect(asked(she, server.visitor, hers)).toEqual({ loading, later });
  expect(new Set(loading).size, "nothing twice").toBe(loading.length);
  // Who may answer is looked up again when somebody has answered.
  expect(later).toEqual(["GET /relay", "GET /directory"]);
  for (const request of loading) expect(request, "nothing hangs on an address of a page").toMatch(/^GET \/[\w./-]*$/);
  for (const { page, watch } of [he, she]) {
    expect(await watch.traces(page)).toEqual([]);
    expect(
      await page.evaluate(() => [document.cookie, document.referrer, location.search, location.hash].join("")),
    ).toBe("");
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  }

  const agent = await he.page.evaluate(() => navigator.userAgent);
  const secrets = [
    ...he.sent,
    ...she.sent,
    ...sara.written,
    agent,
    "Mozilla",
    "HeadlessChrome",
    "127.0.0.1",
    "::1",
    "sv-SE",
    // Answers, as keys and as they are read.
    "who.self",
    "who.pro",
    "dng.soon",
    "age.u15",
    "place.other",
    "need.debt",
    "pro.school",
    he.says("age.u15"),
    he.says("need.debt"),
    he.says("pro.school"),
  ].filter((secret) => secret !== "");
  for (const { name, values } of await redis.everything()) {
    for (const bytes of [name, ...values])
      for (const secret of secrets) expect(bytes.includes(secret), `Redis holds «${secret}»`).toBe(false);
  }
  await expectNothingKept(redis, server, [
    ...he.sent,
    ...she.sent,
    ...sara.written,
    he.says("need.debt"),
    he.says("pro.school"),
  ]);
  await he.end();
  await sara.end();
  await expect(she.sees("chat.done")).toBeVisible();

  // The log names the addresses it listens on, and no other.
  const log = server
    .log()
    .replaceAll(server.visitor, "")
    .replaceAll(server.console, "")
    .replaceAll(new URL(server.visitor).host, "")
    .replaceAll(new URL(server.console).host, "");
  for (const secret of secrets) expect(log.includes(secret), `the log holds «${secret}»`).toBe(false);
  expect(log).not.toMatch(/GET|POST|\/relay|\/directory|[0-9a-f]{32}/);
});

story(
  "a page that is only looked at leaves nothing at the server but what was there",
  async ({ someone, server, redis }) => {
    // What an opening costs is the same for everybody, and renewed by time alone.
    const keys = async (): Promise<string[]> =>
      (await redis.everything())
        .map(({ name }) => name.toString("latin1"))
        .filter((name) => !name.startsWith("u:{work}:"));
    // The server notes soon after it has begun since when the store is what it is.
    await expect.poll(keys).toContain("u:born");
    const before = await keys();
    const log = server.log();
    const he = await someone();
    await he.begin();
    await he.answer("who.h1", "who.self");
    await he.leave();
    expect(await keys()).toEqual(before);
    expect(server.log()).toBe(log);
  },
);
