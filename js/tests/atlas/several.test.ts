import { expect, test } from "vitest";
import { matchedClass, matchedLayer } from "../../src/atlas/matching";
import { type AtlasOfSeveral, answeringSeveral } from "../../src/atlas/several";
import { notSaved } from "../../src/atlas/words";
import type { Traits } from "../../src/explainer/traits";
import { filledTraits, map, picture } from "../traits";

const layers = (...names: string[]) => names.map((name) => ({ name, shape: [1, 3, 2] }));
const reading = {
  activation: "softmax",
  choices: ["softmax"],
  has_winner: true,
  tells_areas: false,
  finds_boxes: false,
  can_ask: false,
  why: "",
} as const;

function saved(): AtlasOfSeveral {
  const methods = filledTraits()._methods;
  const shared = { ...picture(0), data: null as never, of: "before" };
  const cat = { index: 1, name: "cat", probability: 0.7 };
  const own = { index: 0, name: "cat", probability: 0.4 };
  const fox = { index: 2, name: "fox", probability: 0.6 };
  const entry = { encoding: "raw", options: {}, status: "", note: "" } as const;
  return {
    version: 2,
    models: {
      before: {
        version: 1,
        images: [{ picture: picture(0), predictions: [cat] }],
        entries: [{ ...map(0, { layer: "b", target: cat }), ...entry }],
        facts: { methods, layers: layers("a", "b"), class_names: ["dog", "cat"], reading },
      },
      after: {
        version: 1,
        images: [{ picture: shared, predictions: [fox, own] }],
        entries: [{ ...map(0, { layer: "z", target: own }), ...entry }],
        facts: {
          methods,
          layers: layers("x", "y", "z"),
          class_names: ["cat", "dog", "fox"],
          reading,
        },
      },
    },
  };
}

function opened(changes: Partial<Traits> = {}): Traits {
  const names = { names: ["before", "after"], kind: "models" } as const;
  const base = { model: "before", beside: "after", _models: names, layer: "b", target: 1 };
  return { ...filledTraits(), ...base, ...changes };
}

test("a view comes with what the other model says of the same class at its own layer", async () => {
  const answer = await answeringSeveral(saved(), opened(), null)(opened());
  expect(answer?._map?.layer).toBe("b");
  expect(answer?._beside?.map?.layer).toBe("z");
  expect(answer?._beside?.picture).toBeNull();
  expect(answer?._beside?.why_no_difference).toBe("");
  expect(answer?._beside?.changed_mind).toBe(true);
  expect(answer?._beside?.changes.map(({ name }) => name)).toEqual(["fox", "cat"]);
});

test("another model brings its own layers and classes, and the choices are matched", async () => {
  const ask = answeringSeveral(saved(), opened(), null);
  const answer = await ask(opened({ model: "after" }));
  expect([answer?.layer, answer?.target, answer?.beside]).toEqual(["z", 0, "before"]);
  expect(answer?._class_names).toEqual(["cat", "dog", "fox"]);
  expect(answer?._layers?.map(({ name }) => name)).toEqual(["x", "y", "z"]);
  expect(answer?._beside?.map?.layer).toBe("b");
});

test("a model of which nothing is saved needs a kernel", async () => {
  const ask = answeringSeveral(saved(), opened(), null);
  expect(await ask(opened({ model: "later" }))).toEqual({ error: notSaved });
});

test("a class that the other model has not is told, and no map is held against it", async () => {
  const atlas = saved();
  const lone = { ...atlas.models.before?.facts, class_names: ["dog", "lynx"] };
  const entries = atlas.models.before?.entries.map((entry) => ({
    ...entry,
    target: { ...entry.target, name: "lynx" },
  }));
  const before = { ...atlas.models.before, facts: lone, entries } as never;
  const changed = { ...atlas, models: { ...atlas.models, before } };
  const answer = await answeringSeveral(changed, opened(), null)(opened());
  expect(answer?._beside?.why_not).toBe("after has no class 'lynx'.");
  expect(answer?._beside?.map).toBeNull();
});

test("layers and classes are matched as Python does it", () => {
  const [three, five] = [layers("a", "b", "c"), layers("v", "w", "x", "y", "z")];
  expect(["a", "b", "c"].map((name) => matchedLayer(name, three, five))).toEqual(["v", "x", "z"]);
  expect(["v", "w", "x", "y", "z"].map((name) => matchedLayer(name, five, three))).toEqual([
    "a",
    "b",
    "b",
    "c",
    "c",
  ]);
  expect(matchedLayer("a", layers("a"), five)).toBe("z");
  expect(matchedClass(1, ["dog", "cat"], ["cat"])).toBe(0);
  expect(matchedClass(0, ["dog", "cat"], ["cat"])).toBeNull();
  expect(matchedClass(1, [], ["cat", "dog"])).toBe(1);
});
