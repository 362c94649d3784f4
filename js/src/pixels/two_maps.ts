import { type ColourTable, colourIndex } from "./colour";
import type { Heatmap } from "./heatmap";

/** Two heatmaps painted over one range of values: from the least of both to the greatest of both. */
export function onCommonRange(one: Heatmap, other: Heatmap): readonly [Heatmap, Heatmap] {
  const low = Math.min(one.low, other.low);
  const high = Math.max(one.high, other.high);
  return [stretched(one, low, high), stretched(other, low, high)];
}

function stretched(map: Heatmap, low: number, high: number): Heatmap {
  const spread = high - low;
  const scale = spread > 0 ? (map.high - map.low) / spread : 0;
  const from = spread > 0 ? (map.low - low) / spread : 0;
  return { size: map.size, values: map.values.map((value) => from + value * scale), low, high };
}

/**
 * The second map less the first, in their own unit: 0.5 stands for no difference, 0 and 1 for the greatest there is,
 * below and above.
 */
export function differenceOf(one: Heatmap, other: Heatmap): Heatmap {
  const values = new Float32Array(one.values.length);
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const first = one.low + (one.values[i] as number) * (one.high - one.low);
    const second = other.low + (other.values[i] as number) * (other.high - other.low);
    values[i] = second - first;
    most = Math.max(most, Math.abs(second - first));
  }
  // Half a grey level of rounding is no difference.
  const spread = Math.max(one.high - one.low, other.high - other.low);
  if (most <= spread / 255) most = 0;
  for (let i = 0; i < values.length; i++) {
    values[i] = most > 0 ? 0.5 + (values[i] as number) / (2 * most) : 0.5;
  }
  return { size: one.size, values, low: -most, high: most };
}

/** A difference over its picture (RGBA): the larger it is, the stronger it is painted; where there is none, nothing. */
export function differencePixels(
  picture: Uint8ClampedArray,
  values: Float32Array,
  { table, opacity }: { readonly table: ColourTable; readonly opacity: number },
): Uint8ClampedArray<ArrayBuffer> {
  const painted = new Uint8ClampedArray(picture);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const alpha = Math.min(1, 2 * opacity * Math.abs(2 * value - 1));
    const colour = 3 * colourIndex(value);
    for (let channel = 0; channel < 3; channel++) {
      const under = picture[4 * i + channel] as number;
      painted[4 * i + channel] = under * (1 - alpha) + (table[colour + channel] as number) * alpha;
    }
    painted[4 * i + 3] = 255;
  }
  return painted;
}
