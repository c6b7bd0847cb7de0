import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Tongue, phrases, shown } from "../../src/console/phrases.ts";
import { hasCode } from "../../src/console/words.ts";
import type { Line } from "../../src/conversation/api.ts";
import { type Catalog, type Language, type Texts, newTexts } from "../../src/i18n/index.ts";
import { codeNote, quick, read } from "../../src/i18n/phrasebook.ts";
import { type World, desks, intake, makeWorld, visits } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const json = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../i18n/${path}.json`, import.meta.url), "utf8"));
const textsOf = (tag: string): Texts => {
  const language = (json("languages") as Language[]).find((one) => one.tag === tag)!;
  return newTexts(
    Object.assign({}, ...["", "phrases."].map((kind) => json(`catalog/${kind}${tag}`) as Catalog)) as Catalog,
    language,
    (what) => {
      throw new Error(what);
    },
  );
};
const tongue = (texts: Texts): Tongue => ({ tag: texts.tag, dir: texts.dir, say: texts.t, has: texts.has });
const sv = tongue(textsOf("sv"));
const hers = textsOf("so");
const so = tongue(hers);

test("a mother who reads Somali and a coordinator who reads Swedish talk with ready sentences alone", async () => {
  const sara = await world.coordinator("Sara");
  const { visitor } = world.visitor();
  await visitor.prepare();
  await visitor.open({ ...intake, lang: "so", text: "" }, "live");
  await desks(sara.desk, (v) => v.cases[0]?.state === "waiting");
  const id = sara.desk.view.cases[0]!.id;
  await sara.desk.claim(id);
  await desks(sara.desk, (v) => v.cases[0]?.state === "mine");

  // Everything that can be sent now comes out on her page as it was shown before it went, and means the same to both.
  const { config } = world;
  const asked = { reason: "shift", alias: "Amir" } as const;
  const sent = phrases({ config, visitor: so, own: sv, alias: "Sara", code: false, hours: undefined, asked }).filter(
    ({ held }) => held === undefined,
  );
  expect(sent.length).toBeGreaterThan(20);
  expect(sent.map(({ key }) => key)).not.toContain("pb.gosafe");
  for (const { key, slots } of sent) sara.desk.sendPhrase(id, key, slots);
  const fromStaff = (lines: readonly Line[]) => lines.filter(({ from }) => from === "staff");
  const onHers = await visits(visitor, (v) => fromStaff(v.lines).length === sent.length);
  expect(fromStaff(onHers.lines).map((line) => read(line.phrase!, "staff", hers))).toEqual(
    sent.map(({ theirs }) => theirs),
  );
  expect(fromStaff(sara.desk.view.cases[0]!.lines).map((line) => shown(line, config, sv, so))).toEqual(
    sent.map(({ ours, theirs }) => ({ ours, theirs })),
  );

  for (const key of quick) visitor.sendPhrase(key, {});
  const fromHer = (lines: readonly Line[]) => lines.filter(({ from }) => from === "visitor");
  const onHis = await desks(sara.desk, (v) => fromHer(v.cases[0]!.lines).length === quick.length);
  expect(fromHer(onHis.cases[0]!.lines).map((line) => shown(line, config, sv, so))).toEqual(
    quick.map((key) => ({ ours: sv.say(key), theirs: so.say(key) })),
  );

  // A page that is not ours names what it likes: nothing of it is shown.
  const count = quick.length;
  for (const [key, slots] of [
    ["pb.danger", {}],
    ["desk.end", {}],
    ["q.yes", { alias: "Ring 08-1" }],
    ["__proto__", {}],
    ["<b>", {}],
  ] as const)
    visitor.sendPhrase(key, slots);
  const more = await desks(sara.desk, (v) => fromHer(v.cases[0]!.lines).length === count + 5);
  expect(
    fromHer(more.cases[0]!.lines)
      .slice(count)
      .map((line) => shown(line, config, sv, so)),
  ).toEqual(Array(5).fill(undefined));
  sara.desk.sendPhrase(id, "pb.hello", { alias: "Sara\u202E", kommun: "Botkyrka" });
  const last = await visits(visitor, (v) => fromStaff(v.lines).length === sent.length + 1);
  expect(read(fromStaff(last.lines).at(-1)!.phrase!, "staff", hers)).toBeUndefined();

  // What she says of her code opens the replies that speak of one.
  expect(hasCode(more.cases[0]!.lines)).toBe(false);
  visitor.sendPhrase(codeNote, {});
  const told = await desks(sara.desk, (v) => hasCode(v.cases[0]!.lines));
  const after = phrases({
    config,
    visitor: so,
    own: sv,
    alias: "Sara",
    code: hasCode(told.cases[0]!.lines),
    hours: undefined,
    asked: undefined,
  });
  expect(after.find(({ key }) => key === "pb.gosafe")).toMatchObject({ theirs: so.say("pb.gosafe") });
});
