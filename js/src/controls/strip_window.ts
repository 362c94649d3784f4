const mostDrawn = 60;

/** From one thumbnail to the next, in pixels; the style sheet says the same. */
export const pitch = 58;

/** Beside those in sight, so that a scroll finds them there. */
const margin = 8;

/** Whether there are too many to draw them all. */
export function isMany(count: number): boolean {
  return count > mostDrawn;
}

/** Where the strip is scrolled to and how much of it is seen, in pixels. */
export interface Sight {
  readonly left: number;
  readonly width: number;
}

/** Which thumbnails to draw: all of a moderate number, else those in sight and some beside them. */
export function stripWindow(count: number, { left, width }: Sight): number[] {
  if (!isMany(count)) return Array.from({ length: count }, (_, i) => i);
  const length = Math.min(count, Math.ceil(width / pitch) + 1 + 2 * margin);
  const first = Math.min(count - length, Math.max(0, Math.floor(left / pitch) - margin));
  return Array.from({ length }, (_, i) => first + i);
}

/** Where to scroll so that a thumbnail stands in the middle; where it stands already if it is in sight. */
export function scrolledTo(index: number, { left, width }: Sight): number {
  const start = index * pitch;
  const inSight = start >= left && start + pitch <= left + width;
  return inSight ? left : Math.max(0, start - (width - pitch) / 2);
}
