import type { Layer } from "../controls/layer_choice";

/** The layer of another model: the one of the same name, else that at the same share of the way, as Python does it. */
export function matchedLayer(
  layer: string | null,
  here: readonly Layer[],
  there: readonly Layer[],
): string | null {
  if (layer === null || there.length === 0) return null;
  if (there.some(({ name }) => name === layer)) return layer;
  const depth = here.findIndex(({ name }) => name === layer);
  const share = depth < 0 || depth === here.length - 1 ? 1 : depth / (here.length - 1);
  return there[Math.floor(share * (there.length - 1) + 0.5)]?.name ?? null;
}

/** The index of a class in another model: by name, else by index; null where it has no such class. */
export function matchedClass(
  index: number,
  here: readonly string[],
  there: readonly string[],
): number | null {
  const name = here[index];
  if (name === undefined || there.length === 0 || there[index] === name) return index;
  const found = there.indexOf(name);
  return found < 0 || there.indexOf(name, found + 1) >= 0 ? null : found;
}
