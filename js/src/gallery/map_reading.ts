import { element, setText } from "../controls/element";
import { valueText } from "../controls/number_text";
import type { Heatmap } from "../pixels/heatmap";

/** The value under the pointer, also under a finger: a small sign in the corner of a map's frame. */
export function mapReading(
  canvas: HTMLCanvasElement,
  heatmapOf: () => Heatmap | null,
): HTMLElement {
  const sign = element("span", { class: "xcnn-value", "data-xcnn": "value", hidden: true });
  const read = ({ clientX, clientY }: MouseEvent) => {
    const heatmap = heatmapOf();
    const place = heatmap && placeIn(canvas, clientX, clientY);
    sign.hidden = !place;
    if (!heatmap || !place) return;
    const [row, column] = place;
    const share = heatmap.values[row * heatmap.size[1] + column] ?? 0;
    setText(sign, valueText(heatmap.low + share * (heatmap.high - heatmap.low)));
  };
  canvas.addEventListener("pointermove", read);
  canvas.addEventListener("click", read);
  canvas.addEventListener("pointerleave", (event) => {
    // A finger that is lifted leaves; what it read stays to be read.
    if (event.pointerType === "mouse") sign.hidden = true;
  });
  return sign;
}

/** The pixel under a point of the window; the picture is centred in its canvas. */
function placeIn(canvas: HTMLCanvasElement, x: number, y: number): [number, number] | null {
  const { width, height } = canvas;
  const box = canvas.getBoundingClientRect();
  const scale = Math.min(box.width / width, box.height / height);
  if (!(scale > 0)) return null;
  const column = Math.floor((x - box.left - (box.width - width * scale) / 2) / scale);
  const row = Math.floor((y - box.top - (box.height - height * scale) / 2) / scale);
  return row >= 0 && row < height && column >= 0 && column < width ? [row, column] : null;
}
