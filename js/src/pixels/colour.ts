import { type Bytes, bytesOf } from "./decode";

/** 256 colours, RGB one after the other. */
export type ColourTable = Uint8Array<ArrayBuffer>;

/** By heat a cold place shows the picture itself; evenly every value covers it alike. */
export type Blend = "by heat" | "even";

const greys: ColourTable = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));

/** A colour table from its bytes; greys when there is none or its length is not 256 * 3. */
export function colourTable(data: Bytes | undefined): ColourTable {
  if (!data) return greys;
  const table = bytesOf(data);
  return table.length === 768 ? table : greys;
}

/** The row of the table for a value in [0, 1]. */
export function colourIndex(value: number): number {
  const row = (value * 256) | 0;
  return row > 255 ? 255 : row;
}

export type Strip = Uint8ClampedArray<ArrayBuffer>;

/**
 * The table as one row of RGBA; colours of values below the threshold are transparent. With an
 * overlay's look the colours are those that it paints over mid-grey.
 */
export function colourStrip(
  table: ColourTable,
  threshold: number,
  over?: { readonly opacity: number; readonly blend: Blend },
  centred = false,
): Strip {
  const strip = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const value = (i + 0.5) / 256;
    const strength = centred ? Math.abs(2 * value - 1) : value;
    const heat = over?.blend === "by heat" ? strength : 1;
    const alpha = heat * (over?.opacity ?? 1);
    for (let channel = 0; channel < 3; channel++) {
      strip[4 * i + channel] = 128 * (1 - alpha) + (table[3 * i + channel] as number) * alpha;
    }
    const isPainted = centred ? strength >= threshold : (i + 1) / 256 > threshold;
    strip[4 * i + 3] = isPainted || threshold <= 0 ? 255 : 0;
  }
  return strip;
}
