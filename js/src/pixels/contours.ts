import { type ColourTable, colourIndex } from "./colour";
import type { Size } from "./decode";

/** The shares of the greatest value at which lines run. */
export const usualLevels: readonly number[] = [0.25, 0.5, 0.75];

/**
 * Draw contours into RGBA: a line runs along the pixels of its value or more that have a neighbour on
 * one of four sides with less, in the colour of its level, with a dark rim outside.
 */
export function drawContours(
  pixels: Uint8ClampedArray,
  values: Float32Array,
  [height, width]: Size,
  levels: readonly number[],
  table: ColourTable,
): void {
  const neighbours = (at: number) => {
    const x = at % width;
    const found = [];
    if (x > 0) found.push(at - 1);
    if (x < width - 1) found.push(at + 1);
    if (at >= width) found.push(at - width);
    if (at < width * (height - 1)) found.push(at + width);
    return found;
  };
  const lines: (readonly [at: number, row: number])[] = [];
  const rims = new Set<number>();
  for (const level of [...levels].sort((a, b) => a - b)) {
    const least = Math.fround(level);
    const isInside = (at: number) => (values[at] as number) >= least;
    for (let at = 0; at < values.length; at++) {
      if (!isInside(at)) continue;
      const outside = neighbours(at).filter((other) => !isInside(other));
      if (outside.length > 0) lines.push([at, colourIndex(level)]);
      for (const other of outside) rims.add(other);
    }
  }
  for (const at of rims) {
    for (let channel = 0; channel < 3; channel++) {
      // Half of an odd level goes down.
      pixels[4 * at + channel] = (pixels[4 * at + channel] as number) >> 1;
    }
  }
  for (const [at, row] of lines) pixels.set(table.subarray(3 * row, 3 * row + 3), 4 * at);
}
