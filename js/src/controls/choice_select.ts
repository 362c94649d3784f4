import type { Control } from "./control";
import { element, uniqueId } from "./element";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface Shown {
  readonly choices: readonly Choice[];
  readonly value: string | null;
  readonly disabled?: boolean;
}

interface Options {
  readonly label: string;
  readonly hook: string;
  readonly choose: (value: string) => void;
  readonly signal: AbortSignal;
}

/** A labelled dropdown. */
export function choiceSelect({ label, hook, choose, signal }: Options): Control<Shown> {
  const id = uniqueId(hook);
  const select = element("select", { id, "data-xcnn": hook });
  select.addEventListener("change", () => choose(select.value), { signal });
  let drawn: readonly Choice[] = [];
  return {
    element: element(
      "div",
      { class: "xcnn-row" },
      element("label", { for: id }, label),
      element("span", { class: "xcnn-select" }, select),
    ),
    show({ choices, value, disabled = false }) {
      if (!sameChoices(choices, drawn)) {
        select.replaceChildren(
          ...choices.map((choice) => element("option", { value: choice.value }, choice.label)),
        );
        drawn = choices;
      }
      select.selectedIndex = choices.findIndex((choice) => choice.value === value);
      select.disabled = disabled || choices.length === 0;
    },
  };
}

function sameChoices(one: readonly Choice[], other: readonly Choice[]): boolean {
  return (
    one.length === other.length &&
    one.every((choice, i) => choice.value === other[i]?.value && choice.label === other[i]?.label)
  );
}
