import type { AttributionMap, Model, Picture, Traits } from "../src/explainer/traits";
import type { Grid } from "../src/pixels/heatmap";

const size = [224, 224] as const;
const names = [
  "Egyptian cat",
  "tabby",
  "tiger cat",
  "lynx",
  "Persian cat",
  "espresso",
  "tripod",
  "moped",
  "<img src=x onerror=alert(1)>",
  "cougar, puma, catamount, mountain lion, painter, panther, Felis concolor",
];
export const classNames = Array.from(
  { length: 1000 },
  (_, i) => names[i - 281] ?? `made-up class ${i}`,
);
export const layers = [
  { name: "conv_stem", shape: [32, 112, 112] },
  ...[16, 24, 40, 80, 112, 192, 320].map((c, i) => ({
    name: `blocks.${i}`,
    shape: [c, 112 >> Math.min(4, i), 112 >> Math.min(4, i)],
  })),
  { name: "conv_head", shape: [1280, 7, 7] },
];

/** Everything a widget needs, drawn and computed here: a picture of blobs and maps around them. */
export async function madeUpTraits(pictures: number): Promise<Traits> {
  const first = await madeUpPicture(0);
  const thumbnails = await Promise.all(
    Array.from({ length: Math.min(pictures, 100) }, async (_, i) => (await madeUpPicture(i)).data),
  );
  return {
    image_index: 0,
    method: "grad_cam",
    layer: "conv_head",
    target: null,
    patch: 32,
    stride: 16,
    activation: "softmax",
    _cancel: 0,
    _brush: null,
    _brush_wanted: 0,
    opacity: 0.5,
    blend: "by heat",
    threshold: 0,
    wipe: 1,
    colormap: "viridis",
    display: "overlay",
    _images: Array.from({ length: pictures }, (_, i) => ({ name: `made-up-${i}.png` })),
    _thumbnails: thumbnails,
    _picture: first,
    _map: madeUpMap(0, "grad_cam", "conv_head", 281),
    predictions: predictions(0),
    _class_names: classNames,
    _methods: [
      { name: "grad_cam", label: "Grad-CAM", uses_layer: true, options: [] },
      { name: "guided_grad_cam", label: "Guided Grad-CAM", uses_layer: true, options: [] },
      { name: "guided_backprop", label: "Guided backpropagation", uses_layer: false, options: [] },
      { name: "saliency", label: "Saliency", uses_layer: false, options: [] },
      { name: "occlusion", label: "Occlusion", uses_layer: false, options: ["patch", "stride"] },
    ],
    _layers: layers,
    _colormaps: { viridis: ramp(viridis), magma: ramp(magma), gray: ramp([0x000000, 0xffffff]) },
    _defaults: {
      method: "grad_cam",
      layer: "conv_head",
      target: null,
      opacity: 0.5,
      threshold: 0,
      colormap: "viridis",
      display: "overlay",
    },
    status: "Grad-CAM of 'Egyptian cat' at conv_head, 12 ms",
    error: "",
    _opening_error: "",
    note: "",
    progress: null,
  };
}

export const scenes: Readonly<Record<string, Partial<Traits>>> = {
  error: {
    error:
      "target 1500 is out of range: this model has 1000 classes, 0 to 999. Choose one of these, or null for the predicted class.",
  },
  progress: { method: "occlusion", progress: 0.42, status: "Occlusion: 83 of 196 windows" },
  note: {
    method: "guided_backprop",
    note: "This model has no ReLU: guided backpropagation is the plain gradient.",
  },
  other: { target: 290 },
  three: { display: "side_by_side" },
  heatmap: { display: "heatmap", threshold: 0.35 },
  loading: { _picture: null, _map: null, predictions: [], status: "" },
};

/** What Python would do after a choice. */
export async function answer(model: Model): Promise<void> {
  const index = model.get("image_index");
  const picture = await madeUpPicture(index);
  const method = model.get("_methods").find(({ name }) => name === model.get("method"));
  const layer = method?.uses_layer ? model.get("layer") : null;
  const target = model.get("target") ?? predictions(index)[0]?.index ?? 0;
  if (index !== model.get("_picture")?.index) model.set("_picture", picture);
  model.set("predictions", predictions(index));
  model.set("_map", madeUpMap(index, model.get("method"), layer, target));
  model.set("status", `${method?.label} of '${classNames[target]}'${layer ? ` at ${layer}` : ""}`);
}

function predictions(index: number) {
  return [0.769, 0.124, 0.061, 0.012, 0.0004].map((probability, i) => {
    const found = 281 + ((i + index) % 8);
    return { index: found, name: classNames[found] ?? "", probability };
  });
}

export async function madeUpPicture(index: number): Promise<Picture> {
  const [height, width] = size;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  const sky = context.createLinearGradient(0, 0, width, height);
  sky.addColorStop(0, `hsl(${index * 47} 30% 78%)`);
  sky.addColorStop(1, `hsl(${index * 47 + 60} 25% 42%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  for (let i = 0; i < 14; i++) {
    context.fillStyle = `hsl(${index * 47 + i * 31} 45% ${30 + ((i * 13) % 40)}%)`;
    context.beginPath();
    context.arc((i * 83 + index * 31) % width, (i * 57) % height, 8 + ((i * 7) % 26), 0, 7);
    context.fill();
  }
  const blob = await canvas.convertToBlob();
  const data = new DataView(await blob.arrayBuffer());
  return { data, size, index, name: `made-up-${index}.png` };
}

export function madeUpMap(
  index: number,
  method: string,
  layer: string | null,
  target: number,
): AttributionMap & Grid {
  const shape = layers.find(({ name }) => name === layer)?.shape ?? [3, 112, 112];
  const [, height = 7, width = 7] = shape;
  const [cy, cx] = [0.35 + (target % 5) * 0.07, 0.4 + (index % 4) * 0.1];
  const grid = Uint8Array.from({ length: height * width }, (_, i) => {
    const y = (Math.floor(i / width) + 0.5) / height - cy;
    const x = ((i % width) + 0.5) / width - cx;
    return 255 * Math.exp(-9 * (x * x + y * y)) * (0.85 + 0.15 * Math.sin(i));
  });
  return {
    data: new DataView(grid.buffer),
    shape: [height, width],
    range: [0, 0.0418],
    size,
    method,
    layer,
    target: { index: target, name: classNames[target] ?? "", probability: 0.769 },
    image_index: index,
  };
}

export const viridis = [0x440154, 0x3b528b, 0x21918c, 0x5ec962, 0xfde725];
export const magma = [0x000004, 0x51127c, 0xb73779, 0xfc8961, 0xfcfdbf];

export function ramp(stops: readonly number[]): DataView {
  const table = Uint8Array.from({ length: 768 }, (_, i) => {
    const at = (Math.floor(i / 3) / 255) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    const byte = (stop: number | undefined) => ((stop ?? 0) >> (8 * (2 - (i % 3)))) & 255;
    return byte(stops[low]) + (at - low) * (byte(stops[low + 1]) - byte(stops[low]));
  });
  return new DataView(table.buffer);
}
