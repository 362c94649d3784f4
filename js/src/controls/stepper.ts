import { type Control, onEnter } from "./control";
import { element, setText } from "./element";
import { countText } from "./number_text";

interface Shown {
  /** The position, from 0. */
  readonly value: number;
  readonly count: number;
}

interface Options {
  readonly label: string;
  readonly hook: string;
  readonly previous: string;
  readonly next: string;
  readonly change: (value: number) => void;
  readonly signal: AbortSignal;
}

/** One of many by its number, with buttons to the one before and the one after. */
export function stepper(options: Options): Control<Shown> {
  const { label, hook, change, signal } = options;
  const input = element("input", {
    type: "number",
    min: 1,
    step: 1,
    inputmode: "numeric",
    "aria-label": label,
    "data-xcnn": hook,
  });
  const button = (by: number, text: string, hook: string, what: string) => {
    const made = element("button", { type: "button", "aria-label": what, "data-xcnn": hook }, text);
    made.addEventListener("click", () => go(current.value + by), { signal });
    return made;
  };
  const previous = button(-1, "‹", options.previous, `Previous ${label.toLowerCase()}`);
  const next = button(1, "›", options.next, `Next ${label.toLowerCase()}`);
  const of = element("span", { class: "xcnn-unit" });
  let current: Shown = { value: 0, count: 1 };
  const go = (value: number) => {
    const aim = Math.min(current.count - 1, Math.max(0, value));
    if (Number.isFinite(aim) && aim !== current.value) change(aim);
  };
  const enter = () => {
    go(Math.round(input.valueAsNumber) - 1);
    input.value = String(current.value + 1);
  };
  input.addEventListener("change", enter, { signal });
  onEnter(input, enter, signal);
  return {
    element: element("span", { class: "xcnn-stepper" }, previous, input, of, next),
    show(shown) {
      current = shown;
      input.max = String(shown.count);
      input.value = String(shown.value + 1);
      setText(of, `of ${countText(shown.count)}`);
      previous.disabled = shown.value <= 0;
      next.disabled = shown.value >= shown.count - 1;
    },
  };
}
