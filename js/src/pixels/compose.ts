import { type Blend, type ColourTable, colourIndex } from "./colour";

export interface Look {
  /** The most that the heatmap covers of the picture, 0 to 1. */
  readonly opacity: number;
  /** Whether a value covers the picture by its heat, or each value evenly. */
  readonly blend: Blend;
  /** Values of the heatmap below it are not painted. */
  readonly threshold: number;
  readonly table: ColourTable;
  /** Whether 0.5 stands for zero: then it is cold, and the ends are hot. */
  readonly centred?: boolean;
}

type Rgba = Uint8ClampedArray<ArrayBuffer>;

// A pixel as one number: alpha in the highest byte, red in the lowest, as bytes lie wherever browsers run.
const opaque = 0xff000000 | 0;

/** A coloured heatmap over its picture (RGBA), opaque; written into `out` where one is given. */
export function overlayPixels(
  picture: Uint8ClampedArray,
  values: Float32Array,
  look: Look,
  out: Rgba = new Uint8ClampedArray(values.length * 4),
): Rgba {
  const { opacity, table, centred = false } = look;
  const threshold = Math.fround(look.threshold);
  const byHeat = look.blend === "by heat";
  const below = pixelsIn(picture);
  const painted = pixelsIn(out);
  // pixels at once instead of bytes: two thirds of the time
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const pixel = below[i] as number;
    const heat = centred ? Math.abs(2 * value - 1) : value;
    if (!(heat >= threshold)) {
      painted[i] = pixel | opaque;
      continue;
    }
    const colour = 3 * colourIndex(value);
    const alpha = byHeat ? opacity * heat : opacity;
    const rest = 1 - alpha;
    const red = (pixel & 255) * rest + (table[colour] as number) * alpha;
    const green = ((pixel >>> 8) & 255) * rest + (table[colour + 1] as number) * alpha;
    const blue = ((pixel >>> 16) & 255) * rest + (table[colour + 2] as number) * alpha;
    painted[i] = rounded(red) | (rounded(green) << 8) | (rounded(blue) << 16) | opaque;
  }
  return out;
}

/** A coloured heatmap alone, without colour where it is below the threshold; written into `out` where one is given. */
export function heatmapPixels(
  values: Float32Array,
  look: Pick<Look, "threshold" | "table" | "centred">,
  out: Rgba = new Uint8ClampedArray(values.length * 4),
): Rgba {
  const { table, centred = false } = look;
  // The middle of the colours of a signed map is light.
  const ground = centred ? opaque | 0xf7f7f7 : opaque;
  const threshold = Math.fround(look.threshold);
  const byte = (row: number, channel: number) =>
    (table[3 * row + channel] as number) << (8 * channel);
  const colours = Int32Array.from(
    { length: 256 },
    (_, row) => byte(row, 0) | byte(row, 1) | byte(row, 2) | opaque,
  );
  const painted = pixelsIn(out);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const heat = centred ? Math.abs(2 * value - 1) : value;
    painted[i] = heat >= threshold ? (colours[colourIndex(value)] as number) : ground;
  }
  return out;
}

/** Half to even, as NumPy does: of a number as large as this the processor keeps nothing behind the point. */
function rounded(byte: number): number {
  return (byte + 6755399441055744 - 6755399441055744) | 0;
}

/** The bytes of RGBA as one number a pixel. */
function pixelsIn(bytes: Uint8ClampedArray): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}
