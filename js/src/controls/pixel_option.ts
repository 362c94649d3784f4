import { type Control, onEnter } from "./control";
import { element, uniqueId } from "./element";

interface Shown {
  readonly value: number;
  readonly max: number;
  /** Whether no other one can be answered. */
  readonly fixed?: boolean | undefined;
}

interface Options {
  readonly label: string;
  readonly hook: string;
  readonly change: (pixels: number) => void;
  readonly signal: AbortSignal;
}

/** A whole number of pixels from 1 to `max`; what cannot be used is put right when it is entered. */
export function pixelOption({ label, hook, change, signal }: Options): Control<Shown> {
  const id = uniqueId(hook);
  const input = element("input", {
    id,
    type: "number",
    min: 1,
    step: 1,
    inputmode: "numeric",
    "data-xcnn": hook,
  });
  let current: Shown = { value: 1, max: 1 };
  const enter = () => {
    const entered = Math.round(input.valueAsNumber);
    const value = Number.isFinite(entered)
      ? Math.min(current.max, Math.max(1, entered))
      : current.value;
    input.value = String(value);
    if (value !== current.value) change(value);
  };
  input.addEventListener("change", enter, { signal });
  onEnter(input, enter, signal);
  return {
    element: element(
      "div",
      { class: "xcnn-row" },
      element("label", { for: id }, label),
      element(
        "span",
        { class: "xcnn-measured" },
        input,
        element("span", { class: "xcnn-unit", "aria-hidden": "true" }, "pixels"),
      ),
    ),
    show(shown) {
      current = shown;
      input.max = String(shown.max);
      input.disabled = shown.fixed ?? false;
      if (input.valueAsNumber !== shown.value) input.value = String(shown.value);
    },
  };
}
