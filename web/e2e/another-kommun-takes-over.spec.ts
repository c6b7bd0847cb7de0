import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { letStand } from "./support/handover.ts";
import { startServer } from "./support/server.ts";
import { enrol, expect, newVisitor, story } from "./support/story.ts";
import { makeTeam } from "./support/team.ts";
import { watch } from "./support/watch.ts";

story(
  "a coordinator of another kommun takes over, once the person has said yes",
  async ({ browser, contextOptions, folder, redis, team }) => {
    const keys = mkdtempSync(join(tmpdir(), "utvag-norrby-"));
    const norrbyTeam = makeTeam(keys, "norrby");
    const rosters = { vidby: join(folder, "vidby.roster"), norrby: join(folder, "norrby.roster") };
    team.begin(rosters.vidby);
    norrbyTeam.begin(rosters.norrby);
    const server = await startServer(folder, redis, team, rosters.vidby, {
      partner: { id: "norrby", name: "Norrby kommun", team: norrbyTeam, roster: rosters.norrby },
    });
    try {
      const norrby = { ...server, ...server.partner!, roster: rosters.norrby };
      const context = () => browser.newContext(contextOptions);
      const [sara, nils] = await Promise.all([
        enrol(await context(), { server, team }, "Sara"),
        enrol(await context(), { server: norrby, team: norrbyTeam }, "Nils"),
      ]);
      const small = await browser.newContext({ ...contextOptions, viewport: { width: 360, height: 640 } });
      const watching = watch(small);
      const page = await small.newPage();
      await page.goto(server.visitor);
      const he = newVisitor({ context: small, page, watch: watching });
      const asked = () => watching.requests.filter((request) => request.endsWith("/directory/norrby"));

      await he.ask("jag bor egentligen i Norrby");
      await sara.open();
      await sara.claim();
      await sara.write("Då är det Norrby som kan hjälpa dig.");
      await expect(he.thread.last()).toHaveText("Då är det Norrby som kan hjälpa dig.");
      expect(asked()).toEqual([]);

      await page.clock.install();
      await sara.press("desk.hand");
      await sara.page.getByLabel(sara.says("desk.hand.kommun")).check();
      await sara.page.getByLabel("Nils").check();
      await sara.press("desk.hand.ask");
      await expect(he.sees("offer.kommun", { alias: "Sara", alias2: "Nils", kommun: "Norrby kommun" })).toBeVisible();
      await expect(nils.rows).toHaveCount(0);
      await letStand(page);
      await he.press("common.yes");

      await nils.open();
      await expect(nils.conversation).toContainText("jag bor egentligen i Norrby");
      await expect(sara.sees("desk.letgo.handed")).toBeVisible();
      await expect(sara.page.getByText("jag bor egentligen i Norrby")).toHaveCount(0);
      await nils.claim();
      await nils.write("Hej, det är Nils.");
      await expect(he.thread.last()).toHaveText("Hej, det är Nils.");
      await he.write("hej Nils");
      await expect(nils.thread.last()).toHaveText("hej Nils");
      for (const seen of [watching, sara.watch, nils.watch]) expect(seen.complaints).toEqual([]);
      await Promise.all([small.close(), sara.page.context().close(), nils.page.context().close()]);
    } finally {
      await server.kill();
      rmSync(keys, { recursive: true, force: true });
    }
  },
);
