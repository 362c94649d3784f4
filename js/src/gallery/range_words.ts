import { valueText } from "../controls/number_text";
import { type Reading, readingOf } from "../controls/reading_choice";
import type { Span } from "./ranges";
import type { Model } from "./traits";

/** What a range is of, and how its numbers are written. */
export interface RangeWords {
  /** `probability` */
  readonly what: string;
  /** `Probabilities` */
  readonly all: string;
  /** The edges of bins, so that neighbours differ. */
  readonly texts: (edges: readonly number[]) => string[];
}

export const disagreementWords: RangeWords = {
  what: "disagreement",
  all: "Disagreements",
  texts: (edges) => edges.map((edge) => edge.toFixed(2)),
};

/** What the model says of a class, in words. */
export function valueWords(model: Model): RangeWords {
  const reading = readingOf(model.get("_reading"));
  const texts = isShare(reading) ? percents : plain;
  const [what, all] = whatIsSaid(reading);
  return { what, all, texts };
}

/** `90% to 95%`, `90% and more` */
export function spanText({ texts }: RangeWords, [low, high]: Span): string {
  const [from, to] = texts(high === null ? [low] : [low, high]);
  return high === null ? `${from} and more` : `${from} to ${to}`;
}

function whatIsSaid({ tells_areas, finds_boxes, activation }: Reading): readonly [string, string] {
  if (tells_areas) return ["share of the picture", "Shares"];
  if (finds_boxes) return ["score", "Scores"];
  return activation === "none" ? ["value", "Values"] : ["probability", "Probabilities"];
}

/** Whether it lies between 0 and 1. */
function isShare({ tells_areas, finds_boxes, activation }: Reading): boolean {
  return tells_areas || finds_boxes || activation !== "none";
}

function percents(edges: readonly number[]): string[] {
  return edges.map((edge) => `${Number((100 * edge).toFixed(1))}%`);
}

/** With as many decimals as the steps between them need. */
function plain(edges: readonly number[]): string[] {
  const [first = 0, last = 0] = [edges[0], edges.at(-1)];
  const step = (last - first) / Math.max(1, edges.length - 1);
  const size = Math.max(Math.abs(first), Math.abs(last));
  if (!(step > size * 1e-6 && size >= 1e-3 && size < 1e6)) return edges.map(valueText);
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(step)));
  return edges.map((edge) => edge.toFixed(decimals));
}
