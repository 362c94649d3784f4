import { type Bytes, bytesOf, gridOf } from "../pixels/decode";

/** A channel and what it adds to a class. */
export interface Channel {
  readonly number: number;
  readonly weight: number;
  /** The activation's mean over the grid. */
  readonly mean: number;
  /** Weight x mean, over the sum of the absolute values of all; in [-1, 1]. */
  readonly share: number;
}

export type Order = "share" | "mean" | "number";

/** The terms of Grad-CAM's sum, one a channel, as `ChannelTerms.shares` in Python has them. */
export function channelsOf(weights: ArrayLike<number>, means: ArrayLike<number>): Channel[] {
  const terms = Float64Array.from(weights, (weight, k) => weight * (means[k] as number));
  const whole = terms.reduce((sum, term) => sum + Math.abs(term), 0);
  return Array.from(terms, (term, number) => ({
    number,
    weight: weights[number] as number,
    mean: means[number] as number,
    share: whole > 0 ? term / whole : 0,
  }));
}

/** The greatest first, of equal ones in the order of the layer; or in that order. */
export function ordered(channels: readonly Channel[], order: Order): Channel[] {
  const sorted = [...channels];
  return order === "number" ? sorted : sorted.sort((one, other) => other[order] - one[order]);
}

/** The few that speak most for a class, the strongest first; or most against it. */
export function strongest(channels: readonly Channel[], sign: 1 | -1, most: number): Channel[] {
  const speaking = ordered(channels, "share").filter(({ share }) => sign * share > 0);
  return sign > 0 ? speaking.slice(0, most) : speaking.reverse().slice(0, most);
}

/** Little-endian `float32`, wherever the bytes lie. */
export function floatsOf(data: Bytes): Float32Array {
  const { buffer, byteOffset, byteLength } = bytesOf(data);
  const view = new DataView(buffer, byteOffset, byteLength);
  return Float32Array.from({ length: byteLength >> 2 }, (_, i) => view.getFloat32(4 * i, true));
}

/** The bytes of one channel's grid, without a copy. */
export function gridOfChannel(
  data: Bytes,
  shape: readonly [channels: number, height: number, width: number],
  channel: number,
): Uint8Array<ArrayBuffer> {
  const cells = shape[1] * shape[2];
  return gridOf(data, shape).subarray(channel * cells, (channel + 1) * cells);
}

/** A share as people read it: `+4.1 %`, `−0.3 %`. */
export function shareText(share: number): string {
  const percent = Math.abs(100 * share);
  if (percent === 0) return "0 %";
  const digits = percent < 0.1 ? "<0.1" : percent.toFixed(1);
  return `${share < 0 ? "−" : "+"}${digits} %`;
}
