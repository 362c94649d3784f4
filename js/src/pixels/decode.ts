/** Bytes as they come over the wire, or as a script would write them. */
export type Bytes = DataView | Uint8Array | ArrayBuffer;

/** `[height, width]`, the order of NumPy and torch. */
export type Size = readonly [height: number, width: number];

/** The same bytes as a `Uint8Array`, without a copy; a view keeps its own offset and length. */
export function bytesOf(data: Bytes): Uint8Array<ArrayBuffer> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** The `h * w` bytes of a grid sent row by row; an error when the length does not fit the shape. */
export function gridOf(data: Bytes, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const grid = bytesOf(data);
  if (grid.length === 0 || grid.length !== shape.reduce((size, side) => size * side, 1)) {
    throw new RangeError(`a ${shape.join(" x ")} map cannot have ${grid.length} values`);
  }
  return grid;
}
