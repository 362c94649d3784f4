import type { Row, RowMap, RowTrait, Traits } from "../../src/gallery/traits";
import { rowTraits } from "../../src/gallery/traits";
import { filledTraits, picture } from "../traits";

const { _class_names, _colormaps, _layers } = filledTraits();

/** Traits of a gallery whose page of three pictures is announced, with none of its rows there. */
export function announcedTraits(): Traits {
  const rows = Object.fromEntries(rowTraits.map((trait) => [trait, null]));
  return {
    ...(rows as Record<RowTrait, null>),
    rows: "pictures",
    image_index: 0,
    layer: "layer4",
    target: "predicted",
    methods: ["grad_cam", "saliency"],
    page: 1,
    page_size: 3,
    order: "given",
    show: "all",
    show_class: null,
    show_text: "",
    selected: null,
    activation: "softmax",
    _cancel: 0,
    display: "overlay",
    opacity: 0.5,
    colormap: "grey",
    common_range: false,
    _page: { generation: 7, rows: 3, page: 1, pages: 4, matches: 11, total: 20 },
    _methods: [
      { name: "grad_cam", label: "Grad-CAM", uses_layer: true },
      { name: "guided_grad_cam", label: "Guided Grad-CAM", uses_layer: true },
      { name: "saliency", label: "Saliency", uses_layer: false },
    ],
    _layers,
    _class_names,
    _colormaps,
    _has_labels: true,
    _images: { total: 20 },
    _defaults: { opacity: 0.5, order: "given", page: 0 },
    status: "",
    error: "",
    note: "",
    progress: null,
  };
}

/** The same with its rows: the pictures 3, 4 and 5. */
export function pageTraits(): Traits {
  return { ...announcedTraits(), _row_0: row(3), _row_1: row(4), _row_2: row(5) };
}

/** A row of a picture of 6 x 4, grey level 100. */
export function row(index: number, changes: Partial<Row> = {}): Row {
  return {
    generation: 7,
    index,
    name: `picture-${index}.png`,
    picture: picture(index).data,
    size: [6, 4],
    label: "tabby",
    right: index % 2 === 0,
    prediction: { index: 4, name: "Egyptian cat", probability: 0.7 },
    title: "",
    disagreement: 0.25,
    maps: { grad_cam: rowMap(), saliency: rowMap({ layer: null }) },
    error: "",
    ...changes,
  };
}

/** A map of 3 x 2 whose left column is -1 and whose right column is 3. */
export function rowMap(changes: Partial<RowMap> = {}): RowMap {
  return {
    data: new DataView(new Uint8Array([0, 255, 0, 255, 0, 255]).buffer),
    shape: [3, 2],
    range: [-1, 3],
    target: { index: 4, name: "Egyptian cat", probability: 0.7 },
    layer: "layer4",
    ...changes,
  };
}

/** The row of a picture that cannot be read. */
export function brokenRow(index: number, error: string): Row {
  return row(index, {
    picture: null,
    size: [1, 1],
    label: null,
    right: null,
    prediction: null,
    disagreement: null,
    maps: {},
    error,
  });
}
