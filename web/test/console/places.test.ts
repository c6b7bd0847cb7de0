import { describe, expect, test } from "vitest";
import { cards } from "../../src/console/card.tsx";
import { sorted } from "../../src/console/people.tsx";
import { book } from "../../src/console/phrases.ts";
import { places } from "../../src/console/places.tsx";
import { catalogOf, tongueOf } from "./support.ts";

const known = new Set(["emergency", "police", "children", "suicide", "kommun", "report"]);

describe("the menu", () => {
  test("names every place in both languages, and none twice", () => {
    for (const { id } of places)
      for (const tag of ["sv", "en"] as const) expect(tongueOf(tag).has(`desk.place.${id}`), id).toBe(true);
    expect(new Set(places.map(({ id }) => id)).size).toBe(places.length);
  });
});

describe("the help cards", () => {
  test("are the six, each with who decides, what not to write, and replies that the phrasebook has", () => {
    expect(cards.map(({ name }) => name)).toEqual(["danger", "suicide", "child", "third", "staff", "probing"]);
    const replies = book.flatMap(({ keys }) => keys);
    for (const { name, steps, replies: own, numbers } of cards) {
      for (const tag of ["sv", "en"] as const) {
        const { has } = tongueOf(tag);
        for (const part of ["decides", "stop", ...Array.from({ length: steps }, (_, step) => String(step + 1))])
          expect(has(`desk.card.${name}.${part}`), `${name} ${part}`).toBe(true);
        expect(has(`desk.card.${name}.${steps + 1}`), `${name} has no step that is not shown`).toBe(false);
      }
      for (const key of own) expect(replies).toContain(key);
      expect(numbers.length, name).toBeGreaterThan(0);
      for (const id of numbers) expect(known, id).toContain(id);
    }
  });

  test("hold no telephone number of their own: those come from the configuration, where somebody has verified them", () => {
    for (const tag of ["sv", "en"])
      for (const [key, entry] of Object.entries(catalogOf(`desk.${tag}`)))
        if (key.startsWith("desk.card."))
          expect(JSON.stringify(entry).replaceAll("112", ""), `${tag} ${key}`).not.toMatch(/\d{2}/);
  });
});

test("colleagues stand by role, then by name as the reader's language sorts it", () => {
  const of = (alias: string, role: string, id = alias) => ({ id, alias, role, languages: [], expires: 0 });
  const all = [
    of("Öst", "coordinator"),
    of("Tolk", "interpreter"),
    of("Åsa", "coordinator"),
    of("Zoe", "coordinator"),
    of("Lea", "lead"),
    of("Zoe", "coordinator", "a"),
  ];
  expect(sorted(all, "sv").map(({ alias, id }) => `${alias} ${id}`)).toEqual([
    "Lea Lea",
    "Zoe a",
    "Zoe Zoe",
    "Åsa Åsa",
    "Öst Öst",
    "Tolk Tolk",
  ]);
});
