import type { Traits } from "../../src/brush/traits";
import type { Bytes } from "../../src/pixels/decode";

export const bytes = (...values: number[]): Bytes => new DataView(new Uint8Array(values).buffer);

/** What a brush opens with, before anything is hidden. */
export function brushTraits(): Traits {
  const row = { before: 0.9, after: 0.9, text: "90.0% → 90.0%", moved: "0.0" };
  return {
    image_index: 0,
    fill: "mean",
    target: null,
    method: null,
    layer: "stage2",
    opacity: 0.5,
    blend: "by heat",
    colormap: "gray",
    fraction: 0.1,
    tool: "brush",
    size: 0.06,
    goal: null,
    _wanted: [],
    answer: {
      rows: [
        { ...row, index: 3, name: "cat" },
        { ...row, index: 5, name: "dog" },
      ],
      target: 3,
      in_points: true,
    },
    challenge: null,
    history: [],
    _canvas: "IPY_MODEL_canvas1",
    _picture: { data: bytes(20, 30, 7), size: [20, 30], index: 0, name: "cat" },
    _covering: null,
    _steps: [false, false],
    _images: [{ name: "cat" }, { name: "dog" }],
    _thumbnails: [],
    _reading: {
      activation: "softmax",
      choices: ["softmax"],
      has_winner: true,
      why: "",
      tells_areas: false,
      finds_boxes: false,
      can_ask: true,
    },
    _class_names: ["a", "b", "c", "cat", "d", "dog"],
    _methods: [
      { name: "grad_cam", label: "Grad-CAM", uses_layer: true, options: [] },
      { name: "saliency", label: "Saliency", uses_layer: false, options: [] },
    ],
    _layers: [
      { name: "stage1", shape: [8, 4, 4] },
      { name: "stage2", shape: [16, 2, 2] },
    ],
    _colormaps: { gray: bytes(...Array.from({ length: 768 }, (_, i) => Math.floor(i / 3))) },
    status: "cat, 0.0% hidden: cat 90.0% to 90.0%",
    error: "",
    note: "",
    progress: null,
    _cancel: 0,
  };
}
