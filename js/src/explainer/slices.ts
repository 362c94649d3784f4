import { element, setText, uniqueId } from "../controls/element";
import { type ColourTable, colourIndex } from "../pixels/colour";
import type { Slice } from "./shown_pair";

export interface SliceSlider {
  readonly element: HTMLElement;
  /** Nothing is there to choose of a picture or a signal. */
  show(slice: Slice | null, table: ColourTable): void;
}

/**
 * Which slice of a volume is seen: a slider with its own arrow keys, and over it how hot each slice is. On the
 * slice itself the arrow keys read values; there Page Up and Page Down go through the slices.
 */
export function sliceSlider(
  seen: HTMLElement,
  choose: (slice: number) => void,
  signal: AbortSignal,
): SliceSlider {
  const id = uniqueId("slice");
  const slider = element("input", {
    id,
    type: "range",
    min: 0,
    step: 1,
    "data-xcnn": "slice",
  });
  const output = element("output", { for: id, "aria-live": "off" });
  const heat = element("canvas", { class: "xcnn-peaks", height: 1, "aria-hidden": "true" });
  let shown: Slice | null = null;
  slider.addEventListener("input", () => choose(slider.valueAsNumber), { signal });
  seen.addEventListener(
    "keydown",
    (event) => {
      const step = { PageUp: -1, PageDown: 1 }[event.key];
      if (!step || !shown) return;
      event.preventDefault();
      event.stopPropagation();
      const place = Math.min(shown.depth - 1, Math.max(0, shown.place + step));
      if (place !== shown.place) choose(place);
    },
    { signal },
  );
  const row = element(
    "div",
    { class: "xcnn-slices", hidden: true },
    element("label", { for: id }, "Slice"),
    element("span", { class: "xcnn-track" }, heat, slider),
    output,
  );
  return {
    element: row,
    show(slice, table) {
      shown = slice;
      row.hidden = slice === null;
      if (!slice) return;
      const { place, depth, peaks } = slice;
      slider.max = String(depth - 1);
      if (slider.valueAsNumber !== place) slider.value = String(place);
      slider.disabled = depth === 1;
      const text = `${place + 1} of ${depth}`;
      slider.setAttribute("aria-valuetext", text);
      setText(output, text);
      heat.hidden = peaks === null;
      if (peaks) paintPeaks(heat, peaks, table);
    },
  };
}

function paintPeaks(canvas: HTMLCanvasElement, peaks: Float32Array, table: ColourTable): void {
  if (canvas.width !== peaks.length) canvas.width = peaks.length;
  const strip = new Uint8ClampedArray(4 * peaks.length);
  for (const [i, peak] of peaks.entries()) {
    const colour = 3 * colourIndex(peak);
    strip.set(table.subarray(colour, colour + 3), 4 * i);
    strip[4 * i + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(new ImageData(strip, peaks.length, 1), 0, 0);
}
