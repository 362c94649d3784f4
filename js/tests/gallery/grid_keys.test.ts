import { expect, test } from "vitest";
import { clampPlace, gridStep } from "../../src/gallery/grid_keys";

// the middle row is one that has failed: its name and the cause
const widths = [4, 2, 4];

test("arrows go by one cell and stop at the edges", () => {
  expect(gridStep("ArrowRight", false, { row: 0, column: 0 }, widths)).toEqual({
    row: 0,
    column: 1,
  });
  expect(gridStep("ArrowLeft", false, { row: 0, column: 0 }, widths)).toEqual({
    row: 0,
    column: 0,
  });
  expect(gridStep("ArrowUp", false, { row: 0, column: 2 }, widths)).toEqual({ row: 0, column: 2 });
  expect(gridStep("ArrowDown", false, { row: 2, column: 2 }, widths)).toEqual({
    row: 2,
    column: 2,
  });
});

test("from a long row to a short one leads to its last cell", () => {
  expect(gridStep("ArrowDown", false, { row: 0, column: 3 }, widths)).toEqual({
    row: 1,
    column: 1,
  });
});

test("Home and End go along the row, with Ctrl to the ends of the grid", () => {
  expect(gridStep("Home", false, { row: 2, column: 2 }, widths)).toEqual({ row: 2, column: 0 });
  expect(gridStep("End", false, { row: 1, column: 0 }, widths)).toEqual({ row: 1, column: 1 });
  expect(gridStep("Home", true, { row: 2, column: 2 }, widths)).toEqual({ row: 0, column: 0 });
  expect(gridStep("End", true, { row: 0, column: 0 }, widths)).toEqual({ row: 2, column: 3 });
});

test("other keys lead nowhere", () => {
  expect(gridStep("a", false, { row: 0, column: 0 }, widths)).toBeNull();
});

test("a place that is no longer there becomes the nearest that is", () => {
  expect(clampPlace({ row: 9, column: 9 }, widths)).toEqual({ row: 2, column: 3 });
  expect(clampPlace({ row: 3, column: 1 }, [])).toEqual({ row: 0, column: 0 });
});
