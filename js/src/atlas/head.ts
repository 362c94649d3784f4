import { type Bytes, bytesOf } from "../pixels/decode";
import { halvesOf } from "../pixels/halves";
import { type Encoding, unpacked } from "./packing";

/**
 * A network that ends in a mean over the grid and one linear layer: its weights `(classes, channels)`
 * as bytes with a scale for each class, and what the layer before returned for each picture.
 */
export interface Head {
  readonly version: number;
  readonly method: string;
  readonly layer: string;
  /** What turns scores into what people read. */
  readonly read: "softmax" | "sigmoid" | "none";
  readonly shape: readonly [classes: number, channels: number];
  readonly data: Bytes;
  readonly encoding: Encoding;
  /** `float32`, one a class. */
  readonly scales: Bytes;
  readonly pictures: readonly HeadPicture[];
}

export interface HeadPicture {
  readonly image_index: number;
  /** Of the picture. */
  readonly size: readonly number[];
  /** Channels, then the sides of the grid. */
  readonly shape: readonly number[];
  /** The activation as `float16`, to be multiplied by `scale`. */
  readonly data: Bytes;
  readonly encoding: Encoding;
  readonly scale: number;
  /** `float32`, one a class. */
  readonly scores: Bytes;
  /** What a reader has to know of the picture. */
  readonly note: string;
}

/** A head with one picture, unpacked. */
export interface OpenHead {
  readonly head: Head;
  readonly picture: HeadPicture;
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  /** `(channels, cells)`, row by row. */
  readonly activation: Float32Array;
  readonly cells: number;
}

/** One class, or why it is rather than another one. */
export interface Asked {
  readonly target: number;
  readonly ratherThan?: number | undefined;
}

const knownVersion = 1;

/** Whether this page can read a head, and answer every class of a picture with it. */
export function pictureOf(head: Head | undefined, imageIndex: number): HeadPicture | undefined {
  if (head?.version !== knownVersion) return undefined;
  return head.pictures.find((picture) => picture.image_index === imageIndex);
}

const opened = new WeakMap<HeadPicture, Promise<OpenHead>>();

/** Unpacked once, and the same object from then on. */
export function openHead(head: Head, picture: HeadPicture): Promise<OpenHead> {
  const known = opened.get(picture) ?? open(head, picture);
  opened.set(picture, known);
  return known;
}

async function open(head: Head, picture: HeadPicture): Promise<OpenHead> {
  const [weights, halves] = await Promise.all([unpacked(head), unpacked(picture)]);
  const activation = halvesOf(halves).map((value) => value * picture.scale);
  const cells = picture.shape.slice(1).reduce((product, side) => product * side, 1);
  const [classes, channels] = head.shape;
  if (weights.length !== classes * channels || activation.length !== channels * cells) {
    throw new RangeError(`${weights.length} weights do not fit ${head.shape.join(" x ")}`);
  }
  const signed = new Int8Array(weights.buffer, weights.byteOffset, weights.byteLength);
  return { head, picture, weights: signed, scales: floats(head.scales), activation, cells };
}

/** Grad-CAM's channel weights: the mean gradient of what is asked at each channel. */
export function weightsOf({ head, weights, scales, cells }: OpenHead, asked: Asked): Float32Array {
  const channels = head.shape[1];
  const row = (index: number, channel: number) =>
    ((weights[index * channels + channel] ?? 0) * (scales[index] ?? 0)) / cells;
  const { target, ratherThan } = asked;
  return Float32Array.from({ length: channels }, (_, channel) =>
    ratherThan === undefined
      ? row(target, channel)
      : row(target, channel) - row(ratherThan, channel),
  );
}

/** Grad-CAM `relu(sum_c w_c A_c)`, one value a cell. */
export function gradCam(open: OpenHead, asked: Asked): Float32Array {
  const { activation, cells } = open;
  const sums = new Float64Array(cells);
  for (const [channel, weight] of weightsOf(open, asked).entries()) {
    if (weight === 0) continue;
    for (let cell = 0; cell < cells; cell++) {
      sums[cell] = (sums[cell] as number) + weight * (activation[channel * cells + cell] as number);
    }
  }
  return Float32Array.from(sums, (sum) => Math.max(0, sum));
}

/** The terms of Grad-CAM's sum, as `xw.channel_terms` tells them. */
export interface Terms {
  readonly weights: Float32Array;
  /** Of each channel's activation over the grid. */
  readonly means: Float32Array;
  /** Weight x mean, of the sum of all their absolute values; 0 where there is nothing. */
  readonly shares: Float32Array;
  /** A channel's own term, signed, one value a cell. */
  map(channel: number): Float32Array;
}

export function channelTerms(open: OpenHead, asked: Asked): Terms {
  const { activation, cells } = open;
  const weights = weightsOf(open, asked);
  const grid = (channel: number) => activation.subarray(channel * cells, (channel + 1) * cells);
  const means = weights.map((_, channel) => grid(channel).reduce((sum, a) => sum + a, 0) / cells);
  const terms = weights.map((weight, channel) => weight * (means[channel] ?? 0));
  const whole = terms.reduce((sum, term) => sum + Math.abs(term), 0);
  return {
    weights,
    means,
    shares: terms.map((term) => (whole > 0 ? term / whole : 0)),
    map: (channel) => grid(channel).map((a) => a * (weights[channel] ?? 0)),
  };
}

/** The scores of all classes, as the model gave them. */
export function scoresOf(picture: HeadPicture): Float32Array {
  return floats(picture.scores);
}

/** Scores as people read them. */
export function readScores(scores: Float32Array, read: Head["read"]): Float32Array {
  if (read === "none") return scores;
  if (read === "sigmoid") return scores.map((score) => 1 / (1 + Math.exp(-score)));
  const most = scores.reduce((high, score) => Math.max(high, score), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

function floats(data: Bytes): Float32Array {
  // A view may begin anywhere, an array of floats may not.
  return new Float32Array(bytesOf(data).slice().buffer);
}

/** How far a cell of a map is off because weights were rounded: the standard deviation, at the worst cell. */
export function rounding({ activation, scales, cells }: OpenHead, asked: Asked): number {
  const squares = new Float64Array(cells);
  for (const [i, a] of activation.entries()) {
    squares[i % cells] = (squares[i % cells] as number) + a * a;
  }
  const steps = [asked.target, asked.ratherThan].map((index) => scales[index ?? -1] ?? 0);
  const step = Math.hypot(...steps) / cells;
  return step * Math.sqrt(squares.reduce((most, sum) => Math.max(most, sum), 0) / 12);
}
