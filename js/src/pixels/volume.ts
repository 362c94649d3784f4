import { type Bytes, gridOf, type Size } from "./decode";
import type { Heatmap } from "./heatmap";
import { resizeBilinear, taps } from "./resize";

type Sides = readonly [depth: number, height: number, width: number];

/** An attribution of a volume as it is sent: a small grid where byte 0 means `range[0]` and 255 `range[1]`. */
export interface VolumeGrid {
  readonly data: Bytes;
  readonly shape: Sides;
  readonly range: readonly [low: number, high: number];
  readonly size: Sides;
}

/** A volume's map made viewable slice by slice, all in the range of the whole volume. */
export interface VolumeHeatmap {
  /** The greatest value of each slice, in [0, 1]. */
  readonly peaks: Float32Array;
  slice(place: number): Heatmap;
}

/**
 * Trilinear resizing as `torch.nn.functional.interpolate(mode="trilinear", align_corners=False)` does
 * it, then normalised over all of the volume. What a slice needs is computed when it is asked for.
 */
export function volumeHeatmap(grid: VolumeGrid): VolumeHeatmap {
  const resized = resizeTrilinear(gridOf(grid.data, grid.shape), grid.shape, grid.size);
  const [depth, height, width] = grid.size;
  const peaks = new Float32Array(depth);
  let least = Number.POSITIVE_INFINITY;
  for (let place = 0; place < depth; place++) {
    let most = Number.NEGATIVE_INFINITY;
    for (const value of resized(place)) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    peaks[place] = most;
  }
  const most = Math.max(...peaks);
  const share = (value: number) => (most > least ? (value - least) / (most - least) : 0);
  const [low, high] = grid.range;
  const inUnits = (byte: number) => low + (byte / 255) * (high - low);
  const ends = { low: inUnits(least), high: inUnits(most) };
  return {
    peaks: peaks.map(share),
    slice: (place) => ({ size: [height, width], values: resized(place).map(share), ...ends }),
  };
}

/** From the number of a slice to its values, resized along all three sides. */
export function resizeTrilinear(
  values: ArrayLike<number>,
  [depth, height, width]: Sides,
  [outDepth, outHeight, outWidth]: Sides,
): (place: number) => Float32Array {
  const along = taps(depth, outDepth);
  const area = height * width;
  const shape: Size = [height, width];
  return (place) => {
    const above = (along.low[place] as number) * area;
    const below = (along.high[place] as number) * area;
    const down = along.weight[place] as number;
    const blended = Float64Array.from(
      { length: area },
      (_, i) => (values[above + i] as number) * (1 - down) + (values[below + i] as number) * down,
    );
    return resizeBilinear(blended, shape, [outHeight, outWidth]);
  };
}
