import { element, setText } from "../controls/element";
import { follow } from "../controls/model";
import { type Model, shownMethods } from "./traits";

/** All groups of controls under one line that tells what is chosen; folded or not, it is remembered. */
export function controlsFold(
  model: Model,
  panels: HTMLElement,
  signal: AbortSignal,
): HTMLDetailsElement {
  const chosen = element("span", { class: "xcnn-hint" });
  const line = element("summary", {}, element("span", { class: "xcnn-title" }, "Controls"), chosen);
  const fold = element(
    "details",
    { class: "xcnn-controls", "data-xcnn": "controls" },
    line,
    panels,
  );
  fold.addEventListener(
    "toggle",
    () => {
      if (fold.open !== isOpen(model)) model.set("controls_open", fold.open);
    },
    { signal },
  );
  follow(
    model,
    ["controls_open"],
    () => {
      fold.open = isOpen(model);
    },
    signal,
  );
  follow(
    model,
    ["methods", "_methods", "layer", "target", "rows", "_class_names"],
    () => setText(chosen, chosenText(model)),
    signal,
  );
  return fold;
}

/** Galleries that were saved before controls could be folded had them open. */
function isOpen(model: Model): boolean {
  return model.get("controls_open") ?? true;
}

function chosenText(model: Model): string {
  const methods = shownMethods(model);
  const layer = methods.some(({ uses_layer }) => uses_layer) ? model.get("layer") : null;
  const at = layer && model.get("rows") !== "layers" ? ` at ${layer}` : "";
  const target = model.get("target");
  const name = typeof target === "number" ? (model.get("_class_names")[target] ?? target) : "";
  const of = { predicted: "the prediction", label: "the true label" };
  const explained = typeof target === "number" ? `'${name}'` : of[target];
  const what = model.get("rows") === "classes" ? "" : ` of ${explained}`;
  return `${methods.map(({ label }) => label).join(", ")}${what}${at}`;
}
