import { blendSwitch } from "../controls/blend_switch";
import { choiceSelect } from "../controls/choice_select";
import { colormapSelect } from "../controls/colormap_select";
import { displayRadios } from "../controls/display_radios";
import { element } from "../controls/element";
import { layerChoice } from "../controls/layer_choice";
import { lookSlider } from "../controls/look_slider";
import { choose, follow } from "../controls/model";
import { readingChoice, readingOf } from "../controls/reading_choice";
import { segments } from "../controls/segments";
import { stepper } from "../controls/stepper";
import { colourTable } from "../pixels/colour";
import { type Style, styleLabels } from "../pixels/styles";
import { controlsFold } from "./controls_fold";
import { folding, foldNarrow } from "./folding";
import { metricNames, metricsPanel } from "./measures";
import { methodBoxes } from "./method_boxes";
import { orders, plainOrders } from "./orders";
import { pictureFilter, titled } from "./picture_filter";
import { rangeChips } from "./range_chips";
import { rangeSwitch } from "./range_switch";
import { modelNames, readNames } from "./read_model";
import { targetChoice } from "./target_choice";
import {
  type Look,
  type Model,
  type Order,
  type Rows,
  rowsOf,
  shownColumns,
  shownMethods,
  tileMethod,
} from "./traits";

/** Everything that can be set, in quiet groups; what makes no sense now is not there. */
export function toolbar(model: Model, signal: AbortSignal): HTMLElement {
  const rows = segments({
    label: "Compare",
    hook: "rows",
    choices: [
      { value: "pictures", label: "Pictures" },
      { value: "layers", label: "Layers" },
      { value: "classes", label: "Classes" },
    ],
    choose: (value) => choose(model, { rows: value as Rows }),
    signal,
  });
  follow(
    model,
    ["rows", "_asks_no_model"],
    () => {
      rows.element.hidden = model.get("_asks_no_model") ?? false;
      rows.show(model.get("rows"));
    },
    signal,
  );
  const reset = element("button", { type: "button", "data-xcnn": "reset" }, "Reset");
  reset.addEventListener("click", () => choose(model, model.get("_defaults")), { signal });
  const arrangement = segments({
    label: "Arrangement",
    hook: "arrangement",
    choices: [
      { value: "rows", label: "Rows" },
      { value: "grid", label: "Grid" },
    ],
    choose: (value) => model.set("arrangement", value as "rows" | "grid"),
    signal,
  });
  follow(
    model,
    ["arrangement"],
    () => arrangement.show(model.get("arrangement") ?? "rows"),
    signal,
  );
  const panels = element(
    "div",
    { class: "xcnn-panels" },
    explainPanel(model, signal),
    targetPanel(model, signal),
    picturesPanel(model, signal),
    metricsPanel(model, signal),
    lookPanel(model, signal),
  );
  foldNarrow(panels, signal);
  return element(
    "div",
    { class: "xcnn-toolbar" },
    element("div", { class: "xcnn-topline" }, rows.element, arrangement.element, reset),
    controlsFold(model, panels, signal),
  );
}

/** The columns, the layer they look at, and the one picture where there is one. */
function explainPanel(model: Model, signal: AbortSignal): HTMLElement {
  const image = stepper({
    label: "Picture",
    hook: "image-index",
    previous: "image-previous",
    next: "image-next",
    change: (image_index) => choose(model, { image_index }),
    signal,
  });
  const methods = methodBoxes((names) => choose(model, { methods: names }), signal);
  const layer = layerChoice((name) => choose(model, { layer: name }), signal);
  const imageRow = titled("Picture", image.element);
  follow(
    model,
    ["rows", "_images", "image_index", "methods", "_methods", "layer", "_layers"],
    () => {
      const mode = model.get("rows");
      imageRow.hidden = mode === "pictures";
      image.show({ value: model.get("image_index"), count: model.get("_images").total });
      methods.show({ methods: model.get("_methods"), shown: model.get("methods") });
      layer.element.hidden = mode === "layers" || model.get("_layers").length === 0;
      layer.show({
        layers: model.get("_layers"),
        layer: model.get("layer"),
        unused: shownMethods(model).some((method) => method.uses_layer)
          ? ""
          : "No method shown uses a layer.",
      });
    },
    signal,
  );
  return folding("Explain", imageRow, methods.element, layer.element);
}

function targetPanel(model: Model, signal: AbortSignal): HTMLElement {
  const target = targetChoice((chosen) => choose(model, { target: chosen }), signal);
  const reading = readingChoice((activation) => choose(model, { activation }), signal);
  const panel = folding("Class explained", target.element, reading.element);
  follow(
    model,
    [
      "rows",
      "target",
      "_has_labels",
      "_class_names",
      "_classes_offered",
      "_asks_no_model",
      "_row_0",
      "_reading",
    ],
    () => {
      panel.hidden = model.get("rows") === "classes";
      const told = readingOf(model.get("_reading"));
      reading.show(told);
      target.show({
        target: model.get("target"),
        labels: model.get("_has_labels"),
        names: model.get("_class_names"),
        classes: model.get("_classes_offered") ?? null,
        hasWinner: told.has_winner,
        isFixed: model.get("_asks_no_model") ?? false,
        likeliest: rowsOf(model).find((row) => row?.prediction)?.prediction?.index ?? 0,
      });
    },
    signal,
  );
  return panel;
}

