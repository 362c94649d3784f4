import { type Bytes, bytesOf } from "./decode";

/** 256 colours, RGB one after the other. */
export type ColourTable = Uint8Array<ArrayBuffer>;

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

/** The table as one row of RGBA; colours of values below the threshold are transparent. */
export function colourStrip(table: ColourTable, threshold: number): Uint8ClampedArray<ArrayBuffer> {
  const strip = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    strip.set(table.subarray(3 * i, 3 * i + 3), 4 * i);
    strip[4 * i + 3] = (i + 1) / 256 > threshold || threshold <= 0 ? 255 : 0;
  }
  return strip;
}
