import { expect, test } from "vitest";
import { heatmapOf, normalise, valueAt } from "../../src/pixels/heatmap";

test("values are spread over the whole range from 0 to 1", () => {
  const values = Float32Array.of(-2, 0, 2);
  expect(normalise(values)).toEqual([-2, 2]);
  expect([...values]).toEqual([0, 0.5, 1]);
});

test("a constant map is all zeros, with its value told", () => {
  const heatmap = heatmapOf({
    data: Uint8Array.of(0, 0),
    shape: [2, 1],
    range: [0.25, 0.25],
    size: [4, 3],
  });
  expect([...heatmap.values]).toEqual(new Array(12).fill(0));
  expect([heatmap.low, heatmap.high]).toEqual([0.25, 0.25]);
  expect(valueAt(heatmap, 2, 3)).toBe(0.25);
});

test("upsampling comes before normalising, so that the colours reach both ends", () => {
  const grid = { data: Uint8Array.of(0, 255, 0), shape: [3, 1], range: [0, 1] } as const;
  const heatmap = heatmapOf({ ...grid, size: [6, 1] });
  // rows of 0, 63.75, 191.25, 191.25, 63.75, 0: the greatest is 0.75 of the grid's range
  expect(heatmap.high).toBeCloseTo(0.75, 6);
  expect(Math.max(...heatmap.values)).toBe(1);
  expect(heatmap.values[1]).toBeCloseTo(1 / 3, 6);
});

test("a value is told in the attribution's own units, by column and row", () => {
  const heatmap = heatmapOf({
    data: Uint8Array.of(0, 51, 102, 153, 204, 255),
    shape: [2, 3],
    range: [-1, 4],
    size: [2, 3],
  });
  expect(valueAt(heatmap, 2, 0)).toBeCloseTo(1, 5);
  expect(valueAt(heatmap, 0, 1)).toBeCloseTo(2, 5);
  expect(valueAt(heatmap, 0, 2)).toBeNaN();
  expect(valueAt(heatmap, 3, 0)).toBeNaN();
});
