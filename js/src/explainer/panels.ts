import { blendSwitch } from "../controls/blend_switch";
import { choiceSelect } from "../controls/choice_select";
import { classRadios } from "../controls/class_radios";
import { classSearch } from "../controls/class_search";
import { colormapSelect } from "../controls/colormap_select";
import { displayRadios } from "../controls/display_radios";
import { element } from "../controls/element";
import { group } from "../controls/group";
import { inPlace } from "../controls/in_place";
import { layerChoice } from "../controls/layer_choice";
import { lookSlider } from "../controls/look_slider";
import { methodChoice } from "../controls/method_choice";
import { pixelOption } from "../controls/pixel_option";
import type { Prediction } from "../controls/prediction";
import { followedIn, readingChoice, readingOf } from "../controls/reading_choice";
import { switchRow } from "../controls/switch_row";
import { colourTable } from "../pixels/colour";
import { type Style, styleLabels } from "../pixels/styles";
import { chooseStyle, reachableStyles } from "./style_choice";
import { choose, currentMethod, drawnStyle, follow, type Look, type Model } from "./traits";
import { trueLabel } from "./true_label";

/** Method, layer, and the method's own options. */
export function choicePanel(model: Model, signal: AbortSignal): HTMLElement {
  const method = methodChoice((name) => choose(model, { method: name }), signal);
  const layer = layerChoice((name) => choose(model, { layer: name }), signal);
  const options = (["patch", "stride"] as const).map((name) => ({
    name,
    control: pixelOption({
      label: name === "patch" ? "Patch" : "Stride",
      hook: name,
      change: (pixels) => choose(model, { [name]: pixels }),
      signal,
    }),
  }));
  follow(
    model,
    ["method", "_methods", "layer", "_layers", "patch", "stride", "_picture", "_offer"],
    () => {
      const current = currentMethod(model);
      method.show({ methods: model.get("_methods"), method: model.get("method") });
      layer.element.hidden = model.get("_layers").length === 0;
      layer.show({
        layers: model.get("_layers"),
        layer: model.get("layer"),
        unused: current && !current.uses_layer ? `${current.label} uses no layer.` : "",
      });
      const sides = model.get("_picture")?.size ?? [4096];
      // Of a volume a window may cover the shorter sides wholly.
      const max = sides.length === 3 ? Math.max(...sides) : Math.min(...sides);
      for (const { name, control } of options) {
        control.element.hidden = !current?.options.includes(name);
        control.show({ value: model.get(name), max, fixed: model.get("_offer")?.oneWindow });
      }
    },
    signal,
  );
  return group("Explain", method.element, layer.element, ...options.map((o) => o.control.element));
}

/** The top classes with what is said of them and how that is read, then a search over all of them. */
export function classPanel(model: Model, signal: AbortSignal): HTMLElement {
  const pick = (target: number | null) => choose(model, { target });
  const radios = classRadios(pick, signal);
  const search = classSearch(pick, signal);
  const reading = readingChoice((activation) => choose(model, { activation }), signal);
  const other = classSearch((rather_than) => choose(model, { rather_than }), signal, {
    hook: "rather-than",
    label: "Rather than another class",
    placeholder: "Rather than …",
  });
  follow(
    model,
    ["predictions", "target", "_class_names", "_map", "_reading", "_offer"],
    () => {
      const target = model.get("target");
      const mapped = model.get("_map")?.target;
      const name = target === null ? undefined : model.get("_class_names")[target];
      const said: Partial<Prediction> = mapped && mapped.index === target ? mapped : {};
      const told = readingOf(model.get("_reading"));
      radios.show({
        predictions: model.get("predictions"),
        target,
        other: target === null ? null : { ...said, name: name ?? said.name ?? `class ${target}` },
        followed: followedIn(told),
      });
      reading.show(told);
      const names = model.get("_class_names");
      const offer = model.get("_offer") ?? null;
      search.show(names);
      search.offer(offer);
      const listed = model.get("predictions").map(({ index }) => index);
      search.prefer(listed);
      other.prefer(listed);
      // Of one score there is nothing to search.
      const alone = offer
        ? offer.classes.every((index) => listed.includes(index))
        : names.length === 0 && listed.length < 2;
      search.element.hidden = told.finds_boxes || alone;
      other.show(names);
      other.offer(offer);
      const asks = told.can_ask || (offer?.contrasts ?? false);
      other.element.hidden = !asks || told.finds_boxes || names.length < 2;
    },
    signal,
  );
  return group(
    "Class",
    trueLabel(model, signal),
    radios.element,
    reading.element,
    search.element,
    other.element,
  );
}

