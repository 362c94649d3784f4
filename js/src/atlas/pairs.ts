import type { Atlas } from "./atlas";

/** One class, or one rather than another, by one index: pairs stand behind all that a page names by itself. */
export interface Pairs {
  index(target: number, ratherThan: number): number;
  classes(index: number): { readonly target: number; readonly ratherThan?: number };
}

export function pairsOf(atlas: Atlas): Pairs {
  const classes = atlas.head?.shape[0] ?? 0;
  const named = [
    classes - 1,
    ...atlas.entries.map(({ target }) => target.index),
    ...atlas.images.flatMap(({ predictions }) => predictions.map(({ index }) => index)),
  ];
  const first = named.reduce((most, index) => Math.max(most, index), 0) + 1;
  return {
    index: (target, ratherThan) => first + target * classes + ratherThan,
    classes(index) {
      if (index < first || classes === 0) return { target: index };
      const pair = index - first;
      return { target: Math.floor(pair / classes), ratherThan: pair % classes };
    },
  };
}
