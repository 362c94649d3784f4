import { expect, test } from "vitest";
import { colourIndex, colourStrip, colourTable } from "../../src/pixels/colour";

test("a value of 1 takes the last colour and every other one its 256th part", () => {
  expect([0, 0.5, 255 / 256, 0.9999, 1].map(colourIndex)).toEqual([0, 128, 255, 255, 255]);
  expect(colourIndex(Math.fround(1 / 256) - 1e-9)).toBe(0);
});

test("a table that is missing or too short is replaced by greys", () => {
  const table = Uint8Array.from({ length: 768 }, (_, i) => i % 251);
  expect(colourTable(new DataView(table.buffer))).toEqual(table);
  expect([...colourTable(undefined).subarray(3 * 200, 3 * 200 + 3)]).toEqual([200, 200, 200]);
  expect([...colourTable(new Uint8Array(5)).subarray(765)]).toEqual([255, 255, 255]);
});

test("the strip leaves out the colours below the threshold", () => {
  const strip = colourStrip(colourTable(undefined), 0.5);
  const alpha = (i: number) => strip[4 * i + 3];
  expect([0, 127, 128, 255].map(alpha)).toEqual([0, 0, 255, 255]);
  expect([...colourStrip(colourTable(undefined), 0).slice(0, 4)]).toEqual([0, 0, 0, 255]);
});

test("the strip of an overlay has the colours that it paints over mid-grey", () => {
  const grey = (blend: "by heat" | "even", i: number) =>
    colourStrip(colourTable(undefined), 0, { opacity: 0.5, blend })[4 * i];
  expect([0, 255].map((i) => grey("even", i))).toEqual([64, 192]);
  // at a value of 0.5 / 256 hardly anything is painted
  expect([0, 255].map((i) => grey("by heat", i))).toEqual([128, 191]);
});
