import { saidNumber } from "../../controls/prediction";
import type { Choices, Order, Row } from "../../gallery/traits";

export type Selection = Pick<Choices, "order" | "show" | "show_class" | "show_text">;

/** What is told of a picture; without a prediction it passes no filter by it, and comes last. */
export type Told = Pick<Row, "name" | "prediction" | "others" | "right">;

/**
 * The places of the pictures that pass the filters, in order; equals stay as they were given, and
 * those of which nothing is known come last.
 */
export function chosen(
  pictures: readonly Told[],
  selection: Selection,
  disagreement: (place: number) => number | null,
): number[] {
  const wanted = folded(selection.show_text.trim());
  const places = pictures.flatMap((told, place) =>
    folded(told.name).includes(wanted) && passes(told, selection) ? [place] : [],
  );
  if (selection.order === "given") return places;
  const rank = ranks[selection.order];
  return places
    .map((place) => {
      const told = pictures[place] as Told;
      return { place, rank: rank(told, () => disagreement(place)) };
    })
    .sort((one, other) => compare(one.rank, other.rank))
    .map(({ place }) => place);
}

type Rank = readonly [group: number, within: number];

const unknown: Rank = [2, 0];

/** Smaller comes first. */
const ranks: Readonly<
  Record<Exclude<Order, "given">, (told: Told, apart: () => number | null) => Rank>
> = {
  confidence: ({ prediction }) => (prediction ? [0, -saidNumber(prediction)] : unknown),
  least_confident: ({ prediction }) => (prediction ? [0, saidNumber(prediction)] : unknown),
  wrong: ({ prediction, right }) =>
    prediction ? [right === false ? 0 : 1, -saidNumber(prediction)] : unknown,
  disagreement(_, apart) {
    const number = apart();
    return number === null ? unknown : [0, -number];
  },
};

function compare(one: Rank, other: Rank): number {
  return one[0] - other[0] || one[1] - other[1];
}

function passes({ prediction, others, right }: Told, { show, show_class }: Selection): boolean {
  if (show === "all" && show_class === null) return true;
  if (!prediction) return false;
  const held = [prediction, ...(others ?? [])].map(({ index }) => index);
  if (show_class !== null && !held.includes(show_class)) return false;
  return show === "all" || right === (show === "right");
}

/** Text without its case, letter by letter, as Python's `casefold` takes it away. */
function folded(text: string): string {
  return Array.from(text.toUpperCase(), (letter) => letter.toLowerCase()).join("");
}
