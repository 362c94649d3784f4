import { expect, test } from "vitest";
import { differenceOf, differencePixels, onCommonRange } from "../../src/pixels/two_maps";

// True values 0, 2, 4 and 1, 1, 5.
const one = { size: [1, 3], values: Float32Array.of(0, 0.5, 1), low: 0, high: 4 } as const;
const other = { size: [1, 3], values: Float32Array.of(0, 0, 1), low: 1, high: 5 } as const;

test("two maps are stretched over the least and the greatest value of both", () => {
  const [first, second] = onCommonRange(one, other);
  expect([first.low, first.high, second.low, second.high]).toEqual([0, 5, 0, 5]);
  for (const [map, values] of [
    [first, [0, 0.4, 0.8]],
    [second, [0.2, 0.2, 1]],
  ] as const) {
    values.forEach((value, i) => {
      expect(map.values[i]).toBeCloseTo(value, 6);
    });
  }
});

test("maps that are the same everywhere are painted as the least value", () => {
  const flat = { size: [1, 1], values: Float32Array.of(0), low: 3, high: 3 } as const;
  const [first] = onCommonRange(flat, flat);
  expect([first.low, first.high, ...first.values]).toEqual([3, 3, 0]);
});

test("a difference is the second map less the first, and zero stands in the middle", () => {
  const { low, high, values } = differenceOf(one, other);
  // 1, -1 and 1
  expect([low, high]).toEqual([-1, 1]);
  expect([...values]).toEqual([1, 0, 1]);
  const half = { ...other, values: Float32Array.of(0, 0.25, 1) };
  // 1, 0 and 1
  expect([...differenceOf(one, half).values]).toEqual([1, 0.5, 1]);
});

test("maps that differ by rounding alone do not differ", () => {
  const close = { ...one, values: Float32Array.of(0, 0.502, 1) };
  const { low, high, values } = differenceOf(one, close);
  expect([Math.abs(low), high]).toEqual([0, 0]);
  expect([...values]).toEqual([0.5, 0.5, 0.5]);
});

test("no difference leaves the picture, and the greatest covers it", () => {
  const table = new Uint8Array(768).fill(200);
  const picture = Uint8ClampedArray.of(10, 20, 30, 255, 10, 20, 30, 255, 10, 20, 30, 255);
  const painted = differencePixels(picture, Float32Array.of(0.5, 1, 0.75), { table, opacity: 0.5 });
  expect([...painted]).toEqual([10, 20, 30, 255, 200, 200, 200, 255, 105, 110, 115, 255]);
});
