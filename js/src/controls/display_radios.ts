import { type Control, ownKeys } from "./control";
import { element, uniqueId } from "./element";

export type Display = "overlay" | "heatmap" | "picture" | "side_by_side";

const labels: Readonly<Record<Display, string>> = {
  overlay: "Overlay",
  heatmap: "Heatmap",
  picture: "Picture",
  side_by_side: "All three",
};

/** What the view shows, as one row of buttons of which one is pressed. */
export function displayRadios(
  choose: (display: Display) => void,
  signal: AbortSignal,
): Control<Display> {
  const name = uniqueId("display");
  const inputs = (Object.keys(labels) as Display[]).map((value) =>
    element("input", { type: "radio", name, value, ...ownKeys }),
  );
  const segments = element("span", { class: "xcnn-segments" });
  for (const input of inputs) {
    const display = input.value as Display;
    input.addEventListener("change", () => choose(display), { signal });
    segments.append(element("label", {}, input, element("span", {}, labels[display])));
  }
  return {
    element: element(
      "div",
      { role: "radiogroup", "aria-label": "Show", "data-xcnn": "display" },
      segments,
    ),
    show(display) {
      for (const input of inputs) input.checked = input.value === display;
    },
  };
}
