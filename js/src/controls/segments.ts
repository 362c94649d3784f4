import type { Choice } from "./choice_select";
import type { Control } from "./control";
import { element, uniqueId } from "./element";

interface Options {
  readonly label: string;
  readonly hook: string;
  readonly choices: readonly Choice[];
  readonly choose: (value: string) => void;
  readonly signal: AbortSignal;
}

/** One row of buttons of which one is pressed. */
export function segments({ label, hook, choices, choose, signal }: Options): Control<string> {
  const name = uniqueId(hook);
  const inputs = choices.map(({ value }) => element("input", { type: "radio", name, value }));
  const row = element("span", { class: "xcnn-segments" });
  for (const [i, input] of inputs.entries()) {
    input.addEventListener("change", () => choose(input.value), { signal });
    row.append(element("label", {}, input, element("span", {}, choices[i]?.label ?? "")));
  }
  return {
    element: element("div", { role: "radiogroup", "aria-label": label, "data-xcnn": hook }, row),
    show(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
