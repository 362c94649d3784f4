import type { Heatmap } from "../pixels/heatmap";
import type { Row } from "./traits";

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** From the least to the greatest value that a method has in the rows that are there. */
export function columnRange(rows: readonly (Row | null)[], method: string): Range | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    const range = row?.maps?.[method]?.range;
    if (!range) continue;
    low = Math.min(low, range[0]);
    high = Math.max(high, range[1]);
  }
  return low <= high ? { low, high } : null;
}

/** The heatmap's values as shares of another range than its own, all zeros where it is a point. */
export function onRange({ values, low, high }: Heatmap, range: Range): Float32Array {
  const spread = range.high - range.low;
  if (!(spread > 0)) return new Float32Array(values.length);
  const scale = (high - low) / spread;
  const start = (low - range.low) / spread;
  return values.map((value) => Math.min(1, Math.max(0, start + scale * value)));
}
