import { choiceSelect } from "./choice_select";
import type { Control } from "./control";
import { element, setText } from "./element";

export type Activation = "softmax" | "sigmoid" | "none";

/** How a model's scores are read, and how else they can be. */
export interface Reading {
  readonly activation: Activation;
  readonly choices: readonly Activation[];
  /** Whether one class holds and the others do not. */
  readonly has_winner: boolean;
  readonly why: string;
  /** Whether each pixel has a class, and can be asked about. */
  readonly tells_areas: boolean;
  /** Whether it is a detector's boxes that stand for classes. */
  readonly finds_boxes: boolean;
  /** Whether a kernel answers what was not computed ahead. */
  readonly can_ask: boolean;
}

/** Widgets that were saved before readings were told. */
const untold: Reading = {
  activation: "softmax",
  choices: [],
  has_winner: true,
  why: "",
  tells_areas: false,
  finds_boxes: false,
  can_ask: false,
};

export function readingOf(told: Partial<Reading> | undefined): Reading {
  return { ...untold, ...told };
}

/** What of each picture is explained where no class was chosen; null where nothing stands out. */
export function followedIn({ has_winner, tells_areas, finds_boxes }: Reading): string | null {
  if (finds_boxes) return "Surest box";
  if (tells_areas) return "Largest region";
  return has_winner ? "Predicted class" : null;
}

const labels: Readonly<Record<Activation, string>> = {
  softmax: "One choice (softmax)",
  sigmoid: "Each by itself (sigmoid)",
  none: "Plain scores",
};

/** How the numbers beside the classes are read, in words, and a switch where there is a choice. */
export function readingChoice(
  choose: (activation: Activation) => void,
  signal: AbortSignal,
): Control<Reading> {
  const select = choiceSelect({
    label: "Read as",
    hook: "activation",
    choose: (value) => choose(value as Activation),
    signal,
  });
  const why = element("p", { class: "xcnn-hint", "data-xcnn": "reading" });
  return {
    element: element("div", { class: "xcnn-reading" }, select.element, why),
    show({ activation, choices, why: text }) {
      select.element.hidden = choices.length < 2;
      select.show({
        choices: choices.map((value) => ({ value, label: labels[value] })),
        value: activation,
      });
      setText(why, text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
      why.hidden = text === "";
    },
  };
}
