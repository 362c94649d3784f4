import { readingOf } from "../controls/reading_choice";
import type { Style } from "../pixels/styles";
import { choose, comparable, currentMethod, type Model, offeredStyles } from "./traits";

/** The ways in which the map can be painted: on a page those that it brings, with a kernel all of its method's. */
export function reachableStyles(model: Model): readonly Style[] {
  const { can_ask } = readingOf(model.get("_reading"));
  const known = currentMethod(model)?.styles ?? ["heat" as const];
  return can_ask ? comparable(model, known) : offeredStyles(model);
}

/** A kernel is asked only for what the map does not bring. */
export function chooseStyle(model: Model, style: Style): void {
  if (offeredStyles(model).includes(style)) model.set("painted", style);
  else choose(model, { painted: style });
}
