const mostDrawn = 60;
const windowLength = 24;

/** Which thumbnails to draw: all of a moderate number, else those around the chosen one. */
export function stripWindow(count: number, index: number): number[] {
  const all = count <= mostDrawn;
  const length = all ? count : windowLength;
  const first = all ? 0 : Math.min(count - length, Math.max(0, index - windowLength / 2));
  return Array.from({ length }, (_, i) => first + i);
}
