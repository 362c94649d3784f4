import { expect, test } from "vitest";
import { heatmapPixels, overlayPixels } from "../../src/pixels/compose";

// colour i is (i, 255 - i, 7)
const table = Uint8Array.from({ length: 768 }, (_, i) =>
  i % 3 === 0 ? i / 3 : i % 3 === 1 ? 255 - Math.floor(i / 3) : 7,
);
const even = { blend: "even" } as const;
const picture = Uint8ClampedArray.of(100, 100, 100, 255, 10, 20, 30, 255);
const values = Float32Array.of(1, 0.25);

test("an overlay mixes picture and colour by the opacity and rounds", () => {
  const out = overlayPixels(picture, values, { ...even, opacity: 0.6, threshold: 0, table });
  expect([...out.slice(0, 4)]).toEqual([193, 40, 44, 255]);
  expect([...out.slice(4)]).toEqual([42, 123, 16, 255]);
});

test("by heat, a value covers the picture by its share of the opacity", () => {
  const look = { blend: "by heat", opacity: 0.6, threshold: 0, table } as const;
  const out = overlayPixels(picture, Float32Array.of(0.5, 0), look);
  // 100 and the colour (128, 127, 7), mixed 7 to 3
  expect([...out.slice(0, 4)]).toEqual([108, 108, 72, 255]);
  expect([...out.slice(4)]).toEqual([10, 20, 30, 255]);
});

test("opacity 0 is the picture and opacity 1 the colour", () => {
  const none = overlayPixels(picture, values, { ...even, opacity: 0, threshold: 0, table });
  expect([...none]).toEqual([...picture]);
  const full = overlayPixels(picture, values, { ...even, opacity: 1, threshold: 0, table });
  expect([...full]).toEqual([255, 0, 7, 255, 64, 191, 7, 255]);
});

test("below the threshold an overlay is the picture, a heatmap alone is black", () => {
  const look = { ...even, opacity: 1, threshold: 0.26, table };
  expect([...overlayPixels(picture, values, look).slice(4)]).toEqual([10, 20, 30, 255]);
  expect([...heatmapPixels(values, look)]).toEqual([255, 0, 7, 255, 0, 0, 0, 255]);
});

test("what an array held before shines through nowhere when it is painted on again", () => {
  const look = { ...even, opacity: 0.6, threshold: 0.5, table };
  const used = () => new Uint8ClampedArray(8).fill(99);
  expect(overlayPixels(picture, values, look, used())).toEqual(
    overlayPixels(picture, values, look),
  );
  expect(heatmapPixels(values, look, used())).toEqual(heatmapPixels(values, look));
});

test("a value that is exactly the threshold is painted, also where a float32 rounds it", () => {
  const tenth = Float32Array.of(0.1, 0.7);
  for (const threshold of [0.1, 0.7]) {
    const painted = [...heatmapPixels(tenth, { threshold, table })];
    expect(painted[threshold === 0.1 ? 0 : 4]).toBe(threshold === 0.1 ? 25 : 179);
  }
});

test("halves are rounded to even, as NumPy rounds them", () => {
  const grey = Uint8Array.from({ length: 768 }, () => 1);
  const dark = Uint8ClampedArray.of(0, 2, 4, 255);
  const out = overlayPixels(dark, Float32Array.of(0), {
    ...even,
    opacity: 0.5,
    threshold: 0,
    table: grey,
  });
  expect([...out.slice(0, 3)]).toEqual([0, 2, 2]);
});

test("every opacity rounds as an array of bytes does", () => {
  const shades = Uint8ClampedArray.from({ length: 4 * 256 }, (_, i) =>
    i % 4 === 3 ? 255 : i >> 2,
  );
  const rising = Float32Array.from({ length: 256 }, (_, i) => ((i * 37) % 256) / 255);
  for (let percent = 0; percent <= 100; percent++) {
    const opacity = percent / 100;
    const expected = new Uint8ClampedArray(shades);
    rising.forEach((value, pixel) => {
      const row = 3 * Math.min(255, Math.floor(value * 256));
      for (const channel of [0, 1, 2]) {
        const colour = table[row + channel] as number;
        expected[4 * pixel + channel] = pixel * (1 - opacity) + colour * opacity;
      }
    });
    expect(overlayPixels(shades, rising, { ...even, opacity, threshold: 0, table })).toEqual(
      expected,
    );
  }
});
