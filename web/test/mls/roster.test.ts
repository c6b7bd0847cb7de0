import { describe, expect, test } from "vitest";
import { openRoster, type RosterTrouble } from "../../src/mls/roster.ts";
import { cases } from "../wire/vectors.ts";
import { type Staff, kommun, makeStaff, makeTeamKey, now, rosterText, signNote } from "./world.ts";

const troubled = (trouble: RosterTrouble) => expect.objectContaining({ name: "RosterError", trouble });

describe("vectors", () => {
  const fields = ["name", "comment", "expect", "kommun", "pins", "now", "newest", "note", "roster"];
  test.each(cases("roster", fields))("$name", async (c) => {
    const newest = c["newest"] as string;
    const opening = openRoster(c["note"] as string, {
      kommun: c["kommun"] as string,
      pins: c["pins"] as string[],
      now: c["now"] as number,
      ...(newest ? { newest: BigInt(newest) } : {}),
    });
    if (c["expect"] !== "ok") {
      await expect(opening).rejects.toEqual(troubled(c["expect"] as RosterTrouble));
      return;
    }
    expect((await opening).note).toBe(c["note"]);
  });
});

describe("a roster", () => {
  test("tells its devices", async () => {
    const team = await makeTeamKey();
    const sara = await makeStaff("Sara Ek", { role: "peer" });
    const note = await signNote(rosterText([sara]), team);
    const roster = await openRoster(note, { kommun, pins: [team.pin], now });
    expect(roster).toEqual({
      kommun,
      serial: 7n,
      issued: now - 3600,
      expires: now - 3600 + 7 * 86400,
      note,
      devices: [
        {
          id: sara.id,
          role: "peer",
          languages: ["sv", "en"],
          expires: now + 30 * 86400,
          key: sara.key,
          alias: "Sara Ek",
        },
      ],
    });
  });

  test("is refused as out of date, unless it is this device's clock that differs from the relay's by more than 12 hours", async () => {
    const team = await makeTeamKey();
    const note = await signNote(rosterText([], { issued: now - 8 * 86400, expires: now - 86400 }), team);
    const open = (o: { now: number; relayTime?: number }) => openRoster(note, { kommun, pins: [team.pin], ...o });
    await expect(open({ now })).rejects.toEqual(troubled("roster_expired"));
    await expect(open({ now, relayTime: now })).rejects.toEqual(troubled("roster_expired"));
    // Here the relay's clock says that the roster is good: one of the two clocks is wrong, and the person is told which
    // to look at.
    await expect(open({ now, relayTime: now - 86400 - 60 })).rejects.toEqual(troubled("clock"));
    // Less than 12 hours apart: the roster has simply run out.
    await expect(open({ now: now - 86400 + 60, relayTime: now - 86400 - 60 })).rejects.toEqual(
      troubled("roster_expired"),
    );
    // The relay's clock never makes a roster good.
    await expect(open({ now, relayTime: now + 30 * 86400 })).rejects.toEqual(troubled("roster_expired"));
  });

  test("from the future means that the clock is wrong", async () => {
    const team = await makeTeamKey();
    const note = await signNote(rosterText([], { issued: now + 86401 }), team);
    await expect(openRoster(note, { kommun, pins: [team.pin], now })).rejects.toEqual(troubled("clock"));
  });

  test("gives each device the id of its key, and holds at most 32 that take part in intake", async () => {
    const team = await makeTeamKey();
    const open = async (staff: Staff[]) =>
      openRoster(await signNote(rosterText(staff), team), { kommun, pins: [team.pin], now });
    const sara = await makeStaff("Sara");
    await expect(open([{ ...sara, id: "00112233445566aa" }])).rejects.toEqual(troubled("roster_malformed"));
    const crowd = await Promise.all(Array.from({ length: 33 }, (_, i) => makeStaff(`Sara ${i}`)));
    await expect(open(crowd)).rejects.toEqual(troubled("roster_malformed"));
    const one: Staff = { ...crowd[0]!, role: "interpreter" };
    expect((await open([one, ...crowd.slice(1)])).devices).toHaveLength(33);
  });

  test("is verified with the pin's own key, whatever hash the pin claims", async () => {
    const [team, other] = [await makeTeamKey(), await makeTeamKey()];
    const note = await signNote(rosterText([]), { ...other, hash: team.hash });
    const pin = `${team.name}+${other.pin.split("+")[1]}+${team.pin.split("+").slice(2).join("+")}`;
    await expect(openRoster(note, { kommun, pins: [pin], now })).rejects.toEqual(troubled("roster_signature"));
  });
});
