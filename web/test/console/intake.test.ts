import { describe, expect, test } from "vitest";
import { shipped } from "../../src/flow/flow.ts";
import { newRules } from "../../src/flow/priority.ts";
import { type Lookup, reasons, summary, triage } from "../../src/console/intake.ts";
import { intakeOf, tongueOf } from "./support.ts";

const look = (tag: "sv" | "en"): Lookup => ({
  ...tongueOf(tag),
  slots: { kommun: "Botkyrka" },
  own: () => false,
  rules: newRules(undefined),
});

describe("the summary", () => {
  test("has the answers in the order asked, several to one question joined, in the coordinator's language", () => {
    const intake = intakeOf([
      ["who", "who.self"],
      ["dng", "dng.soon"],
      ["place", "place.here"],
      ["need", "need.home"],
      ["need", "need.debt"],
    ]);
    expect(summary(look("sv"), intake)).toEqual([
      { label: "Gäller", answer: "Personen själv" },
      { label: "Fara", answer: "Inte nu, men snart" },
      { label: "Bor", answer: "I Botkyrka" },
      { label: "Vill ha hjälp med", answer: "Någonstans att bo, Pengar eller skulder" },
    ]);
    expect(summary(look("en"), intake)[1]).toEqual({ label: "Danger", answer: "Not now, but soon" });
  });

  test("says that danger was not answered, except to those who were never asked", () => {
    expect(summary(look("sv"), intakeOf([["who", "who.rel"]]))).toContainEqual({
      label: "Fara",
      answer: "Inte besvarat",
    });
    expect(summary(look("sv"), intakeOf([["who", "who.ask"]]))).toEqual([
      { label: "Gäller", answer: "Vill bara fråga" },
    ]);
  });

  test("shows none of our sentences, and no key, at a stranger's bidding", () => {
    const hostile = intakeOf([
      ["who", "info.lock"],
      ["<b>", "<b>.x"],
      ["constructor", "constructor.name"],
      ["age", "age.99"],
      ["desk", "desk.title"],
    ]);
    for (const row of summary(look("sv"), hostile)) {
      expect(row.answer).toMatch(/^(Ett svar som den här sidan inte känner till|Kontakt)$/);
      expect(row.label).toMatch(/^(Gäller|Okänd fråga|Ålder|Fara)$/);
    }
  });

  test("shows the kommun's own words where the visitor read those, and says of what it has no words for that it has none", () => {
    const words: Readonly<Record<string, string>> = {
      "own.kids.h1": "Finns det barn?",
      "own.kids.yes": "Ja, barn",
      "who.self": "Jag själv",
    };
    const { say, has } = tongueOf("sv");
    const own: Lookup = {
      ...look("sv"),
      say: (key, slots) => words[key] ?? say(key, slots),
      has: (key) => key in words || has(key),
      own: (key) => key in words,
    };
    const answers = [
      ["who", "who.self"],
      ["dng", "common.no"],
      ["own.kids", "own.kids.yes"],
      ["own.gone", "own.gone.x"],
      ["own.lost", "common.yes"],
    ] as const;
    expect(summary(own, intakeOf(answers))).toEqual([
      { label: "Gäller", answer: "Jag själv" },
      { label: "Fara", answer: "Nej" },
      { label: "Finns det barn?", answer: "Ja, barn" },
      { label: say("desk.unknown.question"), answer: say("desk.unknown.answer") },
      { label: say("desk.unknown.question"), answer: "Ja" },
    ]);
  });

  test("knows every question and answer of the flow, in both languages", () => {
    let seen = 0;
    for (const [question, step] of Object.entries(shipped.steps)) {
      if (step.kind === "page") continue;
      for (const choice of step.choices) {
        for (const tag of ["sv", "en"] as const) {
          const row = summary(look(tag), intakeOf([[question, choice.key]]))[0];
          const unknown = tongueOf(tag).say;
          expect(row?.answer, choice.key).not.toBe(unknown("desk.unknown.answer"));
          expect(row?.label, question).not.toBe(unknown("desk.unknown.question"));
          seen++;
        }
      }
    }
    expect(seen).toBeGreaterThan(60);
  });
});

describe("the triage", () => {
  test("puts the parts of a relative's answers where the list shows them", () => {
    const found = triage(
      look("sv"),
      intakeOf([
        ["who", "who.rel"],
        ["dng", "common.no"],
        ["rel", "rel.sib"],
        ["rel.age", "common.yes"],
        ["rel.want", "rel.want.safe"],
      ]),
    );
    expect(found).toEqual({
      who: "Familj eller vän",
      more: "Sitt syskon",
      danger: "Nej",
      age: "under 18",
      needs: "Att familjen ska vara trygg",
      reasons: ["desk.reason.minor", "desk.reason.safe"],
    });
  });

  test("leaves out what was skipped, but for danger", () => {
    const found = triage(
      look("en"),
      intakeOf([
        ["who", "who.self"],
        ["dng", "common.skip"],
        ["age", "common.skip"],
        ["need", "common.skip"],
      ]),
    );
    expect(found).toMatchObject({ danger: "Skipped", age: "", needs: "" });
  });

  test("says so when nothing is known", () =>
    expect(triage(look("sv"), intakeOf([])).who).toBe("Okänt vem det gäller"));

  test("gives a reason for each answer that makes a case urgent, and for no other", () => {
    let urgent = 0;
    for (const [question, step] of Object.entries(shipped.steps)) {
      for (const choice of step.choices) {
        const answers = [[question, choice.key]] as const;
        const raised = newRules(undefined).priorityOf(answers) <= 1;
        expect(reasons(look("sv"), intakeOf(answers)).length > 0, `${question} ${choice.key}`).toBe(raised);
        if (raised) urgent++;
      }
    }
    expect(urgent).toBeGreaterThan(6);
  });
});
