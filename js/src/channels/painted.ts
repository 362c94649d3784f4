import { element, setText } from "../controls/element";
import type { Picture } from "../explainer/traits";
import type { Blend, ColourTable } from "../pixels/colour";
import { overlayPixels } from "../pixels/compose";
import type { Size } from "../pixels/decode";
import { decoded, type Pixels } from "../pixels/picture";
import { resizeBilinear } from "../pixels/resize";

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A map in true values at the picture's size. */
export interface TrueMap extends Range {
  readonly values: Float32Array;
}

/** From a grid of bytes between two values to true values at a size. */
export function trueMap(
  bytes: ArrayLike<number>,
  shape: Size,
  [low, high]: readonly [number, number],
  size: Size,
): TrueMap {
  const values = resizeBilinear(bytes, shape, size);
  const found = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < values.length; i++) {
    const value = low + ((values[i] as number) / 255) * (high - low);
    values[i] = value;
    if (value < found.low) found.low = value;
    if (value > found.high) found.high = value;
  }
  return { values, ...found };
}

export interface MapFigure {
  readonly element: HTMLElement;
  /** Paint a map between two values over a picture, and say what it is. */
  paint(picture: Picture, map: TrueMap, range: Range, look: PaintedLook, said: string): void;
}

export interface PaintedLook {
  readonly opacity: number;
  readonly blend: Blend;
  readonly table: ColourTable;
}

/** A picture with a map over it, under a caption. */
export function mapFigure(hook: string): MapFigure {
  const canvas = element("canvas", { role: "img", "data-xcnn": hook, "aria-label": "" });
  const caption = element("figcaption", {});
  let latest = {};
  return {
    element: element("figure", { class: "xcnn-map-figure" }, canvas, caption),
    paint(picture, map, { low, high }, look, said) {
      const mine = {};
      latest = mine;
      canvas.setAttribute("aria-label", said);
      setText(caption, said);
      const draw = (pixels: Pixels) => {
        const [height, width] = pixels.size;
        if (latest !== mine || map.values.length !== height * width) return;
        if (canvas.width !== width) canvas.width = width;
        if (canvas.height !== height) canvas.height = height;
        const spread = high - low;
        const shares = map.values.map((value) => (spread > 0 ? (value - low) / spread : 0));
        const painted = overlayPixels(pixels.rgba, shares, { ...look, threshold: 0 });
        const data = new ImageData(painted, width, height);
        canvas.getContext("2d")?.putImageData(data, 0, 0);
      };
      const pixels = decoded(picture.data);
      // What cannot be decoded is told by the stage.
      if (pixels instanceof Promise) pixels.then(draw, () => undefined);
      else draw(pixels);
    },
  };
}
