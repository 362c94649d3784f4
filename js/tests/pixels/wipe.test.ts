import { expect, test } from "vitest";
import { wiped, wipeEdge } from "../../src/pixels/wipe";

const grey = (...levels: number[]) =>
  new Uint8ClampedArray(levels.flatMap((level) => [level, level, level, 255]));

test("the picture stands right of the edge, in every row", () => {
  const [overlay, picture] = [grey(1, 2, 3, 4, 5, 6), grey(11, 12, 13, 14, 15, 16)];
  expect(wiped(overlay, picture, 3, 1)).toEqual(grey(1, 12, 13, 4, 15, 16));
});

test("a whole wipe leaves the overlay, none the picture", () => {
  expect(wiped(grey(1, 2), grey(11, 12), 2, 2)).toEqual(grey(1, 2));
  expect(wiped(grey(1, 2), grey(11, 12), 2, 0)).toEqual(grey(11, 12));
});

test("a share becomes the nearest column, and stays within the picture", () => {
  expect([0, 0.5, 0.74, 1, 1.5, -1].map((share) => wipeEdge(share, 10))).toEqual([
    0, 5, 7, 10, 10, 0,
  ]);
});
