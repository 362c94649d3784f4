import { choiceSelect } from "../../controls/choice_select";
import type { Control } from "../../controls/control";
import { element, uniqueId } from "../../controls/element";
import { group } from "../../controls/group";
import { choose, follow, type Model } from "../traits";

const alone = "";

/** Which model is looked at, and which one stands beside it; nothing where there is one alone. */
export function modelPanel(model: Model, signal: AbortSignal): HTMLElement {
  const pick = (name: string) => choose(model, { model: name });
  const select = choiceSelect({ label: "Model", hook: "model", choose: pick, signal });
  const slider = trainingSlider(pick, signal);
  const beside = choiceSelect({
    label: "Beside",
    hook: "beside",
    choose: (name) => choose(model, { beside: name === alone ? null : name }),
    signal,
  });
  const panel = group("Model", select.element, slider.element, beside.element);
  follow(
    model,
    ["_models", "model", "beside", "_picture"],
    () => {
      const names = model.get("_models")?.names ?? [];
      const now = model.get("model") ?? null;
      panel.hidden = names.length < 2;
      const choices = names.map((name) => ({ value: name, label: name }));
      select.show({ choices, value: now });
      slider.element.hidden = model.get("_models")?.kind !== "checkpoints";
      slider.show({ names, name: now });
      const others = choices.filter(({ value }) => value !== now);
      beside.show({
        choices: [{ value: alone, label: "no other" }, ...others],
        value: model.get("beside") ?? alone,
      });
      beside.element.hidden = (model.get("_picture")?.size.length ?? 2) !== 2;
    },
    signal,
  );
  return panel;
}

/** The states of a training, from the first to the last. */
function trainingSlider(
  pick: (name: string) => void,
  signal: AbortSignal,
): Control<{ readonly names: readonly string[]; readonly name: string | null }> {
  const id = uniqueId("training");
  const slider = element("input", {
    id,
    type: "range",
    min: 0,
    step: 1,
    "data-xcnn": "training",
  });
  let known: readonly string[] = [];
  slider.addEventListener(
    "input",
    () => {
      const name = known[slider.valueAsNumber];
      if (name !== undefined) pick(name);
    },
    { signal },
  );
  return {
    element: element(
      "div",
      { class: "xcnn-row" },
      element("label", { for: id }, "Training"),
      slider,
    ),
    show({ names, name }) {
      known = names;
      slider.max = String(Math.max(0, names.length - 1));
      slider.value = String(Math.max(0, names.indexOf(name ?? "")));
      slider.setAttribute("aria-valuetext", name ?? "");
    },
  };
}
