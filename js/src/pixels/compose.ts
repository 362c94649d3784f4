import { type ColourTable, colourIndex } from "./colour";

export interface Look {
  /** Strength of the heatmap over the picture, 0 to 1. */
  readonly opacity: number;
  /** Values of the heatmap below it are not painted. */
  readonly threshold: number;
  readonly table: ColourTable;
}

type Rgba = Uint8ClampedArray<ArrayBuffer>;

/** A coloured heatmap over its picture (RGBA), opaque. */
export function overlayPixels(picture: ArrayLike<number>, values: Float32Array, look: Look): Rgba {
  const { opacity, table } = look;
  const threshold = Math.fround(look.threshold);
  const out = new Uint8ClampedArray(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const strength = value >= threshold ? opacity : 0;
    const colour = 3 * colourIndex(value);
    for (let channel = 0; channel < 3; channel++) {
      const below = picture[4 * i + channel] as number;
      // a clamped array rounds half to even, as NumPy does
      out[4 * i + channel] =
        below * (1 - strength) + (table[colour + channel] as number) * strength;
    }
    out[4 * i + 3] = 255;
  }
  return out;
}

/** A coloured heatmap alone, black where it is below the threshold. */
export function heatmapPixels(values: Float32Array, look: Omit<Look, "opacity">): Rgba {
  const threshold = Math.fround(look.threshold);
  const out = new Uint8ClampedArray(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value >= threshold) {
      const colour = 3 * colourIndex(value);
      for (let channel = 0; channel < 3; channel++) {
        out[4 * i + channel] = look.table[colour + channel] as number;
      }
    }
    out[4 * i + 3] = 255;
  }
  return out;
}
