import type { AnyModel } from "@anywidget/types";
import type { Offer } from "../atlas/offer";
import type { ChannelTraits } from "../channels/traits";
import type { AboutMethod } from "../controls/about_method";
import type { Display } from "../controls/display_radios";
import type { Layer } from "../controls/layer_choice";
import type { Prediction } from "../controls/prediction";
import type { Activation, Reading } from "../controls/reading_choice";
import type { Blend } from "../pixels/colour";
import type { Bytes } from "../pixels/decode";
import type { Grid } from "../pixels/heatmap";
import { type Parts, paintable, type Style, type Styled, settled } from "../pixels/styles";
import type { TrustTraits } from "../trust/traits";
import type { ModelTraits } from "./beside/traits";
import type { Marks } from "./marks";

export { choose, follow } from "../controls/model";

export interface Method extends Styled, AboutMethod {
  readonly uses_layer: boolean;
  readonly options: readonly ("patch" | "stride")[];
}

/** What the sides of an input are: those of a picture, of a signal, or of a volume. */
export type Sides = readonly number[];

export interface Picture {
  readonly data: Bytes;
  readonly size: Sides;
  /** Of a volume, how many of its slices stand side by side in the one picture that is sent. */
  readonly columns?: number;
  /** Of a signal, the channels whose values are sent. */
  readonly lines?: readonly number[];
  /** What the model found in it. */
  readonly marks?: Marks;
  readonly index: number;
  readonly name: string;
}

/** An attribution with all that is needed to say what it shows. */
export interface AttributionMap extends Omit<Grid, "shape" | "size">, Parts {
  readonly shape: Sides;
  readonly size: Sides;
  readonly method: string;
  readonly layer: string | null;
  readonly target: Prediction;
  readonly image_index: number;
}

/** Sent to Python as soon as they change. */
export interface Choices {
  image_index: number;
  method: string;
  layer: string | null;
  target: number | null;
  patch: number;
  stride: number;
  activation: Activation;
  /** The pixel that is explained, of a model that gives each one a class. */
  pixel?: readonly [row: number, column: number] | null;
  /** The class that the class explained is held against. */
  rather_than?: number | null;
  /** How the map is painted; null is the method's usual way. Not told by widgets saved before there were several. */
  painted?: Style | null;
  _cancel: number;
}

/** Kept in the browser; they travel with the next choice. */
export interface Look {
  opacity: number;
  /** Not told by widgets that were saved when every overlay was even. */
  blend?: Blend;
  threshold: number;
  /** Not told by widgets saved before there was a threshold by share. */
  top_share?: number;
  wipe: number;
  colormap: string;
  display: Display;
  /** Whether what the model found is drawn; not told by widgets that were saved before it was. */
  outlines?: boolean;
  /** Of a volume; not told by widgets that were saved before volumes were shown. */
  slice?: number;
}

/** Set by Python, read here. */
export interface Shown {
  _images: readonly { readonly name: string }[];
  _thumbnails: readonly (Bytes | null)[];
  /** Of many pictures: those in sight, from the first to before the last. */
  _thumbnails_wanted?: readonly number[];
  /** What was wanted last; null for a picture that cannot be read. */
  _thumbnail_window?: {
    readonly first?: number;
    readonly files?: readonly (Bytes | null)[];
  };
  _picture: Picture | null;
  _map: AttributionMap | null;
  predictions: readonly Prediction[];
  _class_names: readonly string[];
  /** Not told by widgets that were saved before there were readings. */
  _reading?: Reading;
  /** What a page without a kernel can answer; only told there. */
  _offer?: Offer;
  _methods: readonly Method[];
  _layers: readonly Layer[];
  /** The colours of positive and negative. */
  _diverging?: Bytes;
  _colormaps: Readonly<Record<string, Bytes>>;
  _defaults: Partial<Choices & Look>;
  status: string;
  error: string;
  /** The error that says that another picture was chosen than was asked for: what is shown is chosen. */
  _opening_error: string;
  note: string;
  progress: number | null;
  /** Whether the work under way shows an estimate, which stays when it is stopped. */
  _keeps_estimate?: boolean;
  /** Told by a gallery that has labels. */
  _true_label?: { readonly name: string; readonly right: boolean | null } | null;
}

/** The brush on the same picture. */
export interface Hiding {
  /** Its model's name; null before it is asked for. */
  _brush: string | null;
  /** One more each time it is asked for. */
  _brush_wanted: number;
}

export interface Traits
  extends Choices,
    Look,
    Shown,
    Hiding,
    ChannelTraits,
    TrustTraits,
    ModelTraits {}

export type Model = AnyModel<Traits>;

export function currentMethod(model: Model): Method | undefined {
  return model.get("_methods").find((method) => method.name === model.get("method"));
}

/** The ways in which the map that is there can be painted, and the one that is. */
export function offeredStyles(model: Model): readonly Style[] {
  const map = model.get("_map");
  const method = model.get("_methods").find(({ name }) => name === map?.method);
  return comparable(model, paintable(method, map));
}

/** Two models' maps share a range of heat and are subtracted: painted otherwise they could not be compared. */
export function comparable(model: Model, styles: readonly Style[]): readonly Style[] {
  if (!model.get("_beside")) return styles;
  return styles.filter((style) => style === "heat" || style === "contours");
}

export function drawnStyle(model: Model): Style {
  return settled(model.get("painted"), offeredStyles(model));
}
