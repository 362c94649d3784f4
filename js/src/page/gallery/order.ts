import { type Prediction, saidNumber } from "../../controls/prediction";
import { metricMeanings } from "../../gallery/measures";
import { isIn, type RangeChoices } from "../../gallery/ranges";
import type { Choices, Metric, Order, Show } from "../../gallery/traits";
import type { Told } from "./told";

export type Selection = Pick<
  Choices,
  "order" | "show" | "show_class" | "show_label" | "show_text" | keyof RangeChoices
>;

/** Numbers of the picture at a place that depend on what is explained; null where they are not known. */
export type Numbers = Readonly<
  Record<"disagreement" | "value_change" | "map_change", (place: number) => number | null> &
    Partial<Record<Metric, (place: number) => number | null>>
>;

type Ask = (which: keyof Numbers) => number | null;

/**
 * The places of the pictures that pass the filters, in order; equals stay as they were given, and
 * those of which nothing is known come last.
 */
export function chosen(
  pictures: readonly Told[],
  selection: Selection,
  numbers: Numbers,
): number[] {
  const wanted = folded(selection.show_text.trim());
  const asking = (place: number) => (which: keyof Numbers) => numbers[which]?.(place) ?? null;
  const places = pictures.flatMap((told, place) =>
    folded(told.name).includes(wanted) && passes(told, selection, asking(place)) ? [place] : [],
  );
  if (selection.order === "given") return places;
  const rank = ranks[selection.order];
  return places
    .map((place) => {
      const told = pictures[place] as Told;
      return { place, rank: rank(told, asking(place)) };
    })
    .sort((one, other) => compare(one.rank, other.rank))
    .map(({ place }) => place);
}

type Rank = readonly [group: number, within: number];

const unknown: Rank = [2, 0];

/** Smaller comes first. */
const ranks: Readonly<Record<Exclude<Order, "given">, (told: Told, ask: Ask) => Rank>> = {
  confidence: ({ prediction }) => (prediction ? [0, -saidNumber(prediction)] : unknown),
  least_confident: ({ prediction }) => (prediction ? [0, saidNumber(prediction)] : unknown),
  wrong: ({ prediction, right }) =>
    prediction ? [right === false ? 0 : 1, -saidNumber(prediction)] : unknown,
  disagreement: (_, ask) => greatest(ask("disagreement")),
  changed: ({ changed = null }, ask) =>
    changed === null ? unknown : [changed ? 0 : 1, -Math.abs(ask("value_change") ?? 0)],
  value_change: (_, ask) => greatest(ask("value_change")),
  map_change: (_, ask) => greatest(ask("map_change")),
  deletion: worstFirst("deletion"),
  insertion: worstFirst("insertion"),
  road: worstFirst("road"),
  randomisation: worstFirst("randomisation"),
};

function worstFirst(metric: Metric): (told: Told, ask: Ask) => Rank {
  const sign = metricMeanings[metric].better === "higher" ? 1 : -1;
  return (_, ask) => {
    const number = ask(metric);
    return number === null ? unknown : [0, sign * number];
  };
}

function greatest(number: number | null): Rank {
  return number === null ? unknown : [0, -Math.abs(number)];
}

function compare(one: Rank, other: Rank): number {
  return one[0] - other[0] || one[1] - other[1];
}

type Seen = Told & { readonly prediction: Prediction };

/** Which pictures `show` lets through, of those that the model has seen. */
const shown: Readonly<Record<Show, (told: Seen) => boolean>> = {
  all: () => true,
  wrong: ({ right }) => right === false,
  right: ({ right }) => right === true,
  fixed: ({ moved }) => moved === "fixed",
  broken: ({ moved }) => moved === "broken",
};

/** The filters that are set, beside that of the names. */
function filters(selection: Selection): ((told: Seen, ask: Ask) => boolean)[] {
  const { show, show_class, show_label = null } = selection;
  const { show_value = null, show_disagreement = null, show_group = null } = selection;
  const held = ({ prediction, others }: Seen) => [prediction, ...(others ?? [])];
  return [
    ...(show === "all" ? [] : [shown[show]]),
    ...(show_class === null
      ? []
      : [(told: Seen) => held(told).some(({ index }) => index === show_class)]),
    ...(show_label === null ? [] : [({ label }: Seen) => label === show_label]),
    ...(show_value === null
      ? []
      : [({ prediction }: Seen) => isIn(show_value, saidNumber(prediction))]),
    ...(show_disagreement === null
      ? []
      : [(_: Seen, ask: Ask) => isIn(show_disagreement, ask("disagreement"))]),
    ...(show_group === null ? [] : [({ group }: Seen) => group === show_group]),
  ];
}

function passes(told: Told, selection: Selection, ask: Ask): boolean {
  const { prediction } = told;
  const set = filters(selection);
  return (
    set.length === 0 ||
    (prediction !== null && set.every((one) => one({ ...told, prediction }, ask)))
  );
}

/** Text without its case, letter by letter, as Python's `casefold` takes it away. */
function folded(text: string): string {
  return Array.from(text.toUpperCase(), (letter) => letter.toLowerCase()).join("");
}
