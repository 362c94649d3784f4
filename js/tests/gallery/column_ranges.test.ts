import { expect, test } from "vitest";
import { columnRange, onRange } from "../../src/gallery/column_ranges";
import { brokenRow, row, rowMap } from "./traits";

const heatmap = { size: [1, 3] as const, values: Float32Array.of(0, 0.5, 1), low: 2, high: 4 };

test("a column's range goes from the least low to the greatest high of the rows that are there", () => {
  const rows = [
    row(0, { maps: { grad_cam: rowMap({ range: [0, 5] }) } }),
    null,
    brokenRow(1, "cannot be read"),
    row(2, {
      maps: { grad_cam: rowMap({ range: [-2, 1] }), saliency: rowMap({ range: [-9, 9] }) },
    }),
  ];
  expect(columnRange(rows, "grad_cam")).toEqual({ low: -2, high: 5 });
});

test("a column without a map has no range", () => {
  expect(columnRange([null, brokenRow(0, "cannot be read")], "grad_cam")).toBeNull();
});

test("values become shares of the common range", () => {
  expect([...onRange(heatmap, { low: 0, high: 8 })]).toEqual([0.25, 0.375, 0.5]);
});

test("a constant map has its true share of a common range", () => {
  const constant = { ...heatmap, values: new Float32Array(3), low: 6, high: 6 };
  expect([...onRange(constant, { low: 0, high: 8 })]).toEqual([0.75, 0.75, 0.75]);
});

test("shares stay in 0 to 1, and a range that is a point gives zeros", () => {
  expect([...onRange(heatmap, { low: 3, high: 4 })]).toEqual([0, 0, 1]);
  expect([...onRange(heatmap, { low: 3, high: 3 })]).toEqual([0, 0, 0]);
});
