import type { Size } from "./decode";
import { resizeBilinear } from "./resize";

/** Values of an attribution, channel by channel, each `size` pixels. */
export interface Attribution {
  readonly channels: number;
  readonly size: Size;
  readonly values: Float32Array;
}

// As Python keeps levels: so many on either side of 0, closer to each other near it.
const most = 255;
const power = 0.4;

/** From numbers that were folded in nine bits to levels: what they are more than those of `first`, modulo 511. */
export function levelsFrom(
  packed: Uint8Array,
  count: number,
  first: Int16Array | null,
): Int16Array {
  if (packed.length !== count + Math.ceil(count / 8)) {
    throw new RangeError(`${packed.length} bytes do not hold ${count} values`);
  }
  const levels = new Int16Array(count);
  for (let at = 0; at < count; at++) {
    const ninth = ((packed[count + (at >> 3)] as number) >> (7 - (at & 7))) & 1;
    const folded = (packed[at] as number) + 256 * ninth;
    const apart = folded & 1 ? -(folded + 1) / 2 : folded / 2;
    const level = apart + ((first?.[at] as number | undefined) ?? 0);
    levels[at] = level > most ? level - 2 * most - 1 : level < -most ? level + 2 * most + 1 : level;
  }
  return levels;
}

/** The values that levels stand for, of which the greatest is `scale`. */
export function valuesOf(levels: Int16Array, scale: number): Float32Array {
  const sizes = Float64Array.from(
    { length: most + 1 },
    (_, i) => scale * (i / most) ** (1 / power),
  );
  return Float32Array.from(levels, (level) =>
    level < 0 ? -(sizes[-level] as number) : (sizes[level] as number),
  );
}

/** An attribution times a map, which is brought to its size. */
export function times(
  attribution: Attribution,
  map: { readonly values: ArrayLike<number>; readonly shape: Size },
): Attribution {
  const { size, values } = attribution;
  const large = resizeBilinear(map.values, map.shape, size);
  return {
    ...attribution,
    values: values.map((v, at) => v * (large[at % large.length] as number)),
  };
}

/** The largest absolute value over the channels, as bytes from `low` to `high`. */
export function heatBytes(attribution: Attribution, range: readonly [number, number]): Uint8Array {
  return overChannels(attribution, range, 0, (found, value) => Math.max(found, Math.abs(value)));
}

/** The sum over the channels, clipped, as bytes from `low` to `high`. */
export function signedBytes(
  attribution: Attribution,
  range: readonly [number, number],
): Uint8Array {
  return overChannels(attribution, range, 0, (found, value) => found + value);
}

/** Each value around mid-grey, pixel by pixel; `clip` is shown as the greatest. */
export function colourBytes({ channels, values }: Attribution, clip: number): Uint8Array {
  const pixels = values.length / channels;
  const bytes = new Uint8Array(values.length);
  for (const [at, value] of values.entries()) {
    const share = clip > 0 ? Math.max(-1, Math.min(1, value / clip)) : 0;
    bytes[(at % pixels) * channels + Math.floor(at / pixels)] = Math.round(127.5 + 127.5 * share);
  }
  return bytes;
}

function overChannels(
  { channels, values }: Attribution,
  [low, high]: readonly [number, number],
  start: number,
  step: (found: number, value: number) => number,
): Uint8Array {
  const pixels = values.length / channels;
  const perUnit = high > low ? 255 / (high - low) : 0;
  return Uint8Array.from({ length: pixels }, (_, at) => {
    let found = start;
    for (let channel = 0; channel < channels; channel++) {
      found = step(found, values[channel * pixels + at] as number);
    }
    return Math.max(0, Math.min(255, Math.round((found - low) * perUnit)));
  });
}
