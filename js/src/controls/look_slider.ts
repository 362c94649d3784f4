import type { Control } from "./control";
import { element, setText, uniqueId } from "./element";

interface Shown {
  readonly value: number;
  readonly disabled: boolean;
}

interface Options {
  readonly label: string;
  readonly hook: string;
  readonly change: (value: number) => void;
  readonly signal: AbortSignal;
}

/** A share from 0 to 1 as a slider, told in percent, and told on while it is dragged. */
export function lookSlider({ label, hook, change, signal }: Options): Control<Shown> {
  const id = uniqueId(hook);
  const slider = element("input", {
    id,
    type: "range",
    min: 0,
    max: 1,
    step: 0.01,
    "data-xcnn": hook,
  });
  const output = element("output", { for: id, "aria-live": "off" });
  slider.addEventListener("input", () => change(slider.valueAsNumber), { signal });
  return {
    element: element(
      "div",
      { class: "xcnn-row" },
      element("label", { for: id }, label),
      element("span", { class: "xcnn-measured" }, slider, output),
    ),
    show({ value, disabled }) {
      const percent = `${Math.round(100 * value)}%`;
      if (slider.valueAsNumber !== value) slider.value = String(value);
      slider.setAttribute("aria-valuetext", percent);
      slider.disabled = disabled;
      setText(output, percent);
    },
  };
}
