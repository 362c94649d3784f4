import type { AnyModel } from "@anywidget/types";
import type { Layer } from "../controls/layer_choice";
import type { MessageTraits } from "../controls/messages";
import { choose } from "../controls/model";
import type { Reading } from "../controls/reading_choice";
import type { StripTraits } from "../explainer/picture_strip";
import type { Method, Picture } from "../explainer/traits";
import type { Blend } from "../pixels/colour";
import type { Bytes } from "../pixels/decode";

export type Tool = "brush" | "eraser" | "rectangle" | "ellipse";

/** A class before and after something was hidden; what fills its bars is 0 to 1. */
export interface Moved {
  readonly index: number;
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** Both, as people read them. */
  readonly text: string;
  readonly moved: string;
}

export interface Answer {
  readonly rows: readonly Moved[];
  readonly target: number;
  /** Whether what moved is told in percentage points. */
  readonly in_points: boolean;
}

export interface Challenge {
  readonly verdict: string;
  /** The probability of the whole picture. */
  readonly start: number;
  /** How much is hidden; null while there is nothing to compare. */
  readonly hidden: string | null;
  readonly rivals: readonly {
    readonly name: string;
    readonly after: number | null;
    readonly text: string;
  }[];
  readonly best: string | null;
}

export interface Attempt {
  readonly position: number;
  readonly picture: Bytes;
  readonly label: string;
  readonly sentence: string;
}

/** What a button asks for: its number, its name, and what it is about. */
export type Wish = readonly [number: number, action: string, ...about: number[]];

/** Sent to Python as soon as they change. */
export interface Choices {
  image_index: number;
  fill: string;
  target: number | null;
  method: string | null;
  layer: string | null;
  opacity: number;
  blend: Blend;
  colormap: string;
  fraction: number;
  tool: Tool;
  /** A share of the picture's shorter side. */
  size: number;
  goal: number | null;
  _wanted: readonly Wish[];
}

/** Set by Python, read here. */
export interface Shown
  extends MessageTraits,
    Pick<StripTraits, "_images" | "_thumbnails" | "_thumbnails_wanted" | "_thumbnail_window"> {
  answer: Answer | null;
  challenge: Challenge | null;
  /** The newest first. */
  history: readonly Attempt[];
  /** ipycanvas's widget; null on a page without a kernel. */
  _canvas: string | null;
  _picture: Picture | null;
  /** Map and strokes as a PNG of the picture's size. */
  _covering: Bytes | null;
  _steps: readonly [canUndo: boolean, canRedo: boolean];
  _reading: Reading;
  _class_names: readonly string[];
  _methods: readonly Method[];
  _layers: readonly Layer[];
  _colormaps: Readonly<Record<string, Bytes>>;
}

export interface Traits extends Choices, Shown {}

export type Model = AnyModel<Traits>;

// Those before are done, or lost with their kernel.
const wishesKept = 8;

/** Ask for something; what was asked for just before and is still on its way stays. */
export function wish(model: Model, action: string, ...about: number[]): void {
  const asked = model.get("_wanted");
  const number = 1 + Math.max(0, ...asked.map(([number]) => number));
  choose(model, { _wanted: [...asked.slice(-wishesKept), [number, action, ...about]] });
}
