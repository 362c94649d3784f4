import { type Control, ownKeys } from "../controls/control";
import { element } from "../controls/element";

const meaning =
  "On: all maps of a column share one range of values. Off: each is stretched over its own.";

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
      { class: "xcnn-row", title: meaning },
      element("span", {}, "Range"),
      element("span", { class: "xcnn-switch" }, input, element("span", {}, "Common")),
    ),
    show(common) {
      input.checked = common;
    },
  };
}
