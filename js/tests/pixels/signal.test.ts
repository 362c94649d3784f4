import { expect, test } from "vitest";
import { bandPixels, linePoints, signalOf, ticks } from "../../src/pixels/signal";

const table = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
const look = { opacity: 0.5, blend: "even", threshold: 0, wipe: 1, table } as const;

function bytesOf(values: readonly number[]): DataView {
  // Where no float may begin.
  const message = new Uint8Array(3 + 4 * values.length);
  message.set(new Uint8Array(Float32Array.from(values).buffer), 3);
  return new DataView(message.buffer, 3);
}

test("lines come one after the other, each with its own ends", () => {
  const signal = signalOf(bytesOf([1, 2, 3, -4, 0, 8]), 3, [0, 5]);
  expect(signal.lines.map(({ values }) => [...values])).toEqual([
    [1, 2, 3],
    [-4, 0, 8],
  ]);
  expect(signal.lines.map(({ low, high }) => [low, high])).toEqual([
    [1, 3],
    [-4, 8],
  ]);
  expect(() => signalOf(bytesOf([1, 2, 3]), 2, [0])).toThrow("1 lines of 2 cannot have 3 values");
});

test("a line has its greatest value on top, and a constant one lies in the middle", () => {
  const [line] = signalOf(bytesOf([0, 10]), 2, [0]).lines;
  const [flat] = signalOf(bytesOf([7, 7]), 2, [0]).lines;
  if (!line || !flat) throw new Error("no line");
  const [low, high] = linePoints(line);
  expect([low?.[0], high?.[0]]).toEqual([0.5, 1.5]);
  expect([low?.[1], high?.[1]].map((y) => y?.toFixed(2))).toEqual(["0.92", "0.08"]);
  expect(linePoints(flat).map(([, y]) => y)).toEqual([0.5, 0.5]);
});

test("a long line is thinned, and no peak is lost", () => {
  const values = Array.from({ length: 50_000 }, () => 0);
  values[31_417] = 5;
  values[20_000] = -5;
  const [line] = signalOf(bytesOf(values), values.length, [0]).lines;
  if (!line) throw new Error("no line");
  const points = linePoints(line, 1000);
  expect(points.length).toBeLessThanOrEqual(1002);
  expect(points).toContainEqual([31_417.5, expect.closeTo(0.08)]);
  expect(points).toContainEqual([20_000.5, expect.closeTo(0.92)]);
  expect(points.every(([x], i) => i === 0 || x >= (points[i - 1]?.[0] ?? 0))).toBe(true);
});

test("a band has the colours of its values, clear below the threshold and beyond the wipe", () => {
  const values = Float32Array.of(0, 0.5, 1, 1);
  const band = bandPixels(values, { ...look, threshold: 0.25, wipe: 0.75 });
  const pixel = (at: number) => [...band.slice(4 * at, 4 * at + 4)];
  expect(pixel(0)).toEqual([0, 0, 0, 0]);
  expect(pixel(1)).toEqual([128, 128, 128, 128]);
  expect(pixel(2)).toEqual([255, 255, 255, 128]);
  expect(pixel(3)).toEqual([0, 0, 0, 0]);
});

test("by heat a band is as strong as its values", () => {
  const band = bandPixels(Float32Array.of(0, 0.5, 1), { ...look, blend: "by heat" });
  expect([3, 7, 11].map((at) => band[at])).toEqual([0, 64, 128]);
});

test("a long band keeps the greatest value of each column", () => {
  const values = new Float32Array(10_000);
  values[7777] = 1;
  const band = bandPixels(values, look, 100);
  expect(band.length).toBe(400);
  expect(band[4 * 77]).toBe(255);
});

test("ticks are round and inside", () => {
  expect(ticks(1200)).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(ticks(5)).toEqual([0, 1, 2, 3, 4]);
  expect(ticks(1)).toEqual([0]);
  expect(ticks(100_001)).toEqual([0, 20_000, 40_000, 60_000, 80_000, 100_000]);
});
