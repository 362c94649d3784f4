import type { Size } from "./decode";

/**
 * Bilinear resizing as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)` does
 * it, also when shrinking (no antialiasing). Row by row in, row by row out.
 */
export function resizeBilinear(
  values: ArrayLike<number>,
  [height, width]: Size,
  [outHeight, outWidth]: Size,
): Float32Array {
  const rows = taps(height, outHeight);
  const columns = taps(width, outWidth);
  const out = new Float32Array(outHeight * outWidth);
  const row = new Float64Array(width);
  for (let y = 0; y < outHeight; y++) {
    const above = at(rows.low, y) * width;
    const below = at(rows.high, y) * width;
    const down = at(rows.weight, y);
    for (let x = 0; x < width; x++) {
      row[x] = at(values, above + x) * (1 - down) + at(values, below + x) * down;
    }
    for (let x = 0; x < outWidth; x++) {
      const right = at(columns.weight, x);
      out[y * outWidth + x] =
        at(row, at(columns.low, x)) * (1 - right) + at(row, at(columns.high, x)) * right;
    }
  }
  return out;
}

/** For each position of the output, its two neighbours in the input and the weight of the second. */
export function taps(length: number, outLength: number) {
  const low = new Int32Array(outLength);
  const high = new Int32Array(outLength);
  const weight = new Float64Array(outLength);
  const scale = length / outLength;
  for (let i = 0; i < outLength; i++) {
    const position = Math.max(0, (i + 0.5) * scale - 0.5);
    const first = Math.min(length - 1, Math.floor(position));
    low[i] = first;
    high[i] = Math.min(length - 1, first + 1);
    weight[i] = Math.min(1, position - first);
  }
  return { low, high, weight };
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}