/** What is changed in the browser alone: no message goes out. */
export function lookPanel(model: Model, signal: AbortSignal): HTMLElement {
  const look = (name: keyof Look) => (value: Look[keyof Look]) => model.set(name, value);
  const opacity = lookSlider({
    label: "Opacity",
    hook: "opacity",
    change: look("opacity"),
    signal,
  });
  const style = choiceSelect({
    label: "Painted",
    hook: "painted",
    choose: (name) => chooseStyle(model, name as Style),
    signal,
  });
  const blend = blendSwitch(look("blend"), signal);
  const top = lookSlider({
    label: "Hottest",
    hook: "top-share",
    change: look("top_share"),
    signal,
  });
  const threshold = lookSlider({
    label: "Threshold",
    hook: "threshold",
    change: look("threshold"),
    signal,
  });
  const wipe = lookSlider({ label: "Wipe", hook: "wipe", change: look("wipe"), signal });
  const colormap = colormapSelect(look("colormap"), signal);
  const outlines = switchRow({
    label: "Found",
    text: "Outlines",
    meaning: "On: the boxes or regions that the model found are drawn over the picture.",
    hook: "outlines",
    change: look("outlines"),
    signal,
  });
  // Above it, on a narrow page, the picture grows and shrinks.
  const display: ReturnType<typeof displayRadios> = displayRadios(
    (value) => inPlace(display.element, () => model.set("display", value)),
    signal,
  );
  follow(
    model,
    [
      "painted",
      "top_share",
      "_map",
      "_methods",
      "_reading",
      "_beside",
      "opacity",
      "blend",
      "threshold",
      "wipe",
      "colormap",
      "_colormaps",
      "display",
      "outlines",
      "_picture",
    ],
    () => {
      outlines.show(model.get("outlines") ?? true);
      outlines.element.hidden = !model.get("_picture")?.marks;
      const shown = model.get("display");
      const tables = model.get("_colormaps");
      const name = model.get("colormap");
      const blended = shown === "overlay" || shown === "side_by_side";
      opacity.show({ value: model.get("opacity"), disabled: !blended });
      blend.show({ blend: model.get("blend") ?? "even", disabled: !blended });
      const styles = reachableStyles(model);
      style.show({
        choices: styles.map((value) => ({ value, label: styleLabels[value] })),
        value: drawnStyle(model),
        disabled: shown === "picture",
      });
      style.element.hidden = styles.length < 2;
      const isDrawn = shown !== "picture" && drawnStyle(model) !== "contours";
      top.show({ value: model.get("top_share") ?? 1, disabled: !isDrawn, min: 0.01 });
      threshold.show({ value: model.get("threshold"), disabled: !isDrawn });
      wipe.show({ value: model.get("wipe"), disabled: !blended });
      colormap.show({
        names: Object.keys(tables),
        name,
        table: colourTable(tables[name]),
        disabled: shown === "picture" || !["heat", "contours"].includes(drawnStyle(model)),
      });
      display.show(shown);
    },
    signal,
  );
  return group(
    "Look",
    display.element,
    style.element,
    opacity.element,
    threshold.element,
    wipe.element,
    colormap.element,
    outlines.element,
    element(
      "details",
      { class: "xcnn-more" },
      element("summary", {}, "More"),
      blend.element,
      top.element,
    ),
  );
}