/** Which pictures there are to page through, and in which order. */
function picturesPanel(model: Model, signal: AbortSignal): HTMLElement {
  const order = choiceSelect({
    label: "Order",
    hook: "order",
    choose: (value) => choose(model, { order: value as Order }),
    signal,
  });
  const filter = pictureFilter((changes) => choose(model, changes), signal);
  const panel = folding("Pictures", order.element, filter.element, rangeChips(model, signal));
  follow(
    model,
    [
      "rows",
      "order",
      "methods",
      "metrics",
      "show",
      "show_class",
      "show_label",
      "show_text",
      "_has_labels",
      "_class_names",
      "_reading",
      "_models",
      "model",
      "_names_of",
    ],
    () => {
      panel.hidden = model.get("rows") !== "pictures";
      const plain = readingOf(model.get("_reading")).activation === "none";
      const labels = model.get("_has_labels") && !plain;
      const value = model.get("order");
      const one = modelNames(model).length === 0;
      const measured = model.get("metrics") ?? [];
      const useless: Partial<Record<Order, boolean>> = {
        wrong: !labels,
        disagreement: model.get("methods").length < 2,
        changed: one,
        value_change: one,
        map_change: one,
        ...Object.fromEntries(metricNames.map((name) => [name, !measured.includes(name)])),
      };
      order.show({
        choices: Object.entries(plain ? { ...orders, ...plainOrders } : orders)
          .filter(([name]) => name === value || !useless[name as Order])
          .map(([name, label]) => ({ value: name, label })),
        value,
      });
      filter.show({
        show: model.get("show"),
        show_class: model.get("show_class"),
        show_label: model.get("show_label") ?? null,
        show_text: model.get("show_text"),
        labels,
        several: !one,
        names: readNames(model),
      });
    },
    signal,
  );
  return panel;
}

/** What is changed in the browser alone: no message goes out. */
function lookPanel(model: Model, signal: AbortSignal): HTMLElement {
  const look = (name: keyof Look) => (value: Look[keyof Look]) => model.set(name, value);
  const display = displayRadios(look("display"), signal, ["overlay", "heatmap"]);
  const opacity = lookSlider({
    label: "Opacity",
    hook: "opacity",
    change: look("opacity"),
    signal,
  });
  const style = choiceSelect({
    label: "Painted",
    hook: "painted",
    choose: (name) => choose(model, { painted: name === "" ? null : (name as Style) }),
    signal,
  });
  follow(
    model,
    ["painted", "_methods", "_reading"],
    () => {
      const styles = new Set(model.get("_methods").flatMap((method) => method.styles ?? []));
      const named = (Object.keys(styleLabels) as Style[]).filter((name) => styles.has(name));
      style.show({
        choices: [
          { value: "", label: "As usual" },
          ...named.map((value) => ({ value, label: styleLabels[value] })),
        ],
        value: model.get("painted") ?? "",
      });
      style.element.hidden = named.length < 2 || !readingOf(model.get("_reading")).can_ask;
    },
    signal,
  );
  const blend = blendSwitch(look("blend"), signal);
  const colormap = colormapSelect(look("colormap"), signal);
  const common = rangeSwitch(look("common_range"), signal);
  const shown = choiceSelect({
    label: "Grid of",
    hook: "tile-method",
    choose: look("tile_method"),
    signal,
  });
  follow(
    model,
    ["arrangement", "methods", "_methods", "tile_method"],
    () => {
      const methods = shownColumns(model);
      shown.element.hidden = model.get("arrangement") !== "grid" || methods.length < 2;
      shown.show({
        choices: methods.map(({ name, label }) => ({ value: name, label })),
        value: tileMethod(model)?.name ?? null,
      });
    },
    signal,
  );
  follow(
    model,
    ["display", "opacity", "blend", "common_range"],
    () => {
      display.show(model.get("display"));
      opacity.show({ value: model.get("opacity"), disabled: false });
      opacity.element.hidden = blend.element.hidden = model.get("display") !== "overlay";
      blend.show({ blend: model.get("blend") ?? "even", disabled: false });
      common.show(model.get("common_range"));
    },
    signal,
  );
  follow(
    model,
    ["colormap", "_colormaps"],
    () => {
      const tables = model.get("_colormaps");
      const name = model.get("colormap");
      const names = Object.keys(tables);
      colormap.show({ names, name, table: colourTable(tables[name]), disabled: false });
    },
    signal,
  );
  return folding(
    "Look",
    shown.element,
    display.element,
    style.element,
    opacity.element,
    blend.element,
    colormap.element,
    common.element,
  );
}
