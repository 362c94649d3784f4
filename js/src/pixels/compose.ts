import { type ColourTable, colourIndex } from "./colour";

export interface Look {
  /** Strength of the heatmap over the picture, 0 to 1. */
  readonly opacity: number;
  /** Values of the heatmap below it are not painted. */
  readonly threshold: number;
  readonly table: ColourTable;
}

type Rgba = Uint8ClampedArray<ArrayBuffer>;

/** A coloured heatmap over its picture (RGBA), opaque; written into `out` where one is given. */
export function overlayPixels(
  picture: ArrayLike<number>,
  values: Float32Array,
  look: Look,
  out: Rgba = new Uint8ClampedArray(values.length * 4),
): Rgba {
  const { opacity, table } = look;
  const threshold = Math.fround(look.threshold);
  for (let i = 0, at = 0; i < values.length; i++, at += 4) {
    const value = values[i] as number;
    const strength = value >= threshold ? opacity : 0;
    const rest = 1 - strength;
    const colour = 3 * colourIndex(value);
    // a clamped array rounds half to even, as NumPy does; a loop over the channels takes half as long again
    out[at] = (picture[at] as number) * rest + (table[colour] as number) * strength;
    out[at + 1] = (picture[at + 1] as number) * rest + (table[colour + 1] as number) * strength;
    out[at + 2] = (picture[at + 2] as number) * rest + (table[colour + 2] as number) * strength;
    out[at + 3] = 255;
  }
  return out;
}

/** A coloured heatmap alone, black where it is below the threshold; written into `out` where one is given. */
export function heatmapPixels(
  values: Float32Array,
  look: Omit<Look, "opacity">,
  out: Rgba = new Uint8ClampedArray(values.length * 4),
): Rgba {
  const { table } = look;
  const threshold = Math.fround(look.threshold);
  for (let i = 0, at = 0; i < values.length; i++, at += 4) {
    const value = values[i] as number;
    const shown = value >= threshold ? 1 : 0;
    const colour = 3 * colourIndex(value);
    out[at] = (table[colour] as number) * shown;
    out[at + 1] = (table[colour + 1] as number) * shown;
    out[at + 2] = (table[colour + 2] as number) * shown;
    out[at + 3] = 255;
  }
  return out;
}
