import { type Blend, type ColourTable, colourIndex } from "./colour";
import { type Bytes, bytesOf } from "./decode";
import { wipeEdge } from "./wipe";

/** Lines of one length: the channels of a signal that are drawn. */
export interface Signal {
  readonly length: number;
  readonly channels: readonly number[];
  readonly lines: readonly Line[];
}

export interface Line {
  readonly values: Float32Array;
  readonly low: number;
  readonly high: number;
}

/** The lines of a signal, sent as `float32` one after the other. */
export function signalOf(data: Bytes, length: number, channels: readonly number[]): Signal {
  // A copy, for what comes over the wire need not begin where a float may.
  const all = new Float32Array(bytesOf(data).slice().buffer);
  if (length === 0 || all.length !== length * channels.length) {
    throw new RangeError(`${channels.length} lines of ${length} cannot have ${all.length} values`);
  }
  const lines = channels.map((_, i) => {
    const values = all.subarray(i * length, (i + 1) * length);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return { values, low, high };
  });
  return { length, channels, lines };
}

/** Points of a line in a box of `length` by 1, its greatest value on top; peaks outlive the thinning. */
export function linePoints(
  { values, low, high }: Line,
  most = 2000,
): (readonly [x: number, y: number])[] {
  const height = (at: number) =>
    high > low ? 0.92 - (0.84 * ((values[at] as number) - low)) / (high - low) : 0.5;
  const point = (at: number) => [at + 0.5, height(at)] as const;
  const bucket = Math.ceil((2 * values.length) / most);
  if (bucket <= 2) return Array.from(values, (_, at) => point(at));
  const points: (readonly [number, number])[] = [];
  for (let start = 0; start < values.length; start += bucket) {
    let [least, greatest] = [start, start];
    for (let at = start; at < Math.min(values.length, start + bucket); at++) {
      if ((values[at] as number) < (values[least] as number)) least = at;
      if ((values[at] as number) > (values[greatest] as number)) greatest = at;
    }
    points.push(point(Math.min(least, greatest)), point(Math.max(least, greatest)));
  }
  return points;
}

export interface BandLook {
  readonly opacity: number;
  readonly blend: Blend;
  readonly threshold: number;
  /** How much of the width is painted, from the left. */
  readonly wipe: number;
  readonly table: ColourTable;
}

/** A heatmap as one row of RGBA, of at most so many columns; each has the greatest value that falls in it. */
export function bandPixels(
  values: Float32Array,
  look: BandLook,
  most = 2000,
): Uint8ClampedArray<ArrayBuffer> {
  const bucket = Math.ceil(values.length / most);
  const columns = Math.ceil(values.length / bucket);
  const band = new Uint8ClampedArray(4 * columns);
  const threshold = Math.fround(look.threshold);
  const edge = wipeEdge(look.wipe, columns);
  for (let column = 0; column < edge; column++) {
    let value = 0;
    for (let at = column * bucket; at < Math.min(values.length, (column + 1) * bucket); at++) {
      value = Math.max(value, values[at] as number);
    }
    if (!(value >= threshold)) continue;
    const colour = 3 * colourIndex(value);
    band.set(look.table.subarray(colour, colour + 3), 4 * column);
    const heat = look.blend === "by heat" ? value : 1;
    band[4 * column + 3] = Math.round(255 * look.opacity * heat);
  }
  return band;
}

/** Round positions to mark along a side of so many: 0, 50, 100 ... */
export function ticks(length: number, about = 6): number[] {
  const rough = Math.max(1, (length - 1) / about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power);
  return Array.from({ length: Math.floor((length - 1) / step) + 1 }, (_, i) => i * step);
}
