import { type Bytes, gridOf, type Size } from "./decode";
import { resizeBilinear } from "./resize";

/** An attribution as it is sent: a small grid where byte 0 means `range[0]` and 255 `range[1]`. */
export interface Grid {
  readonly data: Bytes;
  readonly shape: Size;
  readonly range: readonly [low: number, high: number];
  readonly size: Size;
}

/** A map made viewable: values in [0, 1] at the picture's size, and what 0 and 1 truly stand for. */
export interface Heatmap {
  readonly size: Size;
  readonly values: Float32Array;
  readonly low: number;
  readonly high: number;
}

/** Upsample first, normalise afterwards: the order decides the colours. */
export function heatmapOf(grid: Grid): Heatmap {
  const bytes = gridOf(grid.data, grid.shape);
  const values = resizeBilinear(bytes, grid.shape, grid.size);
  const [least, most] = normalise(values);
  const [low, high] = grid.range;
  const inUnits = (byte: number) => low + (byte / 255) * (high - low);
  return { size: grid.size, values, low: inUnits(least), high: inUnits(most) };
}

/** Min-max normalise in place; the least and greatest value that were there. A constant gives zeros. */
export function normalise(values: Float32Array): [least: number, most: number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const spread = most - least;
  if (spread > 0) {
    for (let i = 0; i < values.length; i++) values[i] = ((values[i] as number) - least) / spread;
  } else {
    values.fill(0);
  }
  return [least, most];
}

/** The attribution at a pixel in its own units, `NaN` outside the picture. */
export function valueAt(heatmap: Heatmap, x: number, y: number): number {
  const [height, width] = heatmap.size;
  if (x < 0 || y < 0 || x >= width || y >= height) return Number.NaN;
  const share = heatmap.values[y * width + x] as number;
  return heatmap.low + share * (heatmap.high - heatmap.low);
}
