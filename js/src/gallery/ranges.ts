import type { Bytes, Size } from "../pixels/decode";

/** From a number on, up to and without another one; null is no upper end. */
export type Span = readonly [low: number, high: number | null];

/** How many pictures have a number in each bin; the last bin has no upper end. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Those of them that the model got wrong; null where no picture has a label among the classes. */
  readonly wrong: readonly number[] | null;
}

/** How what the model says is spread, and how far the first two methods disagree; null where it is not known. */
export interface Distributions {
  readonly value: Histogram | null;
  readonly disagreement: Histogram | null;
}

/** Pictures with like maps. */
export interface Group {
  readonly name: string;
  readonly size: number;
  /** How many the model got wrong; null without labels. */
  readonly wrong: number | null;
  /** The mean of their maps. */
  readonly map: {
    readonly data: Bytes;
    readonly shape: Size;
    readonly range: readonly [low: number, high: number];
  };
}

export interface Groups {
  readonly method?: string;
  readonly groups?: readonly Group[];
}

/** Filters that figures set; not told by galleries that were saved before there were any. */
export interface RangeChoices {
  show_value?: Span | null;
  show_disagreement?: Span | null;
  show_group?: number | null;
}

/** None of them. */
export const noRanges = { show_value: null, show_disagreement: null, show_group: null } as const;

export function isIn([low, high]: Span, number: number | null): boolean {
  return number !== null && low <= number && (high === null || number < high);
}
