import type { Control } from "./control";
import { element } from "./element";

interface Options {
  readonly label: string;
  /** What it means when it is on. */
  readonly text: string;
  /** Both ways, for those who point at it. */
  readonly meaning: string;
  readonly hook: string;
  readonly change: (on: boolean) => void;
  readonly signal: AbortSignal;
}

/** Something that is on or off. */
export function switchRow({
  label,
  text,
  meaning,
  hook,
  change,
  signal,
}: Options): Control<boolean> {
  const input = element("input", {
    type: "checkbox",
    role: "switch",
    "data-xcnn": hook,
  });
  input.addEventListener("change", () => change(input.checked), { signal });
  return {
    element: element(
      "label",
      { class: "xcnn-row", title: meaning },
      element("span", {}, label),
      element("span", { class: "xcnn-switch" }, input, element("span", {}, text)),
    ),
    show(on) {
      input.checked = on;
    },
  };
}
