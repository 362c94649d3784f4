import { countText } from "../controls/number_text";
import type { Histogram, Span } from "./ranges";

/** One bar of a figure: one bin, or several beside each other. */
export interface Bar {
  readonly span: Span;
  /** Where it ends, also where it has no upper end. */
  readonly end: number;
  readonly count: number;
  readonly wrong: number | null;
}

/** The bars of a histogram, each of so many bins, which have to divide all of them. */
export function barsOf({ edges, counts, wrong }: Histogram, bins: number): Bar[] {
  const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
  return Array.from({ length: Math.floor(counts.length / bins) }, (_, place): Bar => {
    const [from, to] = [place * bins, (place + 1) * bins];
    const end = edges[to] as number;
    return {
      span: [edges[from] as number, to === counts.length ? null : end],
      end,
      count: sum(counts.slice(from, to)),
      wrong: wrong && sum(wrong.slice(from, to)),
    };
  });
}

/** How many bins a bar has to have so that it is wide enough; all of them where no number is enough. */
export function binsABar(bins: number, width: number, least: number): number {
  for (let each = 1; each < bins; each++) {
    if (bins % each === 0 && (width * each) / bins >= least) return each;
  }
  return bins;
}

/** Whether the whole of a bar passes a filter. */
export function isPressed([low, high]: Span, chosen: Span | null): boolean {
  if (!chosen) return false;
  const [from, to] = chosen;
  return from <= low && (to === null || (high !== null && high <= to));
}

/** The least span that holds two. */
export function joined(one: Span, other: Span): Span {
  const open = one[1] === null || other[1] === null;
  return [Math.min(one[0], other[0]), open ? null : Math.max(one[1] ?? 0, other[1] ?? 0)];
}

/** `31 pictures, 4 wrong` */
export function countsText(count: number, wrong: number | null): string {
  const pictures = `${countText(count)} picture${count === 1 ? "" : "s"}`;
  return wrong === null ? pictures : `${pictures}, ${countText(wrong)} wrong`;
}
