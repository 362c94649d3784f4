// @vitest-environment jsdom
import { expect, test } from "vitest";
import { csvOf } from "../../src/explainer/save/download";
import { scaleOf, sheetOf, wrapped } from "../../src/explainer/save/sheet";

function canvas(width: number, height: number): HTMLCanvasElement {
  return Object.assign(document.createElement("canvas"), { width, height });
}

const pane = (width: number, height: number, title = "Overlay") => ({
  canvas: canvas(width, height),
  scale: 2,
  title,
  marks: null,
});

test("a picture is twice as large, and a small one large enough for words", () => {
  expect(scaleOf({ width: 300, height: 224 })).toBe(2);
  expect(scaleOf({ width: 28, height: 20 })).toBe(16);
});

test("panes stand side by side under their titles, the bar and the caption below", () => {
  const strips = canvas(256, 2);
  const bar = { strips: [], range: { low: -1, high: 3 }, note: "clipped" };
  const saved = { panes: [pane(300, 200, "Picture"), pane(300, 200)], bar, caption: "A cat" };
  const { width, height, images, texts } = sheetOf(saved, strips);
  expect(images.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
    [24, 54, 600, 400],
    [640, 54, 600, 400],
    [24, 470, 1216, 20],
  ]);
  expect(width).toBe(1264);
  expect(texts.map(({ text }) => text)).toEqual([
    "Picture",
    "Overlay",
    "-1.00",
    "1.00",
    "3.00",
    "clipped",
    "A cat",
  ]);
  expect(Math.max(...texts.map(({ y }) => y))).toBeLessThan(height);
});

test("a bar of one value says so, and one pane needs no title", () => {
  const bar = { strips: [], range: { low: 0, high: 0 }, note: "" };
  const { texts } = sheetOf({ panes: [pane(224, 224)], bar, caption: "" }, canvas(256, 1));
  expect(texts.map(({ text }) => text)).toEqual(["0 everywhere"]);
});

test("words are wrapped where a line ends", () => {
  expect(wrapped("one two three", 8 * 12.1)).toEqual(["one two", "three"]);
  expect(wrapped("", 100)).toEqual([]);
});

test("values are written in their own unit, a line for each row", () => {
  const values = Float32Array.of(0, 0.5, 1, 0.25, 0, 1);
  expect(csvOf({ size: [2, 3], values, low: -1, high: 3 })).toBe("-1,1,3\n0,-1,3\n");
});
