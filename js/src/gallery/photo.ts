import { element } from "../controls/element";
import type { Pixels } from "../pixels/picture";

export interface Photo {
  readonly element: HTMLElement;
  paint(pixels: Pixels, label: string): void;
  clear(label: string): void;
}

/** A picture as it is, in the same frame as the tiles beside it. */
export function photo(): Photo {
  const canvas = element("canvas", { role: "img", "data-xcnn": "picture", width: 0, height: 0 });
  const frame = element("div", { class: "xcnn-frame" }, canvas);
  let drawn: Pixels | null = null;
  const clear = (label: string) => {
    if (canvas.width !== 0) canvas.width = 0;
    if (canvas.height !== 0) canvas.height = 0;
    canvas.setAttribute("aria-label", label);
    drawn = null;
  };
  clear("Nothing here yet");
  return {
    element: frame,
    clear,
    paint(pixels, label) {
      canvas.setAttribute("aria-label", label);
      if (drawn === pixels) return;
      const [height, width] = pixels.size;
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      const data = new ImageData(new Uint8ClampedArray(pixels.rgba), width, height);
      canvas.getContext("2d")?.putImageData(data, 0, 0);
      frame.classList.toggle("xcnn-coarse", Math.max(height, width) < 100);
      drawn = pixels;
    },
  };
}
