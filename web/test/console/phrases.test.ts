import { describe, expect, test } from "vitest";
import type { Status } from "../../src/config.ts";
import { hindrance, longest } from "../../src/console/composer.tsx";
import { askedIn, book, care, type Occasion, phrases, search, shown } from "../../src/console/phrases.ts";
import type { Case } from "../../src/conversation/api.ts";
import { quick, read } from "../../src/i18n/phrasebook.ts";
import { catalogOf, config, tongueOf } from "./support.ts";

const sv = tongueOf("sv");
const en = tongueOf("en");
const suicide = { id: "suicide", label: {}, number: "90101", hours: {}, verified: "2026-11-01" };
// Friday 20 November 2026, 19:50 in Sweden.
const hours: Status = {
  reachable: true,
  within: true,
  closes: "20:00",
  ready: true,
  time: Date.UTC(2026, 10, 20, 18, 50) / 1000,
  opens: { inDays: 3, weekday: 1, time: "09:00" },
};
const bare: Occasion = { config, visitor: en, own: sv, alias: "Sara", code: false, hours: undefined, asked: undefined };
const full: Occasion = {
  ...bare,
  config: { ...config, numbers: [...config.numbers, suicide] },
  code: true,
  hours,
  asked: { reason: "shift", alias: "Omar" },
};
const of = (occasion: Occasion, key: string) => phrases(occasion).find((one) => one.key === key)!;

describe("the phrasebook", () => {
  test("places every reply of the catalog, once", () => {
    const placed = book.flatMap(({ keys }) => keys);
    expect([...placed].sort()).toEqual(
      Object.keys(catalogOf("phrases.sv"))
        .filter((key) => key.startsWith("pb."))
        .sort(),
    );
    expect(phrases(full).map(({ number }) => number)).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
  });

  test("has every quick phrase of the catalog, once", () =>
    expect([...quick].sort()).toEqual(
      Object.keys(catalogOf("phrases.sv"))
        .filter((key) => key.startsWith("q."))
        .sort(),
    ));

  test("names each moment in both languages", () => {
    for (const { moment } of book)
      for (const tongue of [sv, en]) expect(tongue.say(`desk.phrases.${moment}`)).not.toBe("");
  });

  test("shows what the visitor will see, and what it means", () => {
    expect(of(bare, "pb.noname")).toMatchObject({
      theirs: expect.stringMatching(/^You do not have to say/),
      ours: expect.stringMatching(/^Du behöver inte säga/),
    });
    expect(of({ ...bare, visitor: sv, own: en }, "pb.noname")).toMatchObject({
      theirs: expect.stringMatching(/^Du/),
      ours: expect.stringMatching(/^You/),
    });
  });

  test("takes every value from the configuration and the moment, in the visitor's language", () => {
    expect(of(full, "pb.hello").slots).toEqual({ alias: "Sara", kommun: "Botkyrka" });
    expect(of(full, "pb.callus").theirs).toContain("08-000 00 00, weekdays 8–16");
    expect(of(full, "pb.callus").ours).toContain("08-000 00 00, vardagar 8–16");
    expect(of(full, "pb.closing").slots).toEqual({ min: "10", opens: en.say("opens.day.1", { time: "09:00" }) });
    expect(of(full, "pb.closing").ours).toContain("om 10 minuter");
    for (const one of phrases(full)) expect(`${one.theirs} ${one.ours}`).not.toMatch(/[{}]/);
  });

  test("sends just what the visitor's page reads as the same words", () => {
    for (const one of phrases(full).filter(({ held }) => held === undefined)) {
      expect(read(one, "staff", { t: en.say, has: en.has, dir: "ltr" }), one.key).toBe(one.theirs);
      expect(shown({ from: "staff", phrase: one }, full.config, sv, en), one.key).toEqual({
        ours: one.ours,
        theirs: one.theirs,
      });
    }
    expect(
      phrases(full)
        .filter(({ held }) => held !== undefined)
        .map(({ key, held }) => [key, held]),
    ).toEqual([["pb.second", "question"]]);
  });

  test("says why a reply cannot be sent", () => {
    const held = (more: Partial<Occasion>, key: string) => of({ ...full, ...more }, key).held;
    expect(held({ code: false }, "pb.gosafe")).toBe("code");
    expect(held({ code: false }, "pb.closing")).toBe("code");
    expect(held({ config }, "pb.suicide")).toBe("number");
    const nobody = { ...full.config, numbers: [] };
    for (const key of ["pb.bris", "pb.police"]) expect(held({ config: nobody }, key)).toBe("number");
    for (const key of ["pb.callus", "pb.report"]) expect(held({ config: nobody }, key)).toBe("slot");
    expect(held({ config: nobody }, "pb.danger")).toBeUndefined();
    expect(held({ hours: undefined }, "pb.closing")).toBe("slot");
    expect(held({ hours: { ...hours, closes: "23:00" } }, "pb.closing")).toBe("slot");
    expect(held({ alias: "Sa\u202Era" }, "pb.hello")).toBe("slot");
    expect(held({ visitor: undefined }, "pb.noname")).toBe("language");
    expect(of({ ...full, visitor: undefined }, "pb.noname").theirs).toBe("");
    expect(held({ visitor: { ...en, has: (key) => key !== "pb.meet" && en.has(key) } }, "pb.meet")).toBe("language");
  });

  test("speaks of a colleague only while the visitor is asked about them, and by the name that they are asked about", () => {
    const when = (proposal: Case["proposal"]) =>
      Object.fromEntries(
        ["pb.second", "pb.handover"].map((key) => [key, of({ ...full, asked: askedIn({ proposal }) }, key)]),
      );
    const waiting = { state: "waiting", alias: "Omar" } as const;
    expect(when({ ...waiting, reason: "shift" })).toMatchObject({
      "pb.second": { held: "question" },
      "pb.handover": { slots: { alias2: "Omar" } },
    });
    expect(when({ ...waiting, reason: "shift" })["pb.handover"]!.theirs).toContain("Omar");
    expect(when({ ...waiting, reason: "colleague" })["pb.second"]!.held).toBeUndefined();
    expect(when({ ...waiting, reason: "colleague" })["pb.handover"]!.held).toBe("question");
    for (const state of ["sending", "no", "cannot", "done", "late"] as const) {
      for (const reason of ["colleague", "shift"] as const) {
        for (const one of Object.values(when({ ...waiting, reason, state })))
          expect(one.held, `${reason} ${state}`).toBe("question");
      }
    }
    for (const one of Object.values(when(undefined))) expect(one.held).toBe("question");
    expect(when({ reason: "back", state: "waiting" })["pb.handover"]!.held).toBe("question");
  });

  test("is found by number, by key, and by every word in either language, without case and marks", () => {
    const all = phrases(full);
    const keys = (query: string) => search(all, query).map((one) => one.key);
    expect(keys("TYSTNADSPLIKT liv")).toEqual(["pb.secrecy"]);
    expect(keys("AVEN om personen")).toEqual(["pb.notyourfault"]);
    expect(keys("confidentiality")).toContain("pb.secrecy");
    expect(keys("8")[0]).toBe("pb.secrecy");
    expect(keys("112")).toContain("pb.danger");
    expect(keys("pb.meet")).toEqual(["pb.meet"]);
    expect(keys("meet")[0]).toBe("pb.meet");
    expect(keys("  ")).toHaveLength(all.length);
    expect(keys("zzz")).toEqual([]);
  });
});

