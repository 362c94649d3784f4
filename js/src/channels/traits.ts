import type { Prediction } from "../controls/prediction";
import type { AttributionMap } from "../explainer/traits";
import type { Bytes, Size } from "../pixels/decode";

/** The activations of a layer's channels: small grids of bytes, each between its own two ends. */
export interface ChannelLayer {
  readonly layer: string;
  readonly image_index: number;
  readonly shape: readonly [channels: number, height: number, width: number];
  /** The side of the squares of cells of which only the mean is told; 1 where all are told. */
  readonly averaged: number;
  readonly size: Size;
  readonly data: Bytes;
  /** Little-endian `float32`, one value a channel. */
  readonly low: Bytes;
  readonly high: Bytes;
  readonly mean: Bytes;
}

/** What a class thinks of each channel of a layer. */
export interface ChannelWeights {
  readonly layer: string;
  readonly image_index: number;
  readonly target: Prediction;
  readonly data: Bytes;
}

/** The network without some channels. */
export interface ChannelsAfter {
  readonly layer: string;
  readonly image_index: number;
  readonly off: readonly number[];
  readonly before: AttributionMap;
  readonly after: AttributionMap;
  /** The class explained first. */
  readonly changes: readonly { readonly before: Prediction; readonly after: Prediction }[];
}

export interface ChannelPicture {
  readonly image_index: number;
  readonly name: string;
  readonly value: number;
  /** Whether any pixel moves the answer. */
  readonly depends: boolean;
  readonly data: Bytes;
  /** Top, left, height and width in the picture. */
  readonly box: readonly number[];
  /** The same of the cell of the grid, in what is shown. */
  readonly cell: readonly number[];
}

export interface ChannelPictures {
  readonly layer: string;
  readonly channel: number;
  readonly progress: number | null;
  readonly seen: number;
  readonly count: number;
  readonly told: string;
  readonly tiles: readonly ChannelPicture[];
}

/** None of them is told by widgets that were saved before there was the panel. */
export interface ChannelTraits {
  channels_open?: boolean;
  channels_off?: readonly number[];
  _channel_layer?: ChannelLayer | null;
  _channel_weights?: ChannelWeights | null;
  _channels_after?: ChannelsAfter | null;
  _channel_wanted?: readonly number[];
  _channel_cancel?: number;
  _channel_pictures?: ChannelPictures | null;
}
