import { saidNumber } from "../../controls/prediction";
import type { Distributions, Histogram } from "../../gallery/ranges";
import type { Told } from "./told";

const bins = 20;

/** How what a model says is spread over pictures, and how far methods disagree where that is known of all that have a map. */
export function distributionsOf(
  pictures: readonly Told[],
  apart: readonly (number | null)[],
  explained: (place: number) => boolean,
): Distributions {
  const seen = pictures.flatMap(({ prediction, right }, place) =>
    prediction ? [{ prediction, right, place }] : [],
  );
  const share = seen.every(({ prediction }) => typeof prediction.probability === "number");
  const value = histogramOf(
    seen.map(({ prediction, right }) => [saidNumber(prediction), right]),
    share ? [0, 1] : null,
  );
  const known = seen.flatMap(({ place, right }): Numbered[] => {
    const number = apart[place] ?? null;
    return number === null ? [] : [[number, right]];
  });
  const lacking = seen.filter(({ place }) => explained(place)).length - known.length;
  return { value, disagreement: lacking > 0 ? null : histogramOf(known, [0, 2]) };
}

/** A number of a picture, and whether the model is right on it. */
type Numbered = readonly [number: number, right: boolean | null];

/** Counted in equal bins, as Python counts them: those of one model are a filter of the other's. */
export function histogramOf(
  numbers: readonly Numbered[],
  ends: readonly [number, number] | null,
): Histogram | null {
  if (numbers.length === 0) return null;
  const edges = edgesOf(...(ends ?? extent(numbers)));
  const counts = new Array<number>(edges.length - 1).fill(0);
  const wrong = [...counts];
  for (const [number, right] of numbers) {
    const above = edges.findLastIndex((edge) => edge <= number);
    const place = Math.min(above, counts.length - 1);
    counts[place] = (counts[place] ?? 0) + 1;
    if (right === false) wrong[place] = (wrong[place] ?? 0) + 1;
  }
  const judged = numbers.some(([, right]) => right !== null);
  return { edges, counts, wrong: judged ? wrong : null };
}

function edgesOf(low: number, high: number): number[] {
  if (low === high) return [low, high];
  const lower = Array.from({ length: bins }, (_, step) => low + ((high - low) * step) / bins);
  return [...lower, high];
}

function extent(numbers: readonly Numbered[]): [number, number] {
  const values = numbers.map(([number]) => number);
  return [
    values.reduce((least, value) => Math.min(least, value)),
    values.reduce((most, value) => Math.max(most, value)),
  ];
}
