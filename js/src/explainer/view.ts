import { channelsPanel } from "../channels";
import { element, setText } from "../controls/element";
import { messages } from "../controls/messages";
import { trustPanel } from "../trust";
import { changesTable } from "./beside/changes";
import { modelPanel } from "./beside/model_panel";
import { choicePanel, classPanel, lookPanel } from "./panels";
import { pictureStrip } from "./picture_strip";
import { type Format, formats } from "./save/download";
import { stage } from "./stage";
import { choose, follow, type Model } from "./traits";

/** The whole widget: pictures above, what is seen on the left, what can be set on the right. */
export function explainerView(
  model: Model,
  brushButton: HTMLButtonElement,
  signal: AbortSignal,
): HTMLElement {
  const view = stage(model, signal);
  const layout = element(
    "div",
    { class: "xcnn-layout" },
    pictureStrip(model, signal),
    element(
      "div",
      { class: "xcnn-seen" },
      view.element,
      changesTable(model, signal),
      messages(model, signal),
    ),
    element(
      "div",
      { class: "xcnn-panel" },
      modelPanel(model, signal),
      choicePanel(model, signal),
      classPanel(model, signal),
      lookPanel(model, signal),
      savedHere(model, signal),
      actions(model, view.save, brushButton, signal),
    ),
  );
  follow(
    model,
    ["display", "_picture", "_beside"],
    () => {
      const isPair = Boolean(model.get("_beside"));
      layout.classList.toggle("xcnn-beside", isPair);
      layout.classList.toggle("xcnn-three", isPair || model.get("display") === "side_by_side");
      layout.classList.toggle("xcnn-signal", model.get("_picture")?.size.length === 1);
    },
    signal,
  );
  return element(
    "div",
    { class: "xcnn" },
    layout,
    channelsPanel(model, signal),
    trustPanel(model, signal),
  );
}

/** On a page without a kernel: how much of it is there, and what else a kernel would do. */
function savedHere(model: Model, signal: AbortSignal): HTMLElement {
  const line = element("p", { class: "xcnn-hint xcnn-saved", "data-xcnn": "saved" });
  const show = () => {
    const words = model.get("_offer")?.words ?? "";
    setText(line, words);
    line.hidden = words === "";
  };
  follow(model, ["_offer"], show, signal);
  return line;
}

const meanings: Readonly<Record<Format, string>> = {
  png: "What is shown, with its colour bar and a caption, at twice the size",
  svg: "The same, with words that can be edited",
  csv: "The map's values in their own unit, a row of numbers for each row of pixels",
};

function actions(
  model: Model,
  save: (format: Format) => Promise<void>,
  brushButton: HTMLButtonElement,
  signal: AbortSignal,
): HTMLElement {
  const reset = element("button", { type: "button", "data-xcnn": "reset" }, "Reset");
  const files = formats.map((format) => {
    const hook = format === "png" ? "save" : `save-${format}`;
    const label = { png: "Save PNG", svg: "SVG", csv: "CSV" }[format];
    const button = element(
      "button",
      { type: "button", "data-xcnn": hook, title: meanings[format] },
      label,
    );
    if (format !== "png") button.setAttribute("aria-label", `Save ${label}`);
    button.addEventListener("click", () => void save(format), { signal });
    return button;
  });
  reset.addEventListener("click", () => choose(model, model.get("_defaults")), { signal });
  follow(
    model,
    ["_picture"],
    () => {
      for (const button of files) button.disabled = model.get("_picture") === null;
    },
    signal,
  );
  return element(
    "div",
    { class: "xcnn-actions" },
    reset,
    element("span", { class: "xcnn-files", role: "group", "aria-label": "Save" }, ...files),
    brushButton,
  );
}
