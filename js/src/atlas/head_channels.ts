import type { ChannelLayer, ChannelTraits } from "../channels/traits";
import type { Prediction } from "../controls/prediction";
import type { Size } from "../pixels/decode";
import { type Asked, type HeadPicture, type OpenHead, weightsOf } from "./head";

/** What the panel of a layer's channels shows of a class, made on the page. */
export function headChannels(
  open: OpenHead,
  asked: Asked,
  target: Prediction,
): Pick<ChannelTraits, "_channel_layer" | "_channel_weights"> {
  const { head, picture } = open;
  if (picture.shape.length !== 3) return {};
  return {
    _channel_layer: layerOf(open),
    _channel_weights: {
      layer: head.layer,
      image_index: picture.image_index,
      target,
      data: bytesOfFloats(weightsOf(open, asked)),
    },
  };
}

const kept = new WeakMap<HeadPicture, ChannelLayer>();

/** The grids of all channels, the same object for all classes: each as bytes between its own two ends. */
function layerOf({ head, picture, activation, cells }: OpenHead): ChannelLayer {
  const known = kept.get(picture);
  if (known) return known;
  const channels = head.shape[1];
  const data = new Uint8Array(activation.length);
  const [low, high, mean] = [0, 0, 0].map(() => new Float32Array(channels)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let channel = 0; channel < channels; channel++) {
    const first = channel * cells;
    const grid = activation.subarray(first, first + cells);
    const least = Math.min(...grid);
    const most = Math.max(...grid);
    const perUnit = most > least ? 255 / (most - least) : 0;
    data.set(
      grid.map((value) => Math.round((value - least) * perUnit)),
      first,
    );
    low[channel] = least;
    high[channel] = most;
    mean[channel] = grid.reduce((sum, value) => sum + value, 0) / cells;
  }
  const [, height = 0, width = 0] = picture.shape;
  const made: ChannelLayer = {
    layer: head.layer,
    image_index: picture.image_index,
    shape: [channels, height, width],
    averaged: 1,
    size: picture.size as Size,
    data,
    low: bytesOfFloats(low),
    high: bytesOfFloats(high),
    mean: bytesOfFloats(mean),
  };
  kept.set(picture, made);
  return made;
}

/** As they go over the wire, whatever the order of bytes here. */
function bytesOfFloats(values: Float32Array): DataView {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [at, value] of values.entries()) view.setFloat32(4 * at, value, true);
  return view;
}
