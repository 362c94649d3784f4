import type { Model, Page, Row, RowMap, RowTrait, Traits } from "../src/gallery/traits";
import { rowTraits } from "../src/gallery/traits";
import { classNames, layers, madeUpMap, madeUpPicture, magma, ramp, viridis } from "./made_up";

const size = [224, 224] as const;
const methods = [
  { name: "grad_cam", label: "Grad-CAM", uses_layer: true },
  { name: "guided_grad_cam", label: "Guided Grad-CAM", uses_layer: true },
  { name: "guided_backprop", label: "Guided backpropagation", uses_layer: false },
  { name: "saliency", label: "Saliency", uses_layer: false },
];

/** Everything a gallery needs, computed here; as many of its rows there as are asked for. */
export async function galleryTraits(total: number, changes: Partial<Traits>): Promise<Traits> {
  const traits: Omit<Traits, RowTrait> = {
    rows: "pictures",
    image_index: 0,
    layer: "conv_head",
    target: "predicted",
    methods: ["grad_cam", "guided_grad_cam"],
    page: 0,
    page_size: 10,
    order: "given",
    show: "all",
    show_class: null,
    show_text: "",
    selected: null,
    activation: "softmax",
    _cancel: 0,
    display: "overlay",
    opacity: 0.5,
    blend: "by heat",
    colormap: "viridis",
    common_range: false,
    _page: { generation: 0, rows: 0, page: 0, pages: 1, matches: 0, total },
    _methods: methods,
    _layers: layers,
    _class_names: classNames,
    _colormaps: { viridis: ramp(viridis), magma: ramp(magma), gray: ramp([0x000000, 0xffffff]) },
    _has_labels: true,
    _images: { total },
    _defaults: {
      rows: "pictures",
      opacity: 0.5,
      page: 0,
      methods: ["grad_cam", "guided_grad_cam"],
    },
    status: "10 pictures explained in 1.4 s",
    error: "",
    note: "",
    progress: null,
    ...changes,
  };
  const empty = Object.fromEntries(rowTraits.map((trait) => [trait, null]));
  const full = { ...traits, ...empty } as unknown as Traits;
  return { ...full, ...(await pageOf(full, Number.POSITIVE_INFINITY)) } as Traits;
}

export const scenes: Readonly<Record<string, { traits?: Partial<Traits>; there?: number }>> = {
  common: { traits: { common_range: true } },
  heatmap: { traits: { display: "heatmap", colormap: "magma" } },
  four: { traits: { methods: methods.map(({ name }) => name), common_range: true } },
  layers: { traits: { rows: "layers", target: 285 } },
  classes: { traits: { rows: "classes", common_range: true } },
  class: { traits: { target: 290, selected: 1, show_class: 285, order: "disagreement" } },
  loading: {
    traits: { progress: 0.2, status: "Explained 2 of 10, about 6 s left" },
    there: 2,
  },
  plain_data: { traits: { _has_labels: false, methods: ["grad_cam"] } },
  nothing: {
    traits: { show_text: "dog", _page: { ...noPage(), total: 48 }, status: "" },
    there: 0,
  },
  failed: {
    traits: {
      error: "layer 'layer9' is not in this model; it has 'conv_stem', 'blocks.0' and 7 more.",
      note: "Batches of 8: there was no memory for 32.",
    },
  },
};

/** What Python would announce and send after a choice. */
export async function pageOf(traits: Traits, there: number): Promise<Partial<Traits>> {
  const { rows: kind, page, page_size: most } = traits;
  const total = traits._images.total;
  const matches = kind === "pictures" ? total : kind === "layers" ? layers.length : 5;
  const rows = Math.max(0, Math.min(most, matches - page * most));
  const announced: Page = {
    generation: (traits._page?.generation ?? 0) + 1,
    rows,
    page,
    pages: Math.ceil(matches / most),
    matches,
    total,
  };
  const made = await Promise.all(
    rowTraits
      .slice(0, Math.min(there, rows))
      .map(async (trait, place): Promise<[RowTrait, Row]> => {
        return [trait, await rowOf(traits, page * most + place, announced.generation)];
      }),
  );
  return { _page: announced, ...Object.fromEntries(made) };
}

export async function answer(model: Model, traits: Traits): Promise<void> {
  const now = { ...traits };
  for (const name of Object.keys(traits) as (keyof Traits)[]) {
    Object.assign(now, { [name]: model.get(name) });
  }
  for (const [name, value] of Object.entries(await pageOf(now, Number.POSITIVE_INFINITY))) {
    model.set(name as RowTrait, value as Row);
  }
}

async function rowOf(traits: Traits, place: number, generation: number): Promise<Row> {
  const pictures = traits.rows === "pictures";
  const index = pictures ? place : traits.image_index;
  const picture = await madeUpPicture(index);
  const predicted = 281 + (index % 8);
  const target = typeof traits.target === "number" ? traits.target : predicted;
  const explained = traits.rows === "classes" ? 281 + place : target;
  const layer = traits.rows === "layers" ? (layers[place]?.name ?? "") : traits.layer;
  const probability = [0.769, 0.124, 0.061, 0.012, 0.0004][place % 5] ?? 0;
  const broken = pictures && index === 3;
  const title = {
    pictures: "",
    layers: `${layer}: ${layers[place]?.shape.join(" × ")}`,
    classes: `${classNames[explained]} ${(100 * probability).toFixed(1)}%`,
  }[traits.rows];
  return {
    generation,
    index,
    name: index === 4 ? "a/folder/with a name that is rather long <b>bold</b>.png" : picture.name,
    picture: broken || (!pictures && place > 0) ? null : picture.data,
    size: broken ? null : size,
    label: traits._has_labels ? (classNames[index % 3 === 1 ? 285 : predicted] ?? null) : null,
    right: traits._has_labels ? index % 3 !== 1 || predicted === 285 : null,
    prediction: broken ? null : prediction(predicted, 0.95 - 0.07 * (index % 11)),
    title,
    disagreement: broken || traits.methods.length < 2 ? null : (index * 0.37 + place * 0.11) % 1.4,
    maps: broken
      ? null
      : Object.fromEntries(
          traits.methods.map((method) => [method, mapOf(index, method, layer, explained)]),
        ),
    error: broken
      ? `'${picture.name}' is not a picture that can be read: cannot identify image file. Look at gallery.failures.`
      : "",
  };
}

function prediction(index: number, probability: number) {
  return { index, name: classNames[index] ?? "", probability };
}

function mapOf(index: number, method: string, layer: string | null, target: number): RowMap {
  const fine = method !== "grad_cam";
  const made = madeUpMap(index, method, fine ? null : layer, target);
  return { ...made, range: [0, 0.0418 / (1 + (index % 4))], layer: fine ? null : layer };
}

function noPage(): Page {
  return { generation: 0, rows: 0, page: 0, pages: 0, matches: 0, total: 0 };
}
