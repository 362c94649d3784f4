import { choiceSelect } from "./choice_select";
import type { Control } from "./control";
import { element, setText, uniqueId } from "./element";

export interface Layer {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the module; not told by widgets that were saved before it was. */
  readonly kind?: string;
}

interface Shown {
  readonly layers: readonly Layer[];
  readonly layer: string | null;
  /** Why no layer can be chosen now, empty when one can. */
  readonly unused: string;
}

/** A layer by name from a dropdown or by depth with a slider; the two always agree. */
export function layerChoice(choose: (layer: string) => void, signal: AbortSignal): Control<Shown> {
  const select = choiceSelect({ label: "Layer", hook: "layer", choose, signal });
  const [id, aboutId] = [uniqueId("depth"), uniqueId("depth-about")];
  const slider = element("input", {
    id,
    type: "range",
    min: 0,
    step: 1,
    "data-xcnn": "depth",
    "aria-describedby": aboutId,
  });
  const about = element("p", { id: aboutId, class: "xcnn-hint" });
  let layers: readonly Layer[] = [];
  let current: string | null = null;
  slider.addEventListener(
    "input",
    () => {
      const chosen = layers[slider.valueAsNumber];
      if (chosen && chosen.name !== current) choose(chosen.name);
    },
    { signal },
  );
  return {
    element: element(
      "div",
      { class: "xcnn-layer" },
      select.element,
      element("div", { class: "xcnn-row" }, element("label", { for: id }, "Depth"), slider),
      about,
    ),
    show(shown) {
      layers = shown.layers;
      current = shown.layer;
      const disabled = shown.unused !== "" || layers.length === 0;
      const depth = layers.findIndex((layer) => layer.name === current);
      select.show({
        choices: layers.map((layer) => ({ value: layer.name, label: layerLabel(layer) })),
        value: current,
        disabled,
      });
      slider.max = String(Math.max(0, layers.length - 1));
      slider.value = String(Math.max(0, depth));
      slider.disabled = disabled || layers.length === 1;
      const description = describe(layers, depth);
      slider.setAttribute("aria-valuetext", description || "no layer");
      setText(about, shown.unused || description || "No layer is chosen.");
    },
  };
}

/** Its name, its kind and its place: `7 · Conv2d 32 × 8 × 8`. */
export function layerLabel({ name, kind, shape }: Layer): string {
  return kind ? `${name} · ${kind} ${shape.join(" × ")}` : name;
}

function describe(layers: readonly Layer[], depth: number): string {
  const layer = layers[depth];
  if (!layer) return layers.length === 0 ? "This model offers no layer." : "";
  return `${layer.name}: ${layer.shape.join(" × ")}, layer ${depth + 1} of ${layers.length}`;
}
