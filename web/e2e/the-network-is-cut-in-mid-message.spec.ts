import { type Coordinator, expect, story, type Visitor } from "./support/story.ts";

// What a browser says of a network that is gone.
story.use({
  expected:
    /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/,
});

/** Both see the same, everything once and in the same order, and it was all delivered. */
async function expectWhole(he: Visitor, sara: Coordinator, count: number): Promise<void> {
  await expect(he.thread).toHaveCount(count, { timeout: 30_000 });
  await expect(sara.thread).toHaveCount(count, { timeout: 30_000 });
  const seen = await he.thread.allInnerTexts();
  expect(await sara.thread.allInnerTexts()).toEqual(seen);
  expect(new Set(seen).size, "nothing is doubled").toBe(count);
  // What each wrote stands in the order in which it was written.
  expect(seen.filter((line) => he.sent.includes(line))).toEqual(he.sent);
  expect(seen.filter((line) => sara.written.includes(line))).toEqual(sara.written);
  for (const line of he.sent) await expect(he.delivery(line)).toHaveText(he.says("chat.received"), { timeout: 30_000 });
  for (const line of sara.written)
    await expect(sara.delivery(line)).toHaveText(sara.says("desk.delivery.received"), { timeout: 30_000 });
}

async function talking({
  coordinator,
  someone,
}: {
  coordinator: (alias: string) => Promise<Coordinator>;
  someone: () => Promise<Visitor>;
}): Promise<readonly [Coordinator, Visitor]> {
  const sara = await coordinator("Sara");
  const he = await someone();
  await he.ask("första raden");
  await sara.open();
  await sara.claim();
  await expect(he.sees("chat.join", { alias: "Sara" })).toBeVisible();
  return [sara, he];
}

story("a telephone loses its network, and nothing that was written is lost", async ({ coordinator, someone }) => {
  const [sara, he] = await talking({ coordinator, someone });
  const network = he.page.context();

  await network.setOffline(true);
  await he.write("skrivet utan nät");
  await expect(he.delivery("skrivet utan nät")).toHaveText(he.says("chat.waiting"));
  await he.draft("halvskri");
  await sara.write("Är du kvar?");
  await expect(he.sees("chat.lost")).toBeVisible({ timeout: 40_000 });
  await expect(he.composer).toHaveValue("halvskri");
  await network.setOffline(false);
  await expect(he.sees("chat.lost")).toHaveCount(0, { timeout: 30_000 });
  await expect(he.composer).toHaveValue("halvskri");
  await he.write("nätet är tillbaka");
  await expectWhole(he, sara, 4);

  // At the other end, and with both writing meanwhile.
  await sara.page.context().setOffline(true);
  await sara.write("Skrivet utan nät.");
  await he.write("jag väntar");
  await he.write("länge");
  await expect(sara.delivery("Skrivet utan nät.")).toHaveText(sara.says("desk.delivery.waiting"));
  await sara.page.context().setOffline(false);
  await expectWhole(he, sara, 7);

  // The very moments of sending.
  for (const [i, moment] of [undefined, "sent", "received"].entries()) {
    const reached = moment && he.watch.frame(moment as "sent" | "received");
    const sent = he.write(`i det ögonblicket ${i}`);
    await reached;
    await network.setOffline(true);
    await sent;
    await sara.write(`Jag skriver samtidigt ${i}.`);
    await network.setOffline(false);
  }
  await expectWhole(he, sara, 13);
});

story(
  "the relay is killed in mid-conversation, and nothing is lost or doubled",
  async ({ coordinator, someone, server }) => {
    const [sara, he] = await talking({ coordinator, someone });
    await server.kill();
    await expect(he.sees("chat.lost")).toBeVisible();
    await expect(sara.sees("desk.away")).toBeVisible();
    await he.write("servern är borta");
    await sara.write("Jag ser det.");
    await he.draft("halvskri");
    await server.start();
    await expect(he.sees("chat.lost")).toHaveCount(0, { timeout: 30_000 });
    await expect(he.composer).toHaveValue("halvskri");
    await he.composer.fill("");
    await expectWhole(he, sara, 3);

    // As soon as they have written; hers has gone; hers is answered; hers has come to him.
    for (const [i, moment] of [undefined, "sent", "received", "come"].entries()) {
      await he.write(`hans rad ${i}`);
      const reached =
        moment === "come"
          ? expect(he.thread.filter({ hasText: `Hennes rad ${i}.` })).toBeVisible()
          : moment && sara.watch.frame(moment as "sent" | "received");
      await sara.write(`Hennes rad ${i}.`);
      await reached;
      await server.kill();
      await server.start();
    }
    await expectWhole(he, sara, 11);
    await he.end();
    await expect(he.sees("chat.done")).toBeVisible();
  },
);

story(
  "the relay is killed while the first words and the claim are under way",
  async ({ coordinator, someone, server }) => {
    const sara = await coordinator("Sara");
    const he = await someone();
    await he.begin();
    await he.answer("who.h1", "who.ask");
    await he.answer("chan.h1", "chan.chat");
    await expect(he.page.getByLabel(he.says("send.text"))).toBeVisible();
    await server.kill();
    await he.open("hör ni mig");
    await he.write("hallå");
    await expect(he.delivery("hör ni mig")).toHaveText(he.says("chat.waiting"));
    await server.start();
    await expect(he.delivery("hallå")).toHaveText(he.says("chat.sent"), { timeout: 30_000 });

    await sara.open();
    await expect(sara.thread).toHaveText(["hör ni mig", "hallå"]);
    await server.kill();
    await sara.press("desk.claim.go");
    await expect(sara.sees("desk.claim.busy")).toBeVisible();
    await server.start();
    await expect(sara.composer).toBeVisible({ timeout: 30_000 });
    await expect(he.sees("chat.join", { alias: "Sara" })).toBeVisible();
    await sara.write("Ja, jag hör dig.");
    await expectWhole(he, sara, 3);

    // Ending is stored too: it reaches the relay once there is one, and only then is it called deleted.
    await server.kill();
    await he.end();
    await expect(he.sees("chat.asked")).toBeVisible();
    await expect(he.sees("chat.done")).toHaveCount(0);
    await server.start();
    await expect(he.sees("chat.done")).toBeVisible({ timeout: 30_000 });
    // Whoever comes back after that hears it from the other, or from the server alone, and is told which.
    const heard = sara.conversation
      .getByText(sara.says("desk.ended.deleted"))
      .or(sara.conversation.getByText(sara.says("desk.ended.reported")));
    await expect(heard).toBeVisible({ timeout: 30_000 });
  },
);
