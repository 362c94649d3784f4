import type { AnyModel } from "@anywidget/types";
import type { AboutMethod } from "../controls/about_method";
import type { Layer } from "../controls/layer_choice";
import type { MessageTraits } from "../controls/messages";
import type { Prediction } from "../controls/prediction";
import type { Activation, Reading } from "../controls/reading_choice";
import type { Blend } from "../pixels/colour";
import type { Bytes, Size } from "../pixels/decode";
import type { Parts, Style, Styled } from "../pixels/styles";
import type { Distributions, Groups, RangeChoices } from "./ranges";

/** What a row is: a picture, or one picture by layer, or one picture by its likeliest classes. */
export type Rows = "pictures" | "layers" | "classes";
/** What can be measured of a map without any annotation. */
export type Metric = "deletion" | "insertion" | "road" | "randomisation";

/** What metrics say of a picture's maps, by method; `null` where it could not be measured. */
export type Numbers = Readonly<Partial<Record<Metric, Readonly<Record<string, number | null>>>>>;

/** What metrics say of all pictures: for each method and metric mean, low and high. */
export interface Trust {
  readonly methods: readonly string[];
  readonly metrics: readonly Metric[];
  readonly pictures: number;
  readonly left_out: number;
  readonly intervals: readonly (readonly (readonly number[])[])[];
  readonly sentences: readonly string[];
  /** Of several models the one whose maps were measured. */
  readonly model?: string;
}

export type Order =
  | "given"
  | "confidence"
  | "least_confident"
  | "wrong"
  | "disagreement"
  | "changed"
  | "value_change"
  | "map_change"
  | Metric;
export type Show = "all" | "wrong" | "right" | "fixed" | "broken";

export interface Method extends Styled, AboutMethod {
  readonly uses_layer: boolean;
}

/** A column of maps: those of a method, of several models those of one. */
export interface Column extends Method {
  /** The model, where there are several; empty for the first. */
  readonly model: string;
}

/** What another model says of a picture. */
export interface Beside {
  readonly model: string;
  readonly prediction: Prediction | null;
  readonly others?: readonly Prediction[];
  readonly right: boolean | null;
  /** The class of the picture's label, by its own index; not told by galleries saved before it mattered. */
  readonly label?: number | null;
  /** Why it says nothing. */
  readonly error: string;
  /** Why its maps are not held against those of the first model. */
  readonly why?: string;
  /** Why it has no map of what is explained. */
  readonly why_no_maps?: string;
  /** Where it is given another picture. */
  readonly picture?: Bytes;
  readonly size?: Size;
}

/** One attribution: a small grid where byte 0 means `range[0]` and 255 `range[1]`. */
export interface RowMap extends Parts {
  readonly data: Bytes;
  readonly shape: Size;
  readonly range: readonly [low: number, high: number];
  /** The class explained; what is said of it is not always known. */
  readonly target: Prediction;
  readonly layer: string | null;
  /** The layer of another model that is held against it, where it has another name. */
  readonly own_layer?: string | null;
}

export interface Row {
  /** The page that it belongs to; a row of another page is not drawn. */
  readonly generation: number;
  readonly index: number;
  readonly name: string;
  /** `null` where the picture is that of another row. */
  readonly picture: Bytes | null;
  readonly size: Size | null;
  readonly label: string | null;
  readonly right: boolean | null;
  readonly prediction: Prediction | null;
  /** Other labels that hold, where each does by itself. */
  readonly others?: readonly Prediction[];
  /** What the row is about where it is not a picture: a layer or a class. */
  readonly title: string;
  readonly disagreement: number | null;
  readonly maps: Readonly<Record<string, RowMap>> | null;
  /** Why there is neither picture nor map, empty when there is. */
  readonly error: string;
  /** The first model, where there are several, and what the others say. */
  readonly model?: string;
  readonly beside?: readonly Beside[];
  /** Whether the last model names another class first. */
  readonly changed?: boolean | null;
  /** How far the maps of the first and the last model disagree, of the first method. */
  readonly map_change?: number | null;
  /** Which of the groups of pictures with like maps it belongs to, where there are any. */
  readonly group?: number | null;
}

export interface Page {
  readonly generation: number;
  readonly rows: number;
  readonly page: number;
  readonly pages: number;
  readonly matches: number;
  readonly total: number;
}

/** Sent to Python as soon as they change. */
export interface Choices extends RangeChoices {
  rows: Rows;
  image_index: number;
  layer: string | null;
  target: "predicted" | "label" | number;
  methods: readonly string[];
  page: number;
  page_size: number;
  /** Those that have a column; not told by galleries that were saved before there were any. */
  metrics?: readonly Metric[];
  order: Order;
  show: Show;
  show_class: number | null;
  /** Not told by galleries that were saved before there was this filter. */
  show_label?: number | null;
  show_text: string;
  /** Of several models the one that is read; not told by galleries saved before it could be chosen. */
  model?: string | null;
  selected: number | null;
  activation: Activation;
  _cancel: number;
}

