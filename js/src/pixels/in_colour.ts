import type { Blend } from "./colour";

type Rgba = Uint8ClampedArray<ArrayBuffer>;

/** An attribution in colour: RGBA around mid-grey, and how far each pixel is from it, in [0, 1]. */
export interface InColour {
  readonly rgba: Rgba;
  readonly strengths: Float32Array;
}

/** From the bytes of one channel, shown in grey, or of three. */
export function coloursOf(bytes: Uint8Array, channels: number): InColour {
  const pixels = bytes.length / channels;
  const rgba = new Uint8ClampedArray(4 * pixels);
  const strengths = new Float32Array(pixels);
  for (let at = 0; at < pixels; at++) {
    let farthest = 0;
    for (let channel = 0; channel < 3; channel++) {
      const level = bytes[at * channels + (channels === 3 ? channel : 0)] as number;
      rgba[4 * at + channel] = level;
      farthest = Math.max(farthest, Math.abs(level - 127.5));
    }
    rgba[4 * at + 3] = 255;
    strengths[at] = farthest / 127.5;
  }
  return { rgba, strengths };
}

/** The colours over a picture, or without one alone, mid-grey below the threshold. */
export function colourPixels(
  picture: Uint8ClampedArray | null,
  { rgba, strengths }: InColour,
  look: { readonly opacity: number; readonly blend: Blend; readonly threshold: number },
  out: Rgba,
): Rgba {
  const threshold = Math.fround(look.threshold);
  const byHeat = look.blend === "by heat";
  for (let at = 0; at < strengths.length; at++) {
    const strength = strengths[at] as number;
    const share = !picture ? 1 : look.opacity * (byHeat ? strength : 1);
    const alpha = strength >= threshold ? share : 0;
    for (let i = 4 * at; i < 4 * at + 3; i++) {
      const below = picture ? (picture[i] as number) : 128;
      out[i] = below * (1 - alpha) + (rgba[i] as number) * alpha;
    }
    out[4 * at + 3] = 255;
  }
  return out;
}
