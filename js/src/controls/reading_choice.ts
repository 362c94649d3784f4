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
}

/** Widgets that were saved before readings were told. */
const untold: Reading = { activation: "softmax", choices: [], has_winner: true, why: "" };

export function readingOf(told: Partial<Reading> | undefined): Reading {
  return { ...untold, ...told };
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