/** Kept in the browser; they travel with the next choice. The last three were not always told. */
export interface Look {
  display: "overlay" | "heatmap";
  /** How maps are painted; null is each method's usual way. Not told by galleries saved before there were several. */
  painted?: Style | null;
  opacity: number;
  /** Not told by galleries that were saved when every overlay was even. */
  blend?: Blend;
  colormap: string;
  common_range: boolean;
  arrangement?: "rows" | "grid";
  /** The method of the grid's tiles; that of the first column where it has none of its own. */
  tile_method?: string | null;
  controls_open?: boolean;
}

/** How many pictures have a label and a prediction. */
export type Confused = readonly [label: number, predicted: number, count: number];

/** How well the model does on all pictures. */
export interface Summary {
  readonly pictures: number;
  readonly right: number;
  readonly wrong: number;
  readonly unlabelled: number;
  readonly unread: number;
  readonly confusion: readonly Confused[];
  readonly distributions?: Distributions;
  readonly model?: string;
  readonly beside?: readonly Summary[];
  readonly changes?: { readonly changed: number; readonly fixed: number; readonly broken: number };
}

/** What is asked for by a counter that grows, and what came of it. */
export interface Asked {
  _summary?: Summary | null;
  _summary_wanted?: number;
  _trust?: Trust | null;
  _trust_wanted?: number;
  /** The model of the explorer below the gallery. */
  _explorer?: string | null;
  _explorer_wanted?: number;
}

/** Set by Python, read here. */
export interface Shown extends Omit<MessageTraits, "_cancel"> {
  [row: RowTrait]: Row | null;
  _page: Page | null;
  _methods: readonly Method[];
  _layers: readonly Layer[];
  _class_names: readonly string[];
  /** Not told by galleries that were saved before there were readings. */
  _reading?: Reading;
  /** The colours of positive and negative. */
  _diverging?: Bytes;
  _colormaps: Readonly<Record<string, Bytes>>;
  _has_labels: boolean;
  /** The names of the models, where there are several. */
  _models?: readonly string[];
  /** The class names of those that have other ones than the first. */
  _names_of?: Readonly<Record<string, readonly string[]>>;
  _images: { readonly total: number };
  _defaults: Partial<Choices & Look>;
  _groups?: Groups;
  /** By the picture's index. */
  _numbers?: Readonly<Record<string, Numbers>>;
  /** The classes of which maps are saved, those of most pictures first; only told by pages. */
  _classes_offered?: readonly number[];
  /** The metrics that are saved; only told by pages and by results of a data set. */
  _metrics_offered?: readonly Metric[] | null;
  /** Whether results of a data set were opened without their model: nothing that needs one is offered. */
  _asks_no_model?: boolean;
}

export type RowTrait = `_row_${number}`;

export interface Traits extends Choices, Look, Shown, Asked {}

export type Model = AnyModel<Traits>;

/** As many rows as a page may have. */
export const mostRows = 100;

export const rowTraits: readonly RowTrait[] = Array.from(
  { length: mostRows },
  (_, place): RowTrait => `_row_${place}`,
);

const noPage: Page = { generation: -1, rows: 0, page: 0, pages: 1, matches: 0, total: 0 };

/** The page announced, one without rows as long as there is none. */
export function pageOf(model: Model): Page {
  return model.get("_page") ?? noPage;
}

/** The rows of the page, those that are not there yet as `null`. */
export function rowsOf(model: Model): (Row | null)[] {
  const { rows, generation } = pageOf(model);
  const pictures = model.get("rows") === "pictures";
  return rowTraits.slice(0, rows).map((trait) => {
    const row = model.get(trait) ?? null;
    // after a change from pictures to layers, say, the old page stands until the new one is announced
    const fits = row && (row.error !== "" || pictures === (row.title === ""));
    return fits && row.generation === generation ? row : null;
  });
}

/** How many rows there are on the pages before. */
export function rowsBefore(model: Model): number {
  return model.get("rows") === "pictures" ? pageOf(model).page * model.get("page_size") : 0;
}

/** The methods that have a column, in the order of the columns. */
export function shownMethods(model: Model): Method[] {
  const known = model.get("_methods");
  return model
    .get("methods")
    .map(
      (name) =>
        known.find((method) => method.name === name) ?? { name, label: name, uses_layer: true },
    );
}

/** What the maps of a method are called where another model than the first made them. */
export function columnName(method: string, model: string): string {
  return `${method}@${model}`;
}

/** The columns: one for each method, of several models one for each method and model. */
export function shownColumns(model: Model): Column[] {
  const [first, ...others] = model.get("_models") ?? [];
  return shownMethods(model).flatMap((method): Column[] => {
    if (first === undefined) return [{ ...method, model: "" }];
    const labelled = (name: string) => `${method.label}, ${name}`;
    return [
      { ...method, label: labelled(first), model: "" },
      ...others.map((name) => ({
        ...method,
        name: columnName(method.name, name),
        label: labelled(name),
        model: name,
      })),
    ];
  });
}

/** The method whose maps the tiles of the grid show. */
export function tileMethod(model: Model): Column | undefined {
  const methods = shownColumns(model);
  return methods.find(({ name }) => name === model.get("tile_method")) ?? methods[0];
}
