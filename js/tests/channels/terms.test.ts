import { expect, test } from "vitest";
import { sheetStep } from "../../src/channels/sheet";
import {
  channelsOf,
  floatsOf,
  gridOfChannel,
  ordered,
  shareText,
  strongest,
} from "../../src/channels/terms";
import { layerLabel } from "../../src/controls/layer_choice";

// The net of tests/methods/test_by_hand.py: 9.5 for, 13 against.
const two = channelsOf([1, -2], [9.5 / 6, 6.5 / 6]);

test("a share is a term over the sum of all terms' absolute values", () => {
  expect(two.map(({ share }) => share)).toEqual([
    expect.closeTo(9.5 / 22.5),
    expect.closeTo(-13 / 22.5),
  ]);
  expect(channelsOf([0, 0], [1, 2]).map(({ share }) => share)).toEqual([0, 0]);
});

test("channels are sorted by share, mean or number, and the strongest speak first", () => {
  const some = channelsOf([1, -3, 2, 0], [1, 1, 2, 9]);
  const numbers = (channels: readonly { number: number }[]) => channels.map((c) => c.number);
  expect(numbers(ordered(some, "share"))).toEqual([2, 0, 3, 1]);
  expect(numbers(ordered(some, "mean"))).toEqual([3, 2, 0, 1]);
  expect(numbers(ordered(some, "number"))).toEqual([0, 1, 2, 3]);
  expect(numbers(strongest(some, 1, 1))).toEqual([2]);
  expect(numbers(strongest(some, -1, 6))).toEqual([1]);
});

test("bytes are read where they lie", () => {
  const bytes = new Uint8Array(13);
  new DataView(bytes.buffer).setFloat32(1, 0.5, true);
  new DataView(bytes.buffer).setFloat32(5, -2, true);
  expect([...floatsOf(new DataView(bytes.buffer, 1, 8))]).toEqual([0.5, -2]);
  const grids = Uint8Array.from({ length: 12 }, (_, i) => i);
  expect([...gridOfChannel(grids, [2, 2, 3], 1)]).toEqual([6, 7, 8, 9, 10, 11]);
  expect(() => gridOfChannel(grids, [3, 2, 3], 1)).toThrow("cannot have 12 values");
});

test("a share is written with its sign", () => {
  expect([0.041, -0.003, 0.0004, 0].map(shareText)).toEqual(["+4.1 %", "−0.3 %", "+<0.1 %", "0 %"]);
});

test("a layer's label tells kind and place, where they are known", () => {
  expect(layerLabel({ name: "7", kind: "Conv2d", shape: [32, 8, 8] })).toBe(
    "7 · Conv2d 32 × 8 × 8",
  );
  expect(layerLabel({ name: "7", shape: [32, 8, 8] })).toBe("7");
});

test("keys lead from tile to tile and no further than the last", () => {
  expect(sheetStep("ArrowRight", 3, 10, 4)).toBe(4);
  expect(sheetStep("ArrowDown", 3, 10, 4)).toBe(7);
  expect(sheetStep("ArrowDown", 7, 10, 4)).toBe(9);
  expect(sheetStep("Home", 7, 10, 4)).toBe(0);
  expect(sheetStep("a", 7, 10, 4)).toBe(null);
});
