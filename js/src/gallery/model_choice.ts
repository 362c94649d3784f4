import { choiceSelect } from "../controls/choice_select";
import { element } from "../controls/element";
import { choose, follow } from "../controls/model";
import { modelNames, readModel } from "./read_model";
import type { Model } from "./traits";

const meaning =
  "Confidence, right and wrong, predicted classes, the matrix and metrics are this model's.";

/** Of several models the one that is read. */
export function modelChoice(model: Model, signal: AbortSignal): HTMLElement {
  const select = choiceSelect({
    label: "Model",
    hook: "model",
    choose: (name) => choose(model, { model: name }),
    signal,
  });
  const box = element(
    "div",
    { class: "xcnn-model-read", title: meaning },
    select.element,
    element("p", { class: "xcnn-hint" }, meaning),
  );
  follow(
    model,
    ["_models", "model", "rows"],
    () => {
      const names = modelNames(model);
      box.hidden = names.length < 2 || model.get("rows") !== "pictures";
      const choices = names.map((name) => ({ value: name, label: name }));
      select.show({ choices, value: readModel(model) });
    },
    signal,
  );
  return box;
}
