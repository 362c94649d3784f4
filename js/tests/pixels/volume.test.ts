import { expect, test } from "vitest";
import { sliceOf } from "../../src/pixels/picture";
import { resizeTrilinear, type VolumeGrid, volumeHeatmap } from "../../src/pixels/volume";
import golden from "../golden/volume.json";

type Sides = VolumeGrid["size"];

for (const { shape, size, grid, positions, values } of golden) {
  test(`${shape.join(" x ")} to ${size.join(" x ")} is what torch makes of it`, () => {
    const [depth = 0, height = 0, width = 0] = size;
    const slice = resizeTrilinear(
      Uint8Array.from(grid),
      shape as unknown as Sides,
      size as unknown as Sides,
    );
    const all = Array.from({ length: depth }, (_, place) => [...slice(place)]).flat();
    const worst = positions.map((at, i) => Math.abs((all[at] as number) - (values[i] ?? 0)));
    expect(all).toHaveLength(depth * height * width);
    expect(Math.max(...worst) / 255).toBeLessThan(1e-5);
  });
}

test("each slice has the range of the whole volume, and its own peak", () => {
  const data = Uint8Array.of(0, 51, 102, 255);
  const heatmap = volumeHeatmap({ data, shape: [2, 1, 2], range: [-1, 4], size: [2, 1, 2] });
  expect([...heatmap.slice(0).values].map((value) => value.toFixed(2))).toEqual(["0.00", "0.20"]);
  expect([...heatmap.slice(1).values].map((value) => value.toFixed(2))).toEqual(["0.40", "1.00"]);
  expect(heatmap.slice(0)).toMatchObject({ size: [1, 2], low: -1, high: 4 });
  expect([...heatmap.peaks].map((value) => value.toFixed(2))).toEqual(["0.20", "1.00"]);
});

test("a volume that is the same everywhere is zero everywhere", () => {
  const data = new Uint8Array(8).fill(9);
  const heatmap = volumeHeatmap({ data, shape: [2, 2, 2], range: [3, 3], size: [3, 4, 5] });
  expect(new Set([0, 1, 2].flatMap((place) => [...heatmap.slice(place).values]))).toEqual(
    new Set([0]),
  );
});

test("bytes that do not fit the sides are an error", () => {
  const grid = { data: new Uint8Array(7), range: [0, 1], size: [2, 2, 2] } as const;
  expect(() => volumeHeatmap({ ...grid, shape: [2, 2, 2] })).toThrow(
    "a 2 x 2 x 2 map cannot have 7 values",
  );
});

test("a slice is cut out of the picture that all slices are sent as", () => {
  // Five slices of 2 x 3, two in a row: pixel values are 100 * slice + 10 * row + column.
  const rgba = new Uint8ClampedArray(4 * 6 * 6);
  for (let place = 0; place < 3; place++) {
    for (let i = 0; i < 6; i++) {
      const [row, column] = [Math.floor(i / 3), i % 3];
      const y = 2 * Math.floor(place / 2) + row;
      rgba[4 * (6 * y + 3 * (place % 2) + column)] = 100 * place + 10 * row + column;
    }
  }
  const cut = sliceOf({ size: [6, 6], rgba }, 2, [2, 3], 2);
  expect([...cut.rgba].filter((_, i) => i % 4 === 0)).toEqual([200, 201, 202, 210, 211, 212]);
  expect(cut.size).toEqual([2, 3]);
});
