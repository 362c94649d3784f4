import { classSearch } from "../controls/class_search";
import type { Control } from "../controls/control";
import { element, setText } from "../controls/element";
import { segments } from "../controls/segments";
import type { Choices } from "./traits";

type Target = Choices["target"];

interface Shown {
  readonly target: Target;
  readonly labels: boolean;
  readonly names: readonly string[];
  /** The only classes that can be answered; null where all can. */
  readonly classes: readonly number[] | null;
  /** Whether one class of each picture holds. */
  readonly hasWinner: boolean;
  /** Whether nothing else can be asked. */
  readonly isFixed: boolean;
  /** The class taken when one class is asked for before any was chosen. */
  readonly likeliest: number;
}

/** What is explained: each picture's prediction, its true label, or one class for all. */
export function targetChoice(
  choose: (target: Target) => void,
  signal: AbortSignal,
): Control<Shown> {
  let state: Shown = {
    target: "predicted",
    labels: false,
    names: [],
    classes: null,
    hasWinner: true,
    isFixed: false,
    likeliest: 0,
  };
  let lastClass: number | null = null;
  let offered: readonly number[] | null = null;
  const pick = (value: string) =>
    choose(value === "predicted" || value === "label" ? value : (lastClass ?? state.likeliest));
  const kinds = segments({
    label: "Explained class",
    hook: "target",
    choices: [
      { value: "predicted", label: "Predicted" },
      { value: "label", label: "True label" },
      { value: "class", label: "One class" },
    ],
    choose: pick,
    signal,
  });
  const labelChoice = kinds.element.querySelector("[value=label]")?.closest("label");
  const winnerChoice = kinds.element.querySelector("[value=predicted]")?.closest("label");
  const search = classSearch(choose, signal);
  const about = element("p", { class: "xcnn-hint" });
  return {
    element: element("div", { class: "xcnn-group" }, kinds.element, search.element, about),
    show(shown) {
      state = shown;
      const { target, labels, names, classes, hasWinner } = shown;
      if (classes !== offered) search.offer(classes && { classes });
      offered = classes;
      if (typeof target === "number") lastClass = target;
      if (labelChoice) labelChoice.hidden = !labels && target !== "label";
      if (winnerChoice) winnerChoice.hidden = !hasWinner && target !== "predicted";
      kinds.element.hidden = search.element.hidden = shown.isFixed;
      kinds.show(typeof target === "number" ? "class" : target);
      search.show(names);
      setText(about, describe(target, names, hasWinner));
    },
  };
}

function describe(target: Target, names: readonly string[], hasWinner: boolean): string {
  if (target === "predicted") {
    return hasWinner
      ? "The class that each picture is predicted as."
      : "The class with the highest value on each picture.";
  }
  if (target === "label") return "The class that each picture is labelled as.";
  const name = names[target];
  return name === undefined ? `Class ${target}.` : `${name} (class ${target}).`;
}
