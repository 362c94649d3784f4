import { blendSwitch } from "../controls/blend_switch";
import { choiceSelect } from "../controls/choice_select";
import { colormapSelect } from "../controls/colormap_select";
import { element } from "../controls/element";
import { group } from "../controls/group";
import { layerChoice } from "../controls/layer_choice";
import { lookSlider } from "../controls/look_slider";
import { choose, follow } from "../controls/model";
import { colourTable } from "../pixels/colour";
import { type Model, wish } from "./traits";

const fills = { mean: "Mean colour", blur: "Blur", noise: "Noise", black: "Black" };

/** How wide the brush is, and what stands in for what is hidden. */
export function brushGroup(model: Model, signal: AbortSignal): HTMLElement {
  const size = lookSlider({
    label: "Size",
    hook: "size",
    change: (value) => choose(model, { size: value }),
    signal,
  });
  const fill = choiceSelect({
    label: "Fill with",
    hook: "fill",
    choose: (value) => choose(model, { fill: value }),
    signal,
  });
  const choices = Object.entries(fills).map(([value, label]) => ({ value, label }));
  follow(
    model,
    ["size", "fill"],
    () => {
      const value = model.get("size");
      const range = { min: Math.min(0.01, value), max: Math.max(0.5, value) };
      size.show({ value, disabled: false, ...range });
      fill.show({ choices, value: model.get("fill") });
    },
    signal,
  );
  return group("Brush", size.element, fill.element);
}

/** The heatmap under the strokes, and painting what it says. */
export function heatmapGroup(model: Model, signal: AbortSignal): HTMLElement {
  const method = choiceSelect({
    label: "Method",
    hook: "method",
    choose: (value) => choose(model, { method: value || null }),
    signal,
  });
  const layer = layerChoice((value) => choose(model, { layer: value }), signal);
  const opacity = lookSlider({
    label: "Opacity",
    hook: "opacity",
    change: (value) => choose(model, { opacity: value }),
    signal,
  });
  const blend = blendSwitch((value) => choose(model, { blend: value }), signal);
  const colormap = colormapSelect((value) => choose(model, { colormap: value }), signal);
  const share = lookSlider({
    label: "Share",
    hook: "fraction",
    change: (value) => choose(model, { fraction: value }),
    signal,
  });
  const paint = element(
    "button",
    {
      type: "button",
      title: "Hide the share of the picture that the heatmap values most",
      "data-xcnn": "paint-map",
    },
    "Paint what the map says",
  );
  paint.addEventListener("click", () => wish(model, "paint_map"), { signal });
  follow(
    model,
    [
      "method",
      "_methods",
      "layer",
      "_layers",
      "opacity",
      "blend",
      "colormap",
      "_colormaps",
      "fraction",
    ],
    () => {
      const name = model.get("method");
      const methods = model.get("_methods");
      const shown = methods.find((each) => each.name === name);
      const offered = methods.map((each) => ({ value: each.name, label: each.label }));
      method.show({ choices: [{ value: "", label: "None" }, ...offered], value: name ?? "" });
      layer.element.hidden = model.get("_layers").length === 0;
      layer.show({
        layers: model.get("_layers"),
        layer: model.get("layer"),
        unused: shown && !shown.uses_layer ? `${shown.label} uses no layer.` : "",
      });
      opacity.show({ value: model.get("opacity"), disabled: !shown });
      blend.show({ blend: model.get("blend"), disabled: !shown });
      const tables = model.get("_colormaps");
      const colours = model.get("colormap");
      colormap.show({
        names: Object.keys(tables),
        name: colours,
        table: colourTable(tables[colours]),
        disabled: !shown,
      });
      const value = model.get("fraction");
      const range = { min: Math.min(0.01, value), max: Math.max(0.5, value) };
      share.show({ value, disabled: false, ...range });
    },
    signal,
  );
  return group(
    "Heatmap",
    method.element,
    layer.element,
    opacity.element,
    blend.element,
    colormap.element,
    share.element,
    paint,
  );
}
