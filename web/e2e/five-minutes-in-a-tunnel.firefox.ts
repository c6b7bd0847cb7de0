import { expect, foxStory } from "./support/firefox.ts";
import { digTunnel } from "./support/tunnel.ts";

foxStory(
  "Firefox: somebody loses the network in a tunnel while writing",
  async ({ coordinator, openFirefox, server }) => {
    const tunnel = await digTunnel();
    const sara = await coordinator("Sara");
    const he = await openFirefox(tunnel.port);
    await he.page.goto(server.visitor);
    await he.ask("jag sitter på tåget");
    await sara.open();
    await sara.claim();
    await sara.write("Skriv när du kan.");
    await expect.poll(he.seen).toContain("Skriv när du kan.");

    tunnel.enter();
    await he.write("de väntar på mig vid stationen");
    await he.draft("jag vet inte om jag ska gå av");
    await sara.write("Jag är kvar.");
    await expect.poll(he.seen, { timeout: 60_000 }).toContain(he.says("chat.lost"));
    expect(await he.seen()).toContain("de väntar på mig vid stationen");
    expect(await he.seen()).not.toContain("Jag är kvar.");

    tunnel.leave();
    await expect.poll(he.seen, { timeout: 60_000 }).toContain("Jag är kvar.");
    expect(await he.page.$eval("textarea", (field) => field.value)).toBe("jag vet inte om jag ska gå av");
    await he.press("chat.send");
    await expect(sara.thread.last()).toHaveText("jag vet inte om jag ska gå av", { timeout: 30_000 });
    const lines = await sara.thread.allInnerTexts();
    expect(new Set(lines).size, "nothing is doubled").toBe(lines.length);
    expect(lines).toHaveLength(5);
    tunnel.close();
  },
);
