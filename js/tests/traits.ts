import type { AttributionMap, Picture, Traits } from "../src/explainer/traits";

/** Traits of a widget that has just been made and has nothing to show yet. */
export function emptyTraits(): Traits {
  return {
    image_index: 0,
    method: "grad_cam",
    layer: "layer4",
    target: null,
    patch: 32,
    stride: 16,
    activation: "softmax",
    _cancel: 0,
    _brush_wanted: 0,
    _brush: null,
    opacity: 0.5,
    threshold: 0,
    wipe: 1,
    colormap: "grey",
    display: "overlay",
    _images: [{ name: "cat.png" }],
    _thumbnails: [],
    _picture: null,
    _map: null,
    predictions: [],
    _class_names: [],
    _methods: [
      { name: "grad_cam", label: "Grad-CAM", uses_layer: true, options: [] },
      { name: "saliency", label: "Saliency", uses_layer: false, options: [] },
      { name: "occlusion", label: "Occlusion", uses_layer: false, options: ["patch", "stride"] },
    ],
    _layers: [
      { name: "layer1", shape: [64, 12, 8] },
      { name: "layer2", shape: [128, 6, 4] },
      { name: "layer4", shape: [512, 3, 2] },
    ],
    _colormaps: { grey: greyTable(), red: redTable() },
    _defaults: { method: "grad_cam", layer: "layer4", target: null, opacity: 0.5, threshold: 0 },
    status: "",
    error: "",
    _opening_error: "",
    note: "",
    progress: null,
  };
}

/** Traits of a widget that shows a map of 3 x 2 over a picture of 6 x 4. */
export function filledTraits(): Traits {
  return {
    ...emptyTraits(),
    _picture: picture(0),
    _map: map(0),
    _class_names: ["tench", "goldfish", "tabby", "tiger cat", "Egyptian cat", "lynx", "espresso"],
    predictions: [
      { index: 4, name: "Egyptian cat", probability: 0.7 },
      { index: 2, name: "tabby", probability: 0.2 },
      { index: 3, name: "tiger cat", probability: 0.05 },
      { index: 5, name: "lynx", probability: 0.02 },
      { index: 1, name: "goldfish", probability: 0.0004 },
    ],
    status: "Grad-CAM of 'Egyptian cat' at layer4, 12 ms",
  };
}

/** A picture of one grey level, in the format of `platform.ts`. */
export function picture(index: number, grey = 100, size: [number, number] = [6, 4]): Picture {
  const bytes = new Uint8Array([...size, grey]);
  return { data: new DataView(bytes.buffer), size, index, name: `picture-${index}.png` };
}

export function map(imageIndex: number, changes: Partial<AttributionMap> = {}): AttributionMap {
  return {
    data: new DataView(new Uint8Array([0, 255, 0, 255, 0, 255]).buffer),
    shape: [3, 2],
    range: [-1, 3],
    size: [6, 4],
    method: "grad_cam",
    layer: "layer4",
    target: { index: 4, name: "Egyptian cat", probability: 0.7 },
    image_index: imageIndex,
    ...changes,
  };
}

function greyTable(): DataView {
  return new DataView(Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)).buffer);
}

function redTable(): DataView {
  return new DataView(Uint8Array.from({ length: 768 }, (_, i) => (i % 3 === 0 ? 255 : 0)).buffer);
}
