import { element, setText } from "../controls/element";
import { follow, type Model } from "./traits";

/** The true label beside the prediction, where somebody knows it, and whether the model is right. */
export function trueLabel(model: Model, signal: AbortSignal): HTMLElement {
  const line = element("p", { "data-xcnn": "true-label" });
  follow(
    model,
    ["_true_label"],
    () => {
      const told = model.get("_true_label") ?? null;
      line.hidden = told === null;
      const judged = told?.right === true ? " ✓ right" : told?.right === false ? " ✗ wrong" : "";
      setText(line, told ? `True label: ${told.name}${judged}` : "");
    },
    signal,
  );
  return line;
}
