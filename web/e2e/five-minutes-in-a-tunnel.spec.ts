import { expect, story } from "./support/story.ts";
import { digTunnel } from "./support/tunnel.ts";

story.use({
  expected:
    /ERR_(SOCKS_CONNECTION_FAILED|TIMED_OUT|CONNECTION_(REFUSED|RESET|CLOSED)|PROXY_CONNECTION_FAILED|NETWORK_CHANGED)|WebSocket connection to .* failed/,
});

story("somebody loses the network in a tunnel for five minutes while writing", async ({ coordinator, someone }) => {
  const tunnel = await digTunnel();
  const sara = await coordinator("Sara");
  const he = await someone("sv", { proxy: { server: `socks5://127.0.0.1:${tunnel.port}`, bypass: "<-loopback>" } });
  await he.page.clock.install();
  await he.page.reload();
  await he.ask("jag sitter på tåget");
  await sara.open();
  await sara.claim();
  await sara.write("Skriv när du kan.");
  await expect(he.thread.last()).toHaveText("Skriv när du kan.");

  tunnel.enter();
  await he.write("de väntar på mig vid stationen");
  await expect(he.delivery("de väntar på mig vid stationen")).toHaveText(he.says("chat.waiting"));
  await he.draft("jag vet inte om jag ska gå av");
  await sara.write("Jag är kvar.");
  for (let minute = 0; minute < 4; minute++) await he.page.clock.fastForward(60_000);
  await expect(he.sees("chat.lost")).toBeVisible();
  await expect(he.sees("chat.idle", { min: 1 })).toBeVisible();
  await he.page.clock.fastForward(60_000);
  // The text is hidden by now, not gone, and neither is what was being written.
  await he.page.getByRole("button", { name: he.says("chat.show"), exact: true }).click();
  await expect(he.composer).toHaveValue("jag vet inte om jag ska gå av");
  await expect(he.thread).toHaveText(["jag sitter på tåget", "Skriv när du kan.", "de väntar på mig vid stationen"]);

  tunnel.leave();
  await he.page.clock.fastForward(30_000);
  await expect(he.sees("chat.lost")).toHaveCount(0, { timeout: 30_000 });
  await expect(he.composer).toHaveValue("jag vet inte om jag ska gå av");
  await he.press("chat.send");
  await expect(sara.thread).toHaveCount(5, { timeout: 30_000 });
  const all = await sara.thread.allInnerTexts();
  expect(
    all.filter((line) => line === "de väntar på mig vid stationen"),
    "it arrives once",
  ).toHaveLength(1);
  expect(all.slice(-1)).toEqual(["jag vet inte om jag ska gå av"]);
  await expect(he.thread).toHaveText(all);
  await expect(sara.delivery("Jag är kvar.")).toHaveText(sara.says("desk.delivery.received"));
  tunnel.close();
});