describe("what a stranger sends", () => {
  const visitor = (key: string, slots = {}) => shown({ from: "visitor", phrase: { key, slots } }, config, sv, en);
  test("is shown where it is a quick phrase", () =>
    expect(visitor("q.seen")).toEqual({ ours: "Någon kan se min skärm.", theirs: "Someone can see my screen." }));
  test.each(["q.none", "pb.danger", "quick.left", "desk.end", "chat.done", "constructor", "q.", "note.code"])(
    "is not shown where it is %s",
    (key) => expect(visitor(key)).toBeUndefined(),
  );
  test("has no slots", () => expect(visitor("q.yes", { alias: "x" })).toBeUndefined());
});

describe("what the visitor has said of the screen", () => {
  const said = (...keys: string[]) =>
    care(
      keys.map((key) => ({
        from: key.startsWith("pb.") ? ("staff" as const) : ("visitor" as const),
        ...(key !== "text" && { phrase: { key, slots: {} } }),
      })),
    );
  test("is in force until they say that they are alone, or answer that they can write", () => {
    expect(said("q.seen")).toEqual({ seen: true, stop: false });
    expect(said("q.seen", "text", "q.yes")).toEqual({ seen: true, stop: false });
    expect(said("q.seen", "q.alone").seen).toBe(false);
    expect(said("q.seen", "pb.seen", "q.yes").seen).toBe(false);
    expect(said("q.seen", "pb.seen", "q.no", "q.yes").seen).toBe(true);
  });
  test("is in force until they write again", () => {
    expect(said("q.dontwrite", "pb.wait", "q.seen")).toEqual({ seen: true, stop: true });
    expect(said("q.dontwrite", "text").stop).toBe(false);
  });
});

describe("the composer", () => {
  test("holds back what is empty or too long", () => {
    expect(hindrance(" \n")).toBe("empty");
    expect(hindrance("a".repeat(longest))).toBeUndefined();
    expect(hindrance("😀".repeat(longest))).toBeUndefined();
    expect(hindrance("a".repeat(longest + 1))).toBe("long");
  });
});
