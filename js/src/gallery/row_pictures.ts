import type { Bytes, Size } from "../pixels/decode";
import { decoded, type Pixels } from "../pixels/picture";
import type { Column, Row } from "./traits";

/** The picture and the size that a column's model is given. */
export function seenBy(
  row: Row,
  column: Column,
  rows: readonly (Row | null)[],
): { readonly bytes: Bytes | null; readonly size: Size | null } {
  const own = row.beside?.find(({ model }) => model === column.model);
  if (own?.picture && own.size) return { bytes: own.picture, size: own.size };
  return { bytes: bytesOfRow(row, rows), size: row.size };
}

/** The picture of a row: its own, or that of the first row that has one. */
export function bytesOfRow(row: Row, rows: readonly (Row | null)[]): Bytes | null {
  return row.picture ?? rows.find((other) => other?.picture)?.picture ?? null;
}

/**
 * The pixels of a row's picture, or why there are none; nothing yet while it is decoded, after
 * which `arrived` is called.
 */
export function pictures(
  arrived: () => void,
  signal: AbortSignal,
): (bytes: Bytes | null) => Pixels | string | undefined {
  const failures = new WeakMap<Bytes, string>();
  const awaited = new WeakSet<Bytes>();
  return (bytes) => {
    if (!bytes) return "there is none";
    const failure = failures.get(bytes);
    if (failure !== undefined) return failure;
    const pixels = decoded(bytes);
    if (!(pixels instanceof Promise)) return pixels;
    if (awaited.has(bytes)) return undefined;
    awaited.add(bytes);
    pixels
      .catch((cause: unknown) => failures.set(bytes, `it could not be decoded (${cause})`))
      .finally(() => {
        if (!signal.aborted) arrived();
      });
    return undefined;
  };
}
