import { element, setText, uniqueId } from "../controls/element";

interface Shown {
  readonly last: number;
  readonly step: number;
  readonly text: string;
}

interface StepSlider {
  readonly element: HTMLElement;
  show(state: Shown): void;
}

/** One of several steps, as a slider that says in words where it stands. */
export function stepSlider(
  label: string,
  hook: string,
  change: (step: number) => void,
  signal: AbortSignal,
): StepSlider {
  const id = uniqueId(hook);
  const slider = element("input", { id, type: "range", min: 0, step: 1, "data-xcnn": hook });
  const output = element("output", { for: id, "aria-live": "off" });
  slider.addEventListener("input", () => change(slider.valueAsNumber), { signal });
  return {
    element: element(
      "div",
      { class: "xcnn-step" },
      element("label", { for: id }, label),
      slider,
      output,
    ),
    show({ last, step, text }) {
      slider.max = String(last);
      if (slider.valueAsNumber !== step) slider.value = String(step);
      slider.setAttribute("aria-valuetext", text);
      setText(output, text);
    },
  };
}
