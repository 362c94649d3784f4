import { type Control, ownKeys } from "../controls/control";
import { element } from "../controls/element";

/** Whether the maps of a column share one range of colours. */
export function rangeSwitch(
  change: (common: boolean) => void,
  signal: AbortSignal,
): Control<boolean> {
  const input = element("input", {
    type: "checkbox",
    role: "switch",
    "data-xcnn": "common-range",
    ...ownKeys,
  });
  input.addEventListener("change", () => change(input.checked), { signal });
  return {
    element: element(
      "label",
      { class: "xcnn-row", title: "Off: each map is stretched over its own range of values." },
      element("span", {}, "Range"),
      element("span", { class: "xcnn-switch" }, input, element("span", {}, "Same in a column")),
    ),
    show(common) {
      input.checked = common;
    },
  };
}
