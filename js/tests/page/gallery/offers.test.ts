import { expect, test } from "vitest";
import { offered, offeredText } from "../../../src/page/gallery/offers";
import { pageTraits, rowMap } from "../../gallery/traits";

const saved = (...maps: readonly [method: string, layer: string | null][]) => ({
  version: 1,
  images: [],
  maps: maps.map(([method, layer]) => ({
    ...rowMap({ layer }),
    method,
    image_index: 0,
    encoding: "raw" as const,
    disagreements: {},
  })),
});

test("a page offers the methods and layers of its maps, and what is chosen", () => {
  const traits = { ...pageTraits(), methods: ["grad_cam"], layer: "layer4" };
  const offer = offered(traits, saved(["saliency", null], ["grad_cam", "layer1"]));
  expect(offer._methods?.map(({ name }) => name)).toEqual(["grad_cam", "saliency"]);
  expect(offer._layers?.map(({ name }) => name)).toEqual(["layer1", "layer4"]);
  expect(offeredText(traits, offer)).toMatch(
    /^2 of 3 methods and 2 of \d layers are saved on this page\. A running kernel answers/,
  );
});

test("a page offers the classes of its maps, those of most maps first", () => {
  const one = saved(["saliency", null]);
  const maps = [3, 5, 5].flatMap((index) =>
    one.maps.map((map) => ({ ...map, target: { ...map.target, index } })),
  );
  expect(offered(pageTraits(), { ...one, maps })._classes_offered).toEqual([5, 3]);
});

test("where all is saved nothing is said", () => {
  const traits = pageTraits();
  expect(offeredText(traits, { _methods: traits._methods, _layers: traits._layers })).toBe("");
});
