import type { Control } from "./control";
import { element, uniqueId } from "./element";

export interface Choice {
  readonly value: string;
  readonly label: string;
  /** Neighbours of one group stand under its name. */
  readonly group?: string;
  /** More about it. */
  readonly title?: string;
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
  /** The id of the element that says more about what is chosen. */
  readonly aboutId?: string;
}

/** A labelled dropdown. */
export function choiceSelect({ label, hook, choose, signal, aboutId }: Options): Control<Shown> {
  const id = uniqueId(hook);
  const select = element("select", { id, "data-xcnn": hook, "aria-describedby": aboutId });
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
        select.replaceChildren(...listed(choices));
        drawn = choices;
      }
      select.selectedIndex = choices.findIndex((choice) => choice.value === value);
      select.disabled = disabled || choices.length === 0;
    },
  };
}

function listed(choices: readonly Choice[]): HTMLElement[] {
  const found: HTMLElement[] = [];
  let group: HTMLElement | null = null;
  for (const [i, choice] of choices.entries()) {
    const { value, label, title } = choice;
    const option = element("option", { value, title }, label);
    if (!choice.group) {
      found.push(option);
      continue;
    }
    if (!group || choices[i - 1]?.group !== choice.group) {
      group = element("optgroup", { label: choice.group });
      found.push(group);
    }
    group.append(option);
  }
  return found;
}

function sameChoices(one: readonly Choice[], other: readonly Choice[]): boolean {
  const fields = ["value", "label", "group", "title"] as const;
  return (
    one.length === other.length &&
    one.every((choice, i) => fields.every((field) => choice[field] === other[i]?.[field]))
  );
}
