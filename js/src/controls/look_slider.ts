import type { Control } from "./control";
import { element, setText, uniqueId } from "./element";
import { percentText } from "./number_text";

interface Shown {
  readonly value: number;
  readonly disabled: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
}

interface Options {
  readonly label: string;
  readonly hook: string;
  readonly change: (value: number) => void;
  readonly signal: AbortSignal;
}

/** A share, from 0 to 1 where nothing else is said, as a slider, told in percent, and told on while it is dragged. */
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
    show({ value, disabled, min = 0, max = 1, step = 0.01 }) {
      const percent = step < 0.01 ? percentText(value) : `${Math.round(100 * value)}%`;
      for (const [name, bound] of Object.entries({ min, max, step })) {
        if (slider.getAttribute(name) !== String(bound)) slider.setAttribute(name, String(bound));
      }
      if (slider.valueAsNumber !== value) slider.value = String(value);
      slider.setAttribute("aria-valuetext", percent);
      slider.disabled = disabled;
      setText(output, percent);
    },
  };
}
