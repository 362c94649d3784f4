import { element, setText } from "../controls/element";
import type { Size } from "../pixels/decode";
import { type Paint, type PaintLook, painted as paintedPixels } from "../pixels/painting";
import { wiped, wipeEdge } from "../pixels/wipe";
import type { Pane } from "./describe";
import type { ShownPair } from "./shown_pair";

export interface PaneView {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  paint(pane: Pane, pair: PaintedPair, look: PaintedLook): void;
  /** Write something else above it than what is painted. */
  name(caption: string): void;
  /** Put the cross on a pixel, or take it away. */
  mark(at: Cursor | null): void;
  /** How many places there are to read. */
  size(): Size;
  /** What is shown, to be saved. */
  sheet(): HTMLCanvasElement;
}

export interface PaintedLook extends PaintLook {
  /** How much of the width the overlay covers, from the left. */
  readonly wipe: number;
}

/** What is shown, ready to be painted. */
export interface PaintedPair extends ShownPair {
  readonly paint: Paint | null;
}

export interface Cursor {
  readonly x: number;
  readonly y: number;
}

export const captions: Readonly<Record<Pane, string>> = {
  picture: "Picture",
  heatmap: "Heatmap",
  overlay: "Overlay",
};

/** One canvas with its caption and its cross. */
export function paneView(hintId: string): PaneView {
  const canvas = element("canvas", {
    role: "img",
    tabindex: 0,
    "data-xcnn": "canvas",
    "aria-label": "No picture yet",
    "aria-describedby": hintId,
  });
  const cross = element("span", { class: "xcnn-cross", hidden: true });
  const edge = element("span", { class: "xcnn-edge", hidden: true });
  const caption = element("figcaption", {});
  let painted = new Uint8ClampedArray(0);
  const frame = element("div", { class: "xcnn-canvas" }, canvas, edge, cross);
  return {
    element: element("figure", { class: "xcnn-pane" }, caption, frame),
    canvas,
    paint(pane, pair, look) {
      const [height, width] = pair.pixels.size;
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      canvas.dataset.pane = pane;
      frame.classList.toggle("xcnn-coarse", Math.max(height, width) < 100);
      setText(caption, captions[pane]);
      // One for all frames of a drag, or a megabyte a frame has to be collected.
      if (painted.length !== 4 * width * height)
        painted = new Uint8ClampedArray(4 * width * height);
      const data = new ImageData(pixelsOf(pane, pair, look, painted), width, height);
      canvas.getContext("2d")?.putImageData(data, 0, 0);
      const at = wipeEdge(look.wipe, width);
      edge.hidden = pane !== "overlay" || at === 0 || at === width;
      edge.style.left = `${(100 * at) / width}%`;
    },
    name: (text) => setText(caption, text),
    mark(at) {
      cross.hidden = at === null;
      if (!at) return;
      cross.style.left = `${(100 * (at.x + 0.5)) / canvas.width}%`;
      cross.style.top = `${(100 * (at.y + 0.5)) / canvas.height}%`;
    },
    size: () => [canvas.height, canvas.width],
    sheet: () => canvas,
  };
}

function pixelsOf(
  pane: Pane,
  { pixels, paint }: PaintedPair,
  look: PaintedLook,
  painted: Uint8ClampedArray<ArrayBuffer>,
) {
  if (pane === "picture" || (pane === "overlay" && !paint)) return pixels.rgba.slice();
  if (!paint) return new Uint8ClampedArray(pixels.rgba.length);
  const drawn = paintedPixels(pane, pixels.rgba, paint, look, painted);
  if (pane === "heatmap") return drawn;
  const width = pixels.size[1];
  return wiped(drawn, pixels.rgba, width, wipeEdge(look.wipe, width));
}
