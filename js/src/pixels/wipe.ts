type Rgba = Uint8ClampedArray<ArrayBuffer>;

/** The column from which on a wipe shows the picture; a share of 1 leaves none. */
export function wipeEdge(share: number, width: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * width);
}

/** An overlay (RGBA) left of the edge, its picture (RGBA) from there on. */
export function wiped(
  overlay: Rgba,
  picture: Uint8ClampedArray,
  width: number,
  edge: number,
): Rgba {
  if (edge >= width) return overlay;
  for (let row = 0; row < overlay.length; row += 4 * width) {
    const from = row + 4 * edge;
    overlay.set(picture.subarray(from, row + 4 * width), from);
  }
  return overlay;
}
