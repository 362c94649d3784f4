import type { Prediction } from "../controls/prediction";
import type { Bytes } from "../pixels/decode";

/** By whose order pixels go: that of the map, of chance, of edges. */
export type Rival = "map" | "random" | "sobel";

/** The map of the network so far, the trained one's first, each between its own ends. */
export interface Randomised {
  /** Which layers are random. */
  readonly labels: readonly string[];
  readonly correlation: readonly number[];
  readonly shape: readonly [steps: number, height: number, width: number];
  readonly data: Bytes;
  /** At which share of its pixels a map of single pixels ends: those above look alike. */
  readonly clipped_at?: number | null;
  readonly stays_up: boolean;
  readonly sentence: string;
}

export type Curves = Readonly<Record<Rival, readonly number[]>>;

export interface Removed {
  readonly shares: readonly number[];
  readonly deletion: Curves;
  readonly insertion: Curves;
  readonly areas: Readonly<Record<"deletion" | "insertion", Readonly<Record<Rival, number>>>>;
  /** The step of deletion in which each pixel goes, 1 for the hottest. */
  readonly order: Bytes;
  readonly size: readonly [height: number, width: number];
  readonly is_probability: boolean;
  readonly sentence: string;
}

export interface Trust {
  /** Of several models the one that was asked. */
  readonly model?: string | null;
  readonly image_index: number;
  readonly method: string;
  readonly layer: string | null;
  readonly target: Prediction;
  readonly randomised: Randomised | null;
  readonly removed: Removed | null;
  readonly other: { readonly sentence: string } | null;
  /** Why a check does not fit, by its name. */
  readonly why: Readonly<Partial<Record<"randomised" | "removed" | "other", string>>>;
}

/** None of them is told by widgets that were saved before there was the panel. */
export interface TrustTraits {
  trust_open?: boolean;
  _trust?: Trust | null;
  _trust_progress?: number | null;
  _trust_wanted?: number;
  _trust_cancel?: number;
}
